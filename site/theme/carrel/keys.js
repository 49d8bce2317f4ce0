/* The keyboard: `?` tells all keys, `g` and a letter goes to a page of the navigation, `p` and `n` go to the day before
   and after. Keys that are typed into a field are that field's. */
"use strict";

(() => {
  const PATIENCE = 1500; // ms between `g` and its letter
  const ROOT = new URL("..", document.currentScript.src).href;
  const PLACES = { h: "index", l: "timeline", p: "papers", x: "experiments", j: "projects", q: "questions", i: "ideas",
    o: "people", t: "tags", b: "bibliography", g: "graph" };
  const DAYS = { p: ".carrel-before a", ",": ".carrel-before a", n: ".carrel-after a", ".": ".carrel-after a" };
  let since = -Infinity; // when `g` was typed
  let help;

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
    const rows = [["/", "Search"], ...places().map(([letter, name]) => [`g ${letter}`, name]),
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
    dialog.append(title, close, list);
    dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });
    document.body.append(dialog);
    return dialog;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
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
