"use strict";
// Elements, icons and the controls that every app is made of. What an element shows, what it can do and what it is called stands in
// its HTML and ARIA attributes, and nowhere else: whoever reads the screen from outside reads those.

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on") && value) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-") && value !== undefined) node.setAttribute(name, String(value));
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Strokes on a field of 24 by 24.
const STROKES = {
  add: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  done: "M5 13l4 4L19 7",
  close: "M6 6l12 12M18 6L6 18",
  more: "M12 5v.1M12 12v.1M12 19v.1",
  minus: "M5 12h14",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13M15.3 15.3L20 20",
  edit: "M5 19l1-4L16 5l3 3L9 18l-4 1M14 7l3 3",
  sort: "M5 7h14M5 12h9M5 17h5",
  star: "M12 4l2.5 5.2 5.7.7-4.2 4 1.1 5.7L12 16.8l-5.1 2.8L8 13.9l-4.2-4 5.7-.7L12 4",
  send: "M4 12L20 5l-5 15-3-6-8-2M12 14l8-9",
  person: "M12 4a4 4 0 1 1 0 8a4 4 0 1 1 0-8M4 20c1-4 4-5.5 8-5.5s7 1.5 8 5.5",
  bubble: "M4 5h16v11h-9l-4 4v-4H4V5M8 9h8M8 12h5",
  note: "M6 3h9l4 4v14H6V3M9 9h6M9 13h7M9 17h5",
  list: "M5 7l1 1 2-2M5 13l1 1 2-2M5 19l1 1 2-2M11 7h8M11 13h8M11 19h8",
  calendar: "M4 6h16v14H4V6M4 10h16M8 3v5M16 3v5M8 14h2M14 14h2",
  gear: "M12 8a4 4 0 1 1 0 8a4 4 0 1 1 0-8M12 2v4M12 18v4M2 12h4M18 12h4M5 5l2.8 2.8M16.2 16.2L19 19M19 5l-2.8 2.8M7.8 16.2L5 19",
  folder: "M3 6h7l2 2h9v11H3V6",
  file: "M6 3h8l4 4v14H6V3M14 3v4h4",
  globe: "M12 3a9 9 0 1 1 0 18a9 9 0 1 1 0-18M3 12h18M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18",
  wifi: "M2 9c6-5 14-5 20 0M5.5 13c4-3.5 9-3.5 13 0M9 16.5c2-1.5 4-1.5 6 0M12 20v.1",
  bluetooth: "M7 7l10 10-5 4V3l5 4L7 17",
  sun: "M12 8a4 4 0 1 1 0 8a4 4 0 1 1 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M19 5l-1.5 1.5M6.5 17.5L5 19",
  sound: "M4 9v6h4l5 4V5L8 9H4M16.5 9c1.5 2 1.5 4 0 6M19 6.5c3 3.5 3 7.5 0 11",
  phone: "M7 3h10v18H7V3M11 18h2",
  battery: "M5 8h13v8H5V8M20 11v2",
  home: "M12 5a7 7 0 1 1 0 14a7 7 0 1 1 0-14",
};

const drawn = new Map();

function icon(name, filled = false) {
  if (!drawn.has(name)) {
    const holder = h("span", { class: "icon", "aria-hidden": true });
    holder.innerHTML = `<svg viewBox="0 0 24 24"><path d="${STROKES[name]}"/></svg>`;
    drawn.set(name, holder);
  }
  const copy = drawn.get(name).cloneNode(true);
  copy.classList.toggle("filled", filled);
  return copy;
}

// A button that shows an icon only.
function iconButton(name, label, press, more = {}) {
  return h("button", { class: "icon-button", "aria-label": label, onclick: press, ...more }, icon(name, more.filled));
}

// A line of a list. `options` opens when it is pressed long; with `more` there is a button for that, too.
function row({ title, detail, lead, end, press, options, more }) {
  const line = h(
    "button",
    { class: "row", "aria-label": title, "data-longclick": Boolean(options), onclick: press },
    lead,
    h("span", { class: "lines" }, h("span", { class: "title" }, title), detail ? h("span", { class: "detail" }, detail) : null),
    end ? h("span", { class: "end" }, end) : null,
  );
  if (options) line.addEventListener("contextmenu", (event) => { event.preventDefault(); options(); });
  if (!more) return line;
  return h("div", { class: "row-with-options" }, line, iconButton("more", `Options for ${title}`, options));
}

// The first letters of a name on a colour of its own, a picture where there are no letters.
function badge(text) {
  if (!/^\p{L}/u.test(text)) return iconBadge("person");
  const hue = [...text].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) % 360, 7);
  const letters = text.split(" ").map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase();
  return h("span", { class: "badge", style: `background: hsl(${hue} 45% 42%)`, "aria-hidden": true }, letters);
}

function iconBadge(name) {
  return h("span", { class: "badge plain", "aria-hidden": true }, icon(name));
}

// A line that switches something on and off (role `switch`) or ticks it (role `checkbox`).
function toggle({ role, title, detail, lead, on, press }) {
  return h(
    "button",
    { role, class: `row ${on ? "on" : "off"}`, "aria-label": title, "aria-checked": on, onclick: press },
    lead,
    role === "checkbox" ? h("span", { class: "box" }, on ? icon("done") : null) : null,
    h("span", { class: "lines" }, h("span", { class: "title" }, title), detail ? h("span", { class: "detail" }, detail) : null),
    role === "switch" ? h("span", { class: "track" }, h("span", { class: "thumb" })) : null,
  );
}

// A field tapped anywhere has its cursor at the end of the text.
function atEnd(input) {
  input.addEventListener("click", () => {
    if (input.selectionStart === input.selectionEnd) input.setSelectionRange(input.value.length, input.value.length);
  });
  return input;
}

// A labelled field that writes what is typed into `draft[key]` at once. ENTER only leaves it.
function field(draft, key, label, { id = key, hint, lines, mode } = {}) {
  const input = h(lines ? "textarea" : "input", {
    id, class: "field", placeholder: hint, rows: lines, inputmode: mode, "aria-label": label, autocomplete: "off", spellcheck: "false",
    oninput: () => { draft[key] = input.value; },
  });
  input.value = draft[key] ?? "";
  return h("div", { class: "labelled" }, h("label", { for: id }, label), atEnd(input));
}

// A field that says on every change what is looked for.
function searchField(id, label, query, changed) {
  const input = h("input", {
    id, type: "text", role: "searchbox", class: "field search", placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: "false",
    oninput: () => changed(input.value),
  });
  input.value = query;
  return h("div", { class: "search-line" }, icon("search"), atEnd(input));
}

function chooser(id, label, value, press) {
  return h("button", { id, class: "chooser", "aria-label": `${label}: ${value}`, onclick: press }, h("span", { class: "detail" }, label), h("span", { class: "title" }, value));
}

function textButton(label, press, more = {}) {
  return h("button", { class: "text-button", onclick: press, ...more }, label);
}

function section(title) {
  return h("h2", { class: "section" }, title);
}

function empty(text) {
  return h("p", { class: "empty" }, text);
}

function matches(query, ...texts) {
  return texts.some((text) => (text ?? "").toLowerCase().includes(query.trim().toLowerCase()));
}

const ALPHABET = new Intl.Collator("en");

function byText(key) {
  return (a, b) => ALPHABET.compare(key(a), key(b));
}

function nextId(items) {
  return items.reduce((highest, item) => Math.max(highest, item.id), 0) + 1;
}
