"use strict";
// Messages: {threads: [{id, number, unread, messages: [{id, from: "me" | "them", text, time}]}]}. Ids of messages are unique on the phone.

function threads() {
  return shell.store.messages.threads;
}

function knowsContacts() {
  return shell.store.system.permissions.messages?.state !== "denied";
}

function nameOf(number) {
  return (knowsContacts() && contactWithNumber(number)?.name) || number;
}

function deliver(number, text) {
  let thread = threads().find((candidate) => digits(candidate.number) === digits(number));
  if (!thread) {
    thread = { id: nextId(threads()), number, unread: false, messages: [] };
    threads().push(thread);
  }
  thread.messages.push({ id: nextId(threads().flatMap((candidate) => candidate.messages)), from: "me", text, time: shell.now });
  return thread;
}

function threadList() {
  let query = "";
  let list;
  const newest = (thread) => thread.messages.at(-1);
  const line = (thread) => row({
    title: nameOf(thread.number), lead: badge(nameOf(thread.number)), press: () => push(threadPage(thread.id)), options: () => menu(threadMenu(thread)),
    detail: `${newest(thread).from === "me" ? "You: " : ""}${newest(thread).text}`, end: h("span", { class: thread.unread ? "unread" : "detail" }, shortMoment(newest(thread).time)),
  });
  const lines = () => {
    const found = threads().filter((thread) => matches(query, nameOf(thread.number), ...thread.messages.map((message) => message.text)));
    found.sort((a, b) => descending(newest(a).time, newest(b).time) || newest(b).id - newest(a).id);
    return found.length ? found.map(line) : [empty("No conversations")];
  };
  return {
    title: "Messages",
    action: { id: "start_chat", label: "Start chat", press: () => push(messageForm({ to: "", text: "" })) },
    body: () => [
      searchField("search_messages", "Search messages", query, (text) => { query = text; list.replaceChildren(...lines()); }),
      (list = h("div", { role: "list" }, lines())),
    ],
  };
}

function threadMenu(thread) {
  return [["Delete conversation", () => confirmDeletion(`conversation with ${nameOf(thread.number)}`, () => {
    shell.store.messages.threads = threads().filter((other) => other.id !== thread.id);
    stack().splice(1);
    toast("Conversation deleted");
  })]];
}

function messageMenu(thread, message) {
  const remove = () => {
    thread.messages = thread.messages.filter((other) => other.id !== message.id);
    if (thread.messages.length) return toast("Message deleted");
    shell.store.messages.threads = threads().filter((other) => other.id !== thread.id);
    stack().splice(1);
    return toast("Conversation deleted");
  };
  return [["Forward message", () => push(messageForm({ to: "", text: message.text }))], ["Delete message", () => confirmDeletion("message", remove)]];
}

function threadPage(id) {
  const thread = threads().find((candidate) => candidate.id === id);
  const draft = { text: "" };
  thread.unread = false;
  const bubble = (message) => {
    const options = () => menu(messageMenu(thread, message));
    const when = `${message.from === "me" ? "You" : nameOf(thread.number)}, ${shortDate(message.time.slice(0, 10))} ${clockTime(message.time)}`;
    return h("button", { class: `bubble ${message.from}`, "data-longclick": true, onclick: options, oncontextmenu: (event) => { event.preventDefault(); options(); } },
      h("span", { class: "title" }, message.text), h("span", { class: "detail" }, when));
  };
  const send = () => {
    if (!draft.text.trim()) return;
    deliver(thread.number, draft.text.trim());
    draft.text = "";
    draw(true);
  };
  return {
    get title() { return nameOf(thread.number); },
    end: true,
    actions: () => [iconButton("more", "More options", () => menu(threadMenu(thread)))],
    body: () => h("div", { class: "bubbles" }, thread.messages.map(bubble)),
    foot: () => h("div", { class: "compose" }, field(draft, "text", "Message", { id: "message_text", hint: "Text message" }), iconButton("send", "Send", send, { id: "send" })),
  };
}

// A message to somebody who is looked up by name, or to a number.
function messageForm({ to, text }) {
  const draft = { to, text };
  let complaint = null;
  let list;
  const found = () => (knowsContacts() && draft.to.trim() ? contactItems().filter((contact) => contact.phone && matches(draft.to, contact.name)).sort(byText((contact) => contact.name)) : []);
  const suggestion = (contact) => row({
    title: contact.name, detail: contact.phone, lead: badge(contact.name), press: () => { draft.to = contact.phone; draw(); },
  });
  const suggestions = () => found().map(suggestion);
  const recipient = () => {
    const named = found().filter((contact) => contact.name.toLowerCase() === draft.to.trim().toLowerCase());
    if (named.length) return named[0].phone;
    return /^[+\d][\d ()-]{2,}$/.test(draft.to.trim()) ? draft.to.trim() : null;
  };
  const send = () => {
    const number = recipient();
    complaint = number ? (draft.text.trim() ? null : "Write a message first") : "Choose a contact or enter a number";
    if (complaint) return draw();
    const thread = deliver(number, draft.text.trim());
    stack().splice(1);
    return push(threadPage(thread.id));
  };
  const people = () => {
    const input = field(draft, "to", "To", { id: "message_to", hint: "Name or number" });
    input.addEventListener("input", () => list.replaceChildren(...suggestions()));
    return input;
  };
  return {
    title: "New conversation",
    leave: () => Boolean(draft.text.trim()) && (askToDiscard(() => pop()), true),
    body: () => [people(), complaint ? h("p", { class: "complaint", role: "alert" }, complaint) : null, (list = h("div", { role: "list" }, suggestions()))],
    foot: () => h("div", { class: "compose" }, field(draft, "text", "Message", { id: "message_text", hint: "Text message" }), iconButton("send", "Send", send, { id: "send" })),
  };
}

// Opened from other apps.
function writeMessage(draft) {
  openApp("Messages");
  push(messageForm({ text: "", ...draft }));
}

defineApp({ name: "Messages", key: "messages", icon: "bubble", colour: "#1b7f4b", main: threadList });
