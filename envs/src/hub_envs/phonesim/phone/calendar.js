"use strict";
// Calendar: {events: [{id, title, date, start, end, place, repeat}]}; an event begins and ends on the same day, and may come again.

const REPEATS = ["Never", "Every day", "Every week", "Every month", "Every year"];

function events() {
  return shell.store.calendar.events;
}

function occurs(event, date) {
  if (date <= event.date) return date === event.date;
  if (event.repeat === "Every week") return weekday(date) === weekday(event.date);
  if (event.repeat === "Every month") return date.slice(8) === event.date.slice(8);
  if (event.repeat === "Every year") return date.slice(5) === event.date.slice(5);
  return event.repeat === "Every day";
}

function eventLine(event, dated) {
  const when = `${dated ? `${shortDate(event.date)}, ` : ""}${event.start} to ${event.end}`;
  return row({
    title: event.title, detail: event.place ? `${when}, ${event.place}` : when, lead: h("span", { class: "stripe" }),
    press: () => push(eventPage(event)), options: () => menu(eventMenu(event)),
  });
}

function byStart(a, b) {
  return descending(`${b.date}${b.start}`, `${a.date}${a.start}`);
}

function monthPage() {
  let chosen = shell.now.slice(0, 10);
  let month = chosen.slice(0, 7);
  const mark = (date) => [date === chosen ? "selected" : "", date === shell.now.slice(0, 10) ? "today" : "", events().some((event) => occurs(event, date)) ? "busy" : ""].join(" ");
  return {
    title: "Calendar",
    actions: () => [iconButton("search", "Search events", () => push(eventSearch()))],
    action: { id: "new_event", label: "New event", press: () => push(eventForm({ title: "", date: chosen, start: "09:00", end: "10:00", place: "", repeat: "Never" })) },
    body: () => {
      const lines = events().filter((event) => occurs(event, chosen)).sort((a, b) => descending(b.start, a.start));
      return [
        monthLine(month, (other) => { month = other; draw(); }),
        monthGrid(month, mark, (date) => { chosen = date; draw(); }),
        section(longDate(chosen)),
        lines.length ? lines.map((event) => eventLine(event, false)) : empty("No events"),
      ];
    },
  };
}

function eventSearch() {
  let query = "";
  let list;
  const lines = () => {
    const found = events().filter((event) => matches(query, event.title, event.place)).sort(byStart);
    return found.length ? found.map((event) => eventLine(event, true)) : [empty("No events found")];
  };
  return {
    title: "All events",
    body: () => [
      searchField("search_events", "Search events", query, (text) => { query = text; list.replaceChildren(...lines()); }),
      (list = h("div", { role: "list" }, lines())),
    ],
  };
}

function eventMenu(event) {
  return [
    ["Edit event", () => push(eventForm(event))],
    ["Delete event", () => confirmDeletion(event.title, () => {
      shell.store.calendar.events = events().filter((other) => other.id !== event.id);
      if (stack().at(-1).event === event) stack().pop();
      toast("Event deleted");
    })],
  ];
}

function eventPage(event) {
  const facts = () => [["Date", longDate(event.date)], ["Time", `${event.start} to ${event.end}`], ["Place", event.place], ["Repeats", event.repeat === "Never" ? "" : event.repeat]];
  return {
    title: "Event",
    event,
    actions: () => [
      iconButton("edit", "Edit event", () => push(eventForm(event))),
      iconButton("more", "More options", () => menu(eventMenu(event))),
    ],
    body: () => [
      h("p", { class: "event-title" }, event.title),
      facts().filter(([, value]) => value).map(([label, value]) => h("div", { class: "fact" }, h("span", { class: "detail" }, label), h("span", { class: "title" }, value))),
    ],
  };
}

// A form for a new event, or for one that is in the calendar already. Moving the start takes the end along.
function eventForm(event) {
  const draft = { ...event };
  let complaint = null;
  const set = (values) => { Object.assign(draft, values); draw(); };
  const save = () => {
    draft.title = draft.title.trim();
    draft.place = draft.place.trim();
    complaint = draft.title ? (draft.end > draft.start ? null : "The event must end after it starts") : "An event needs a title";
    if (complaint) return draw();
    if (event.id) Object.assign(event, draft);
    else events().push({ id: nextId(events()), ...draft });
    pop();
    return toast("Event saved");
  };
  const start = (time) => set({ start: time, end: later(time, minutesBetween(draft.start, draft.end)) });
  return {
    title: event.id ? "Edit event" : "Create event",
    actions: () => [textButton("Save", save, { id: "save_event" })],
    leave: () => JSON.stringify(draft) !== JSON.stringify(event) && (askToDiscard(() => pop()), true),
    body: () => [
      complaint ? h("p", { class: "complaint", role: "alert" }, complaint) : null,
      field(draft, "title", "Title", { id: "event_title" }),
      chooser("event_date", "Date", longDate(draft.date), () => pickDate(draft.date, (date) => set({ date }))),
      h("div", { class: "side-by-side" },
        chooser("event_start", "Start", draft.start, () => pickTime("Start time", draft.start, start)),
        chooser("event_end", "End", draft.end, () => pickTime("End time", draft.end, (end) => set({ end })))),
      field(draft, "place", "Place", { id: "event_place" }),
      chooser("event_repeat", "Repeat", draft.repeat, () => choose("Repeat", REPEATS, draft.repeat, (repeat) => set({ repeat }))),
    ],
  };
}

defineApp({ name: "Calendar", key: "calendar", icon: "calendar", colour: "#b3372f", main: monthPage });
