"use strict";
// Files: {entries: [{path, folder: true} or {path, folder: false, size (kB), modified, text}]}; the folder that holds all is "".

const SORTS = {
  Name: byText((entry) => nameIn(entry.path)),
  "Newest first": (a, b) => descending(a.modified, b.modified),
  "Largest first": (a, b) => b.size - a.size,
};

function entries() {
  return shell.store.files.entries;
}

function nameIn(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

function folderOf(path) {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function joined(folder, name) {
  return folder ? `${folder}/${name}` : name;
}

function folderName(path) {
  return path ? nameIn(path) : "Internal storage";
}

function within(entry, folder) {
  return entry.path === folder || entry.path.startsWith(`${folder}/`);
}

function sizeText(size) {
  return size < 1000 ? `${size} kB` : `${(size / 1000).toFixed(1)} MB`;
}

function fileFacts(entry) {
  return `${sizeText(entry.size)}, ${shortDate(entry.modified)} ${entry.modified.slice(0, 4)}`;
}

// Folders by their names, then files as sorted.
function contents(folder, sort) {
  const inside = entries().filter((entry) => folderOf(entry.path) === folder);
  return [...inside.filter((entry) => entry.folder).sort(SORTS.Name), ...inside.filter((entry) => !entry.folder).sort(SORTS[sort])];
}

// Give an entry, and what lies in it, another path; return a complaint where that cannot be.
function relocate(entry, path) {
  if (path === entry.path) return null;
  if (entries().some((other) => other.path === path)) return `${nameIn(path)} is there already`;
  const old = entry.path;
  for (const inside of entries().filter((other) => within(other, old))) inside.path = path + inside.path.slice(old.length);
  return null;
}

function entryMenu(entry) {
  const rename = (name) => (name.includes("/") ? "A name has no slash in it" : relocate(entry, joined(folderOf(entry.path), name)) ?? toast("Renamed"));
  return [
    ["Rename", () => askText("Rename", "Name", nameIn(entry.path), "OK", rename)],
    ["Move to", () => push(destination(entry))],
    ["Delete", () => confirmDeletion(nameIn(entry.path), () => {
      shell.store.files.entries = entries().filter((other) => !within(other, entry.path));
      toast("Deleted");
    })],
  ];
}

function entryLine(entry) {
  return row({
    title: nameIn(entry.path), detail: entry.folder ? "Folder" : fileFacts(entry), lead: iconBadge(entry.folder ? "folder" : "file"), more: true,
    press: () => push(entry.folder ? folderPage(entry.path) : filePage(entry)), options: () => menu(entryMenu(entry)),
  });
}

function newFolder(folder) {
  askText("New folder", "Name", "", "Create", (name) => {
    if (name.includes("/")) return "A name has no slash in it";
    if (entries().some((entry) => entry.path === joined(folder, name))) return `${name} is there already`;
    entries().push({ path: joined(folder, name), folder: true });
    return toast("Folder created");
  });
}

function folderPage(folder) {
  let sort = "Name";
  let query = "";
  let list;
  const lines = () => {
    const found = query.trim() ? entries().filter((entry) => matches(query, nameIn(entry.path))) : contents(folder, sort);
    return found.length ? found.map(entryLine) : [empty("Nothing here")];
  };
  return {
    title: folder ? folderName(folder) : "Files",
    actions: () => [iconButton("sort", "Sort", () => choose("Sort by", Object.keys(SORTS), sort, (chosen) => { sort = chosen; draw(); }))],
    action: { id: "new_folder", label: "New folder", press: () => newFolder(folder) },
    body: () => [
      folder ? null : searchField("search_files", "Search files", query, (text) => { query = text; list.replaceChildren(...lines()); }),
      (list = h("div", { role: "list" }, lines())),
    ],
  };
}

function filePage(entry) {
  return {
    title: nameIn(entry.path),
    body: () => [
      h("div", { class: "fact" }, h("span", { class: "detail" }, folderName(folderOf(entry.path))), h("span", { class: "title" }, fileFacts(entry))),
      entry.text ? h("pre", { class: "file-text" }, entry.text) : empty("There is no preview of this file"),
    ],
  };
}

// Where something is moved to: folders only, one level at a time.
function destination(entry) {
  let folder = "";
  const enter = (path) => () => { folder = path; draw(true); };
  const move = () => {
    const complaint = relocate(entry, joined(folder, nameIn(entry.path)));
    if (!complaint) pop();
    toast(complaint ?? `Moved to ${folderName(folder)}`);
  };
  const line = (inside) => row({ title: nameIn(inside.path), detail: "Folder", lead: iconBadge("folder"), press: enter(inside.path) });
  return {
    get title() { return `Move to ${folderName(folder)}`; },
    leave: () => Boolean(folder) && (enter(folderOf(folder))(), true),
    body: () => {
      const inside = contents(folder, "Name").filter((candidate) => candidate.folder && !within(candidate, entry.path));
      return inside.length ? inside.map(line) : empty("No folders here");
    },
    foot: () => h("div", { class: "foot" }, textButton("Cancel", () => pop()), textButton("Move here", move, { class: "filled-button" })),
  };
}

defineApp({ name: "Files", key: "files", icon: "folder", colour: "#2b6f77", main: () => folderPage("") });
