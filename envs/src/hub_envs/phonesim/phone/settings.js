"use strict";
// Settings: one flat object of switches, percentages and choices; the pages below say where each of them is.

const WALLPAPERS = ["Night", "Forest", "Desert", "Ocean", "Dusk", "Meadow", "Granite"];
const TEXT_SIZES = ["Small", "Default", "Large", "Largest"];
const TIMEOUTS = ["15 seconds", "30 seconds", "1 minute", "2 minutes", "5 minutes", "10 minutes", "30 minutes"];
const RINGTONES = ["Aurora", "Bamboo", "Cascade", "Drizzle", "Echo", "Fjord", "Glimmer", "Horizon", "Island", "Jubilee", "Kite", "Lagoon", "Meteor"];
const LANGUAGES = [
  "Albanian", "Basque", "Bulgarian", "Catalan", "Croatian", "Czech", "Danish", "Dutch", "English", "Estonian", "Finnish", "French", "Galician",
  "German", "Greek", "Hungarian", "Icelandic", "Irish", "Italian", "Latvian", "Lithuanian", "Maltese", "Norwegian", "Polish", "Portuguese",
  "Romanian", "Slovak", "Slovenian", "Spanish", "Swedish", "Turkish", "Ukrainian", "Welsh",
];

const SETTINGS_PAGES = [
  { title: "Network and internet", icon: "wifi", items: [
    { kind: "switch", key: "wifi", label: "Wi-Fi" }, { kind: "switch", key: "mobileData", label: "Mobile data" },
    { kind: "switch", key: "aeroplane", label: "Aeroplane mode", detail: "No calls, no messages, no internet" },
  ] },
  { title: "Connected devices", icon: "bluetooth", items: [{ kind: "switch", key: "bluetooth", label: "Bluetooth" }] },
  { title: "Display", icon: "sun", items: [
    { kind: "level", key: "brightness", label: "Brightness" }, { kind: "switch", key: "adaptive", label: "Adaptive brightness" },
    { kind: "switch", key: "dark", label: "Dark theme" }, { kind: "choice", key: "wallpaper", label: "Wallpaper", options: WALLPAPERS },
    { kind: "choice", key: "textSize", label: "Text size", options: TEXT_SIZES }, { kind: "choice", key: "timeout", label: "Screen timeout", options: TIMEOUTS },
    { kind: "switch", key: "rotate", label: "Auto-rotate screen" },
  ] },
  { title: "Sound and vibration", icon: "sound", items: [
    { kind: "level", key: "mediaVolume", label: "Media volume" }, { kind: "level", key: "ringVolume", label: "Ring volume" },
    { kind: "level", key: "alarmVolume", label: "Alarm volume" }, { kind: "choice", key: "ringtone", label: "Ringtone", options: RINGTONES },
    { kind: "switch", key: "silent", label: "Do not disturb" }, { kind: "switch", key: "vibrate", label: "Vibrate for calls" },
    { kind: "switch", key: "touchSounds", label: "Touch sounds" },
  ] },
  { title: "Location", icon: "globe", items: [{ kind: "switch", key: "location", label: "Use location" }] },
  { title: "Battery", icon: "battery", items: [{ kind: "switch", key: "saver", label: "Battery saver", warning: "Apps get no news in the background while it is on." }] },
  { title: "Language", icon: "bubble", items: [{ kind: "choice", key: "language", label: "System language", detail: "after the next restart", options: LANGUAGES }] },
  { title: "About phone", icon: "phone", items: [
    { kind: "text", key: "deviceName", label: "Device name" }, { kind: "fact", key: "serial", label: "Serial number" },
    { kind: "fact", key: "storageFree", label: "Free storage", unit: " GB" },
  ] },
];

function settingsList() {
  let query = "";
  let list;
  const line = (page) => row({ title: page.title, detail: page.items.map((item) => item.label).join(", "), lead: iconBadge(page.icon), press: () => push(settingsPage(page)) });
  const lines = () => {
    const found = SETTINGS_PAGES.filter((page) => matches(query, page.title, ...page.items.map((item) => item.label)));
    return found.length ? found.map(line) : [empty("No settings found")];
  };
  return {
    title: "Settings",
    body: () => [
      searchField("search_settings", "Search settings", query, (text) => { query = text; list.replaceChildren(...lines()); }),
      (list = h("div", { role: "list" }, lines())),
    ],
  };
}

function settingsPage(page) {
  return { title: page.title, body: () => page.items.map((item) => SETTING_LINES[item.kind](item, shell.store.settings)) };
}

const SETTING_LINES = {
  switch(item, settings) {
    const set = () => { settings[item.key] = !settings[item.key]; draw(); };
    const press = () => (item.warning && !settings[item.key] ? ask(`Turn on ${item.label}?`, item.warning, [["Cancel"], ["Turn on", set]]) : set());
    return toggle({ role: "switch", title: item.label, detail: item.detail, on: settings[item.key], press });
  },
  level(item, settings) {
    const step = (by) => () => { settings[item.key] = Math.min(100, Math.max(0, settings[item.key] + by)); draw(); };
    return h(
      "div",
      { class: "level" },
      h("span", { class: "lines" }, h("span", { class: "title" }, item.label), h("span", { class: "detail" }, `${settings[item.key]}%`)),
      iconButton("minus", `Decrease ${item.label.toLowerCase()}`, step(-10)),
      h("span", { class: "bar", "aria-hidden": true }, h("span", { class: "filled-bar", style: `width: ${settings[item.key]}%` })),
      iconButton("add", `Increase ${item.label.toLowerCase()}`, step(10)),
    );
  },
  choice(item, settings) {
    const press = () => choose(item.label, item.options, settings[item.key], (value) => { settings[item.key] = value; draw(); });
    return row({ title: item.label, detail: item.detail ? `${settings[item.key]}, ${item.detail}` : settings[item.key], press });
  },
  text(item, settings) {
    const press = () => askText(item.label, item.label, settings[item.key], "OK", (value) => { settings[item.key] = value; draw(); });
    return row({ title: item.label, detail: settings[item.key], press });
  },
  fact: (item, settings) =>
    h("div", { class: "fact" }, h("span", { class: "title" }, item.label), h("span", { class: "detail" }, `${settings[item.key]}${item.unit ?? ""}`)),
};

defineApp({ name: "Settings", key: "settings", icon: "gear", colour: "#4a5563", main: settingsList });
