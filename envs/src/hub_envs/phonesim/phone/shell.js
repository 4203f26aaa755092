"use strict";
// The phone around the apps: status bar, home screen, one stack of screens an app, dialogs, and `window.phone`.
//
// A screen is an object: `title` or `header()`, `body()` -> nodes, and optionally `actions()` -> nodes at the top right, `action`
// {id, label, press} floating at the bottom right, `foot()` -> a node below the body, `end: true` when its end matters most, and `leave()` ->
// true when it must not be left yet.
// Nothing waits, moves by itself or asks the clock: after every call the phone has settled.

const apps = new Map();

const shell = { store: {}, now: "", current: null, stacks: new Map(), overlays: [], toast: null, drawn: null };

// `name` is what people call the app, `key` its part of the store, `main()` gives its first screen.
function defineApp({ name, key, icon, colour, main }) {
  apps.set(name, { name, key, icon, colour, main });
}

function stack() {
  return shell.stacks.get(shell.current);
}

function screen() {
  return shell.current ? stack().at(-1) : null;
}

function push(next) {
  stack().push(next);
  draw();
}

// Leave the newest screen, asking nobody.
function pop(count = 1) {
  stack().splice(Math.max(1, stack().length - count));
  draw();
}

function toast(text) {
  shell.toast = text;
  draw();
}

function overlay(node, cancel = () => {}) {
  shell.overlays.push({ node, cancel });
  draw();
}

function closeOverlay() {
  shell.overlays.pop();
  draw();
}

function goBack() {
  if (shell.overlays.length) {
    const { cancel } = shell.overlays.at(-1);
    closeOverlay();
    cancel();
  } else if (shell.current && !screen().leave?.()) {
    if (stack().length > 1) pop();
    else goHome();
  }
}

function goHome() {
  Object.assign(shell, { overlays: [], toast: null });
  shell.current = null;
  draw();
}

function openApp(name) {
  const app = [...apps.values()].find((candidate) => candidate.name.toLowerCase() === name.trim().toLowerCase());
  if (!app) return false;
  Object.assign(shell, { overlays: [], toast: null, current: app.name });
  if (!shell.stacks.has(app.name)) shell.stacks.set(app.name, [app.main()]);
  draw();
  greet(app);
  return true;
}

// What an app has to ask or to say before it can be used; it stands in the store and comes again until it is answered.
function greet(app) {
  const { permissions, notices } = shell.store.system;
  if (permissions[app.key]?.state === "ask") {
    const answer = (state) => () => { permissions[app.key].state = state; draw(); greet(app); };
    ask(permissions[app.key].text, "", [["Don't allow", answer("denied")], ["Allow", answer("allowed")]], () => goHome());
    return;
  }
  const notice = notices.find((candidate) => candidate.app === app.key);
  if (notice) {
    const seen = () => { notices.splice(notices.indexOf(notice), 1); greet(app); };
    ask(notice.title, notice.text, [["Got it", seen]], seen);
  }
}

function statusBar() {
  const { settings } = shell.store;
  return h(
    "div",
    { class: "status-bar", "data-package": "phone.system" },
    h("span", { id: "clock", class: "clock" }, clockTime(shell.now)),
    h("span", { class: "signals" }, settings.wifi && !settings.aeroplane ? icon("wifi") : null, settings.bluetooth ? icon("bluetooth") : null, icon("battery")),
  );
}

function navigationBar() {
  return h(
    "div",
    { class: "navigation-bar", "data-package": "phone.system" },
    iconButton("back", "Back", goBack, { id: "back" }),
    iconButton("home", "Home", goHome, { id: "home" }),
  );
}

function homeView() {
  const launcher = ({ name, icon: picture, colour }) =>
    h("button", { class: "launcher", "aria-label": name, onclick: () => openApp(name) },
      h("span", { class: "tile", style: `background: ${colour}` }, icon(picture)), h("span", { class: "launcher-name" }, name));
  return h(
    "main",
    { class: "home", "data-package": "phone.launcher", "aria-label": "Home screen" },
    h("p", { class: "home-clock" }, clockTime(shell.now)),
    h("p", { class: "home-date" }, longDate(shell.now.slice(0, 10))),
    h("div", { class: "launchers" }, [...apps.values()].map(launcher)),
  );
}

// Attributes of what belongs to the app on the screen.
function belonging() {
  const { key, colour } = apps.get(shell.current);
  return { "data-package": `phone.${key}`, style: `--accent: ${colour}` };
}

function appView() {
  const top = screen();
  return h(
    "main",
    { class: top.action ? "app with-floating" : "app", ...belonging(), inert: shell.overlays.length > 0 },
    top.header ? top.header() : h(
      "header",
      { class: stack().length > 1 ? "app-bar with-back" : "app-bar" },
      stack().length > 1 ? iconButton("back", "Navigate up", goBack) : null,
      h("h1", {}, top.title),
      top.actions ? top.actions() : null,
    ),
    h("div", { class: "scroll" }, top.body()),
    top.foot ? top.foot() : null,
    top.action
      ? h("button", { id: top.action.id, class: "floating", "aria-label": top.action.label, onclick: top.action.press }, icon("add"))
      : null,
  );
}

// A screen that was on already keeps its place, unless told to start anew: at its end where `end` says so, else at its top.
function draw(anew = false) {
  const root = document.getElementById("phone");
  const scrolled = root.querySelector(".scroll");
  if (shell.drawn && scrolled) shell.drawn.top = anew ? undefined : scrolled.scrollTop;
  const { settings } = shell.store;
  const behind = shell.current ? "" : `wallpaper ${settings.wallpaper.toLowerCase()}`;
  root.className = `${settings.dark ? "dark" : "light"} text-${settings.textSize.toLowerCase()} ${behind}`;
  const covering = shell.overlays.at(-1);
  const beside = (event) => { if (event.target === event.currentTarget) goBack(); };
  root.replaceChildren(
    statusBar(),
    shell.current ? appView() : homeView(),
    navigationBar(),
    ...(covering ? [h("div", { class: "scrim", ...belonging(), onclick: beside }, covering.node)] : []),
    ...(shell.toast ? [h("div", { class: "toast", role: "status" }, shell.toast)] : []),
  );
  shell.drawn = screen();
  const fresh = root.querySelector(".scroll");
  const top = shell.drawn?.top ?? (shell.drawn?.end ? Infinity : 0);
  if (fresh && top > 0) fresh.scrollTop = Math.min(top, fresh.scrollHeight);
}

// What was said stays until the next touch.
document.addEventListener("click", () => {
  shell.toast = null;
  document.querySelector(".toast")?.remove();
}, true);

window.phone = {
  // Replace everything the phone knows by `state`, and show the home screen. `now` is the frozen clock, `2023-10-15T15:34:00`.
  load(state, now) {
    Object.assign(shell, { store: structuredClone(state), now, current: null, overlays: [], toast: null, drawn: null });
    shell.stacks.clear();
    draw();
  },
  store: () => structuredClone(shell.store),
  home: goHome,
  back: goBack,
  // Show an app where it was left; false where there is none of that name.
  open: openApp,
  // What ENTER does: a field that looks for something starts looking, any other is only left.
  enter() {
    const input = document.activeElement;
    if (!input || !("value" in input)) return;
    input.blur();
    input.enter?.();
  },
  // Name of the app on the screen, null on the home screen.
  app: () => shell.current,
};
