"use strict";
// Browser: {pages: [{url, title, blocks}], bookmarks: [url], history: [url], sent: [{url, values}]}. It knows its own pages and no network.

const START = "start.example";

function pageAt(url) {
  return shell.store.browser.pages.find((page) => page.url === url);
}

function blockText(block) {
  return [block.heading, block.text, block.link, ...(block.rows ?? []).flat()].filter(Boolean).join(" ");
}

// An address that is known is shown; anything else is looked for.
function visit(text) {
  const url = text.trim().toLowerCase().replace(/^https?:\/\//, "").replace(/\/$/, "");
  push(pageAt(url) ? webPage(url) : searchResults(text.trim()));
}

function addressBar(text, url) {
  const input = h("input", { id: "address", role: "searchbox", class: "field address", "aria-label": "Search or type address", placeholder: "Search or type address", autocomplete: "off", spellcheck: "false" });
  input.value = text;
  input.enter = () => { if (input.value.trim() && input.value !== text) visit(input.value); };
  const marked = shell.store.browser.bookmarks.includes(url);
  return h(
    "header",
    { class: "app-bar browser-bar" },
    stack().length > 1 ? iconButton("back", "Previous page", goBack) : null,
    atEnd(input),
    url ? iconButton("star", marked ? "Remove bookmark" : "Add bookmark", () => setBookmark(url, !marked), { filled: marked }) : null,
    iconButton("more", "More options", () => menu([["Start page", () => push(webPage(START))], ["Bookmarks", () => push(bookmarkList())]])),
  );
}

function setBookmark(url, on) {
  const { browser } = shell.store;
  browser.bookmarks = on ? [...browser.bookmarks, url] : browser.bookmarks.filter((other) => other !== url);
  toast(on ? "Bookmark added" : "Bookmark removed");
}

function pageLine(page) {
  return row({ title: page.title, detail: page.url, lead: iconBadge("globe"), press: () => push(webPage(page.url)) });
}

function searchResults(query) {
  const asked = query.toLowerCase().split(/\s+/);
  const text = (page) => [page.title, page.url, ...page.blocks.map(blockText)].join(" ").toLowerCase();
  const hits = (page) => asked.filter((word) => text(page).includes(word)).length;
  const found = shell.store.browser.pages.filter((page) => page.url !== START && hits(page)).sort((a, b) => hits(b) - hits(a));
  return {
    header: () => addressBar(query, null),
    body: () => [section(`Results for ${query}`), found.length ? found.map(pageLine) : empty("Nothing was found")],
  };
}

function bookmarkList() {
  return {
    title: "Bookmarks",
    body: () => {
      const marked = shell.store.browser.bookmarks.map(pageAt).filter(Boolean);
      return marked.length ? marked.map(pageLine) : empty("No bookmarks yet");
    },
  };
}

function webPage(url) {
  const page = pageAt(url);
  const draft = {};
  const form = { complaint: null, sent: false };
  shell.store.browser.history.push(url);
  return {
    header: () => addressBar(url, url),
    body: () => h("article", { class: "web" }, form.sent ? h("p", {}, "Thank you. We have received your form.") : page.blocks.map((block) => webBlock(block, url, draft, form))),
  };
}

function webBlock(block, url, draft, form) {
  if (block.heading) return h("h2", {}, block.heading);
  if (block.text) return h("p", {}, block.text);
  if (block.link) return h("button", { role: "link", class: "link", onclick: () => push(webPage(block.to)) }, block.link);
  if (block.rows) return h("div", { class: "table" }, block.rows.map(([left, right]) => h("p", { class: "table-row" }, `${left}: `, h("b", {}, right))));
  return webForm(block, url, draft, form);
}

function webForm(block, url, draft, form) {
  const set = (key, value) => { draft[key] = value; draw(); };
  const control = ({ key, label, kind, options }) => {
    if (kind === "tick") return toggle({ role: "checkbox", title: label, on: Boolean(draft[key]), press: () => set(key, !draft[key]) });
    if (kind === "choice") return chooser(`form_${key}`, label, draft[key] ?? "Choose", () => choose(label, options, draft[key], (value) => set(key, value)));
    return field(draft, key, label, { id: `form_${key}` });
  };
  const send = () => {
    const values = Object.fromEntries(block.fields.map(({ key, kind }) => [key, kind === "tick" ? Boolean(draft[key]) : (draft[key] ?? "").trim()]));
    const missing = block.fields.find(({ key }) => values[key] === "");
    form.complaint = missing ? `Please fill in: ${missing.label}` : null;
    form.sent = !missing;
    if (form.sent) shell.store.browser.sent.push({ url, values });
    draw();
  };
  return h(
    "div",
    { class: "form" },
    block.fields.map(control),
    form.complaint ? h("p", { class: "complaint", role: "alert" }, form.complaint) : null,
    h("div", { class: "centred" }, textButton(block.send, send, { class: "filled-button" })),
  );
}

defineApp({ name: "Browser", key: "browser", icon: "globe", colour: "#5a4fb0", main: () => webPage(START) });
