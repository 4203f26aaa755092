// What an agent sees of the page, and the few things that input events alone cannot do. Installed once in every page as `phoneScreen`.
"use strict";

globalThis.phoneScreen = (() => {
  const INTERACTIVE =
    'button, a[href], input, select, textarea, summary, label[for], [contenteditable="true"], [tabindex]:not([tabindex="-1"]), [onclick],' +
    " [role=button], [role=link], [role=checkbox], [role=switch], [role=radio], [role=tab], [role=menuitem], [role=option], [role=textbox]";
  const TEXT_FIELD = 'textarea, [contenteditable="true"], [role=textbox], input:not([type=button], [type=checkbox], [type=radio], [type=submit], [type=range])';
  const CHECKABLE = "input[type=checkbox], input[type=radio], [role=checkbox], [role=switch], [role=radio], [aria-checked]";
  const LONG_CLICKABLE = "[data-longclick]";
  const LONGEST = 1000; // characters of one text

  const screen = () => ({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });
  const meet = (a, b) => ({
    left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
  });
  const empty = (box) => box.right - box.left < 4 || box.bottom - box.top < 4; // nobody could read or hit less
  const centre = (box) => [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const neat = (text) => text.replace(/\s+/g, " ").trim().slice(0, LONGEST);
  const isInteractive = (element) => element.matches(INTERACTIVE);
  const hasWords = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");

  function scrolls(element, style) {
    const along = (overflow, inner, outer) => /auto|scroll/.test(overflow) && inner > outer + 1;
    return along(style.overflowY, element.scrollHeight, element.clientHeight) || along(style.overflowX, element.scrollWidth, element.clientWidth);
  }

  // The text of an element without what belongs to interactive elements in it, which are listed by themselves.
  function ownText(element) {
    let text = "";
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) text += node.data;
      else if (node.nodeType === Node.ELEMENT_NODE && !isInteractive(node) && node.ariaHidden !== "true" && node.checkVisibility({ visibilityProperty: true }))
        text += getComputedStyle(node).display.startsWith("inline") ? ownText(node) : ` ${ownText(node)} `;
    }
    return text;
  }

  function textOf(element) {
    if (element.matches("input[type=checkbox], input[type=radio]")) return "";
    if (element.matches("input[type=password]")) return "•".repeat(element.value.length);
    if (element.matches("input, textarea")) return element.value.slice(0, LONGEST);
    if (element.matches("select")) return neat(element.selectedOptions[0]?.text ?? "");
    return isInteractive(element) || hasWords(element) ? neat(ownText(element)) : "";
  }

  function description(element) {
    const named = element.getAttribute("aria-label") ?? element.getAttribute("alt");
    return neat(named ?? (element.labels?.length ? ownText(element.labels[0]) : ""));
  }

  function className(element) {
    if (element.matches(TEXT_FIELD)) return "android.widget.EditText";
    if (element.matches("[role=switch]")) return "android.widget.Switch";
    if (element.matches("[type=checkbox], [role=checkbox]")) return "android.widget.CheckBox";
    if (element.matches("[type=radio], [role=radio]")) return "android.widget.RadioButton";
    if (element.matches("button, [role=button], input")) return "android.widget.Button";
    if (element.matches("img, svg, [role=img]")) return "android.widget.ImageView";
    return isInteractive(element) ? "android.view.View" : "android.widget.TextView";
  }

  function described(element, box, style) {
    const interactive = isInteractive(element);
    const on = (name) => element.getAttribute(name) === "true";
    const enabled = !element.disabled && !on("aria-disabled");
    const [text, named] = [textOf(element), description(element)];
    const found = {
      text,
      content_description: named === text && !element.matches(TEXT_FIELD) ? "" : named,
      class_name: className(element),
      bbox_pixels: {
        x_min: Math.round(box.left), x_max: Math.round(box.right), y_min: Math.round(box.top), y_max: Math.round(box.bottom),
      },
      hint_text: element.placeholder || "",
      is_checked: element.checked === true || on("aria-checked"),
      is_checkable: element.matches(CHECKABLE),
      is_clickable: interactive && enabled,
      is_editable: element.matches(TEXT_FIELD) && enabled && !element.readOnly,
      is_enabled: enabled,
      is_focused: element === document.activeElement,
      is_focusable: interactive && enabled,
      is_long_clickable: element.matches(LONG_CLICKABLE),
      is_scrollable: scrolls(element, style),
      is_selected: on("aria-selected") || (element.getAttribute("aria-current") ?? "false") !== "false",
      is_visible: true,
      package_name: element.closest("[data-package]")?.dataset.package ?? "",
      resource_name: element.id,
      tooltip: element.title,
    };
    return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== false && value !== ""));
  }

  // Whether a tap on the middle of `box` reaches the element.
  function reached(element, box) {
    const hit = document.elementFromPoint(...centre(box));
    return hit !== null && (element.contains(hit) || (hit.contains(element) && getComputedStyle(element).pointerEvents === "none"));
  }

  function worthTelling(element, style, inside) {
    if (isInteractive(element) || scrolls(element, style)) return true;
    return !inside && (hasWords(element) || element.matches("img[alt]:not([alt='']), [role=img][aria-label]"));
  }

  // `inside`: whether the text belongs to an element around it, which has been listed with it.
  function collect(element, clip, inside, found) {
    const style = getComputedStyle(element);
    if (style.display === "none" || element.ariaHidden === "true") return;
    const box = meet(style.position === "fixed" ? screen() : clip, element.getBoundingClientRect());
    const shown = !empty(box) && style.visibility === "visible" && style.opacity !== "0";
    if (shown && worthTelling(element, style, inside) && reached(element, box)) found.push(described(element, box, style));
    if (element.matches("select")) return;
    const clips = style.overflowX !== "visible" || style.overflowY !== "visible";
    if (clips && empty(box)) return;
    const within = inside || isInteractive(element) || hasWords(element);
    for (const child of element.children) collect(child, clips ? box : clip, within, found);
  }

  // What is visible, in document order.
  function elements() {
    const found = [];
    collect(document.body, screen(), false, found);
    return found;
  }

  function scrollable(x, y, vertical) {
    for (let element = document.elementFromPoint(x, y); element; element = element.parentElement) {
      const style = getComputedStyle(element);
      if (/auto|scroll/.test(vertical ? style.overflowY : style.overflowX)) {
        if (vertical ? element.scrollHeight > element.clientHeight : element.scrollWidth > element.clientWidth) return element;
      }
    }
    return document.scrollingElement;
  }

  // Shows what lies in `direction` of whatever scrolls at (x, y): half of its height or width, as a finger from its middle to its edge.
  function scroll(direction, x, y) {
    const vertical = direction === "up" || direction === "down";
    const element = scrollable(x, y, vertical);
    const sign = direction === "up" || direction === "left" ? -1 : 1;
    const half = (vertical ? element.clientHeight : element.clientWidth) / 2;
    element.scrollBy({ left: vertical ? 0 : sign * half, top: vertical ? sign * half : 0, behavior: "instant" });
  }

  // Gets the focused field ready for typing at its end, or in place of what it holds; tells whether there is such a field.
  function prepare(clear) {
    const field = document.activeElement;
    if (!field.matches(TEXT_FIELD) || field.disabled || field.readOnly) return false;
    if (!("value" in field)) getSelection().selectAllChildren(field);
    else if (clear) field.select();
    else field.setSelectionRange(field.value.length, field.value.length);
    if (!("value" in field) && !clear) getSelection().collapseToEnd();
    if (clear) document.execCommand("delete");
    return true;
  }

  addEventListener("contextmenu", (event) => event.preventDefault()); // the browser's own menu is not part of the phone
  const still = document.createElement("style");
  still.textContent = "*, ::before, ::after { animation: none !important; transition: none !important; caret-color: transparent !important; }";
  document.head.append(still);

  return { elements, scroll, prepare };
})();
