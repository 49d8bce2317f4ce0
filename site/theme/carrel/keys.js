/* The keyboard: `?` tells all keys, `g` and a letter goes to a page of the navigation, `p` and `n` go to the day before
   and after. Keys that are typed into a field are that field's. Who speaks to the computer may switch them off, the
   search's and the theme's too (WCAG 2.1.4); a button below each page opens what tells them. */
"use strict";

(() => {
  const PATIENCE = 1500; // ms between `g` and its letter
  const ROOT = new URL("..", document.currentScript.src).href;
  const PLACES = { h: "index", l: "timeline", p: "papers", x: "experiments", j: "projects", q: "questions", i: "ideas",
    o: "people", t: "tags", b: "bibliography", g: "graph" };
  const DAYS = { p: ".carrel-before a", ",": ".carrel-before a", n: ".carrel-after a", ".": ".carrel-after a" };
  const ALONE = new Set([..."/sfgpn,.?"]); // also those of the search and of the theme
  const SETTING = "carrel.keys";
  let off = remembered();
  let since = -Infinity; // when `g` was typed
  let help;

  function remembered() {
    try { return localStorage.getItem(SETTING) === "off"; } catch { return false; } // a browser may forbid it
  }

  function remember() {
    try { localStorage.setItem(SETTING, off ? "off" : "on"); } catch { /* it holds for this page */ }
  }

  function typing(event) {
    return event.target.closest?.("input, textarea, select, [contenteditable]");
  }

  /** The pages of the navigation that a letter leads to: letter, name, address. */
  function places() {
    const links = [...document.querySelectorAll(".md-nav--primary a[href]")];
    return Object.entries(PLACES).flatMap(([letter, page]) => {
      const link = links.find((one) => one.href.split("#")[0] === `${ROOT}${page}.html` && one.textContent.trim()); // the logo has no name
      return link ? [[letter, link.textContent.trim(), link.href]] : [];
    });
  }

  function tell() {
    help ??= build();
    if (!help.open) help.showModal();
  }

  function build() {
    const dialog = document.createElement("dialog");
    dialog.className = "carrel-keys";
    dialog.setAttribute("aria-labelledby", "carrel-keys");
    const title = document.createElement("h2");
    title.id = "carrel-keys";
    title.textContent = "Keys";
    const close = document.createElement("button");
    close.type = "button";
    close.setAttribute("aria-label", "Close");
    close.textContent = "×";
    close.addEventListener("click", () => dialog.close());
    const list = document.createElement("dl");
    const rows = [["/", "Search"], ["Ctrl+K", "Search"], ...places().map(([letter, name]) => [`g ${letter}`, name]),
      ["p", "The day before"], ["n", "The day after"], ["Esc", "Close what is open"], ["?", "These keys"]];
    for (const [keys, name] of rows) {
      const term = document.createElement("dt"), what = document.createElement("dd");
      for (const key of keys.split(" ")) {
        const made = document.createElement("kbd");
        made.textContent = key;
        term.append(made);
      }
      what.textContent = name;
      list.append(term, what);
    }
    const label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !off;
    box.addEventListener("change", () => { off = !box.checked; remember(); });
    label.append(box, " Use the keys of one letter or sign");
    dialog.append(title, close, list, label);
    dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });
    document.body.append(dialog);
    return dialog;
  }

  /** The button that opens what tells the keys: where no script runs, there is none that does nothing. */
  function offerButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "carrel-tell";
    button.textContent = "Keys";
    button.addEventListener("click", tell);
    document.querySelector(".md-footer-meta__inner")?.append(button);
  }

  // before whoever else listens
  window.addEventListener("keydown", (event) => {
    if (off && ALONE.has(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event)) event.stopImmediatePropagation();
  }, true);

  offerButton();
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event) || document.querySelector("dialog[open]")) return;
    const { key } = event;
    if (event.timeStamp - since < PATIENCE) {
      since = -Infinity;
      const place = places().find(([letter]) => letter === key);
      if (place) {
        event.preventDefault();
        location.assign(place[2]);
      }
    } else if (key === "g") since = event.timeStamp;
    else if (key === "?") tell();
    else if (DAYS[key]) document.querySelector(DAYS[key])?.click();
  });
})();
