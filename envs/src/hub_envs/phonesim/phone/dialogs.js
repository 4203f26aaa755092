"use strict";
// Dialogs, menus and pickers. All of them close before they act, and BACK or a touch beside them cancels.

function dialog(title, content, buttons, cancel) {
  const press = (action) => () => { closeOverlay(); action?.(); };
  overlay(
    h(
      "div",
      { class: "dialog", role: "dialog", "aria-label": title },
      h("h2", {}, title),
      content,
      h("div", { class: "dialog-buttons" }, buttons.map(([label, action]) => textButton(label, press(action)))),
    ),
    cancel,
  );
}

// `buttons` are pairs of a label and what it does.
function ask(title, text, buttons, cancel) {
  dialog(title, text ? h("p", {}, text) : null, buttons, cancel);
}

function confirmDeletion(what, press) {
  ask(`Delete ${what}?`, "This cannot be undone.", [["Cancel"], ["Delete", press]]);
}

function askToDiscard(press) {
  ask("Discard changes?", "What you changed here has not been saved.", [["Keep editing"], ["Discard", press]]);
}

// `press` gets the trimmed text; it may return a complaint, and then the dialog comes again.
function askText(title, label, value, yes, press, complaint) {
  const draft = { text: value };
  const content = [field(draft, "text", label, { id: "dialog_text" }), complaint ? h("p", { class: "complaint", role: "alert" }, complaint) : null];
  dialog(title, content, [["Cancel"], [yes, () => {
    const text = draft.text.trim();
    const trouble = text ? press(text) : "Enter a text";
    if (trouble) askText(title, label, draft.text, yes, press, trouble);
  }]]);
}

function menu(items) {
  overlay(h("div", { class: "menu", role: "menu" }, items.map(([label, press]) =>
    h("button", { class: "row", role: "menuitem", onclick: () => { closeOverlay(); press(); } }, h("span", { class: "title" }, label)))));
}

function choose(title, options, current, press) {
  const option = (value) =>
    h("button", { class: "row", role: "radio", "aria-label": value, "aria-checked": value === current, onclick: () => { closeOverlay(); press(value); } },
      h("span", { class: value === current ? "dot on" : "dot" }), h("span", { class: "title" }, value));
  dialog(title, h("div", { class: "options", role: "radiogroup" }, options.map(option)), [["Cancel"]]);
}

// A month as rows of days; `mark(date)` says which classes a day has.
function monthGrid(month, mark, press) {
  const first = `${month}-01`;
  const blanks = Array.from({ length: weekday(first) }, () => h("span", { class: "day" }));
  const days = Array.from({ length: daysInMonth(month) }, (_, index) => {
    const date = addDays(first, index);
    return h("button", { class: `day ${mark(date)}`, "aria-label": longDate(date), onclick: () => press(date) }, String(index + 1));
  });
  const names = DAYS.map((name) => h("span", { class: "day-name", "aria-hidden": true }, name.slice(0, 2)));
  return h("div", { class: "month" }, names, blanks, days);
}

function monthLine(month, turn) {
  return h(
    "div",
    { class: "month-line" },
    iconButton("back", "Previous month", () => turn(addMonths(month, -1))),
    h("span", { class: "month-name" }, monthName(month)),
    iconButton("forward", "Next month", () => turn(addMonths(month, 1))),
  );
}

function pickDate(current, press) {
  let chosen = current;
  const holder = h("div");
  const fill = (month) => holder.replaceChildren(
    h("p", { class: "chosen" }, longDate(chosen)),
    monthLine(month, fill),
    monthGrid(month, (date) => (date === chosen ? "selected" : ""), (date) => { chosen = date; fill(month); }),
  );
  fill(current.slice(0, 7));
  dialog("Select date", holder, [["Cancel"], ["OK", () => press(chosen)]]);
}

function pickTime(title, current, press, complaint) {
  const draft = { hour: current.slice(0, 2), minute: current.slice(3) };
  const content = [
    h("div", { class: "time-fields" },
      field(draft, "hour", "Hour", { id: "hour", mode: "numeric" }), field(draft, "minute", "Minute", { id: "minute", mode: "numeric" })),
    complaint ? h("p", { class: "complaint", role: "alert" }, complaint) : null,
  ];
  dialog(title, content, [["Cancel"], ["OK", () => {
    const [hour, minute] = [draft.hour.trim(), draft.minute.trim()];
    if (/^\d{1,2}$/.test(hour) && /^\d{1,2}$/.test(minute) && +hour < 24 && +minute < 60) press(`${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`);
    else pickTime(title, current, press, "Hours go from 0 to 23, minutes from 0 to 59");
  }]]);
}
