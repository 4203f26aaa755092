"use strict";
// Notes: {items: [{id, title, pinned, text} or {id, title, pinned, items: [{text, done}]}]}; the latter are checklists. New notes come first.

function noteItems() {
  return shell.store.notes.items;
}

function noteSummary(note) {
  return note.items ? `${note.items.filter((item) => item.done).length} of ${note.items.length} done` : note.text;
}

function noteList() {
  let query = "";
  let list;
  const line = (note) => row({
    title: note.title, detail: noteSummary(note), lead: iconBadge(note.items ? "list" : "note"), end: note.pinned ? "Pinned" : null,
    press: () => push(noteForm(note)), options: () => menu(noteMenu(note)),
  });
  const lines = () => {
    const texts = (note) => [note.title, note.text, ...(note.items ?? []).map((item) => item.text)];
    const found = noteItems().filter((note) => matches(query, ...texts(note))).sort((a, b) => Number(b.pinned) - Number(a.pinned));
    return found.length ? found.map(line) : [empty("No notes found")];
  };
  return {
    title: "Notes",
    actions: () => [iconButton("list", "New checklist", () => push(noteForm({ title: "", items: [], pinned: false })))],
    action: { id: "new_note", label: "New note", press: () => push(noteForm({ title: "", text: "", pinned: false })) },
    body: () => [
      searchField("search_notes", "Search notes", query, (text) => { query = text; list.replaceChildren(...lines()); }),
      (list = h("div", { role: "list" }, lines())),
    ],
  };
}

function noteMenu(note) {
  return [
    [note.pinned ? "Unpin" : "Pin", () => { note.pinned = !note.pinned; draw(); }],
    ["Delete note", () => confirmDeletion("note", () => {
      shell.store.notes.items = noteItems().filter((other) => other.id !== note.id);
      stack().splice(1);
      toast("Note deleted");
    })],
  ];
}

// Where a note is read and written. Nothing is kept before it is saved.
function noteForm(note) {
  const draft = { title: note.title, text: note.text, items: structuredClone(note.items), added: "" };
  const before = JSON.stringify(draft);
  const add = () => {
    if (draft.added.trim()) draft.items.push({ text: draft.added.trim(), done: false });
    draft.added = "";
  };
  const save = () => {
    if (draft.items) add();
    Object.assign(note, { title: draft.title.trim() || "Untitled", ...(draft.items ? { items: draft.items } : { text: draft.text }) });
    if (!note.id) noteItems().unshift({ id: nextId(noteItems()), ...note });
    pop();
    toast("Note saved");
  };
  return {
    title: note.items ? "Checklist" : "Note",
    actions: () => [textButton("Save", save, { id: "save_note" }), note.id ? iconButton("more", "More options", () => menu(noteMenu(note))) : null],
    leave: () => JSON.stringify(draft) !== before && (askToDiscard(() => pop()), true),
    body: () => [
      field(draft, "title", "Title", { id: "note_title", hint: "Title" }),
      draft.items ? checklist(draft, add) : field(draft, "text", "Text", { id: "note_text", hint: "Write something", lines: 16 }),
    ],
  };
}

function checklist(draft, add) {
  const line = (item) => h(
    "div",
    { class: "row-with-options" },
    toggle({ role: "checkbox", title: item.text, on: item.done, press: () => { item.done = !item.done; draw(); } }),
    iconButton("close", `Remove ${item.text}`, () => { draft.items = draft.items.filter((other) => other !== item); draw(); }),
  );
  return [
    h("div", { role: "list" }, draft.items.map(line)),
    h("div", { class: "add-line" }, field(draft, "added", "New item", { id: "new_item", hint: "Add an item" }), textButton("Add", () => { add(); draw(); }, { id: "add_item" })),
  ];
}

defineApp({ name: "Notes", key: "notes", icon: "note", colour: "#a86a00", main: noteList });
