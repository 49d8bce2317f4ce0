/* The dialogue of the search: opens by `/`, `s`, `f` or Ctrl+K, answers as one types. Nothing of the index is loaded
 * before it is opened. A combobox with a listbox, as the ARIA Authoring Practices have it, in a native dialogue.
 */
"use strict";

(() => {
  const HERE = document.currentScript.src.replace(/[^/]*$/, "");
  const ROOT = new URL("../..", HERE).href;
  const PAGE = 10; // hits that are shown at a time
  const PAUSE = 40; // ms without another key, after which a question is one
  const AROUND = 90; // characters of a snippet on each side of the first word

  const MAGNIFIER = "M9.5 3A6.5 6.5 0 0 1 16 9.5c0 1.61-.59 3.09-1.56 4.23l.27.27h.79l5 5-1.5 1.5-5-5v-.79l-.27-.27A6.52 6.52 0 0 1 9.5 16 6.5 6.5 0 0 1 3 9.5 6.5 6.5 0 0 1 9.5 3m0 2C7 5 5 7 5 9.5S7 14 9.5 14 14 12 14 9.5 12 5 9.5 5"; // Material Design Icons
  const HINT = "“a phrase” · -without · kind: tag: project: person: year:";

  let dialog, input, list, status, filters, facets;
  let asked = 0; // the latest question's number: answers to older ones are dropped
  let result = null, shown = 0, chosen = -1;

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // --- Opening -----------------------------------------------------------------------------------------------------

  function build() {
    input = element("input", {
      type: "text", inputmode: "search", role: "combobox", "aria-expanded": "false", "aria-controls": "carrel-hits", "aria-autocomplete": "list",
      "aria-label": "Search", placeholder: "Search", autocomplete: "off", spellcheck: "false", enterkeyhint: "go",
    });
    list = element("div", { id: "carrel-hits", role: "listbox", "aria-label": "Results" });
    status = element("p", { role: "status" }, HINT);
    facets = element("div", { class: "carrel-facets" });
    filters = element("details", {}, element("summary", {}, "Filters"), facets);
    const close = element("button", { type: "button", "aria-label": "Close" }, "×");
    dialog = element("dialog", { class: "carrel-search", "aria-label": "Search" },
      element("div", { class: "carrel-asked" }, input, close), filters, status, list);
    document.body.append(dialog);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    input.addEventListener("input", ask);
    dialog.addEventListener("keydown", onKey);
    filters.addEventListener("toggle", offer);
    list.addEventListener("click", (event) => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) dialog.close(); });
    list.addEventListener("scroll", () => { if (list.scrollTop + list.clientHeight > list.scrollHeight - 200) more(); });
  }

  const SNOWBALL = "../vendor/snowball-3.0.1/";
  const SCRIPTS = [`${SNOWBALL}base-stemmer`, `${SNOWBALL}english-stemmer`, "terms", "files", "query"];
  let opened = null; // a promise

  /** Loads the search itself, once: its scripts in this order, then what every query needs. */
  function start() {
    opened ??= Promise.all(SCRIPTS.map((name) => new Promise((resolve, reject) => {
      const script = element("script", { src: `${HERE}${name}.js` });
      script.async = false;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${name}.js is not there`));
      document.head.append(script);
    }))).then(() => carrelSearch.open());
    opened.catch((error) => { status.textContent = `The search does not work: ${error.message}.`; });
    return opened;
  }

  function show(text) {
    if (!dialog) build();
    if (!dialog.open) dialog.showModal();
    if (text !== undefined) input.value = text;
    input.focus();
    input.select();
    start();
    if (text) ask();
  }

  // --- Asking ------------------------------------------------------------------------------------------------------

  const picked = () => [...facets.querySelectorAll("select, input")].filter((one) => one.value.trim()).map((one) => [one.name, one.value.trim()]);

  async function ask() {
    const number = ++asked, text = input.value;
    await Promise.all([start(), new Promise((resolve) => { setTimeout(resolve, PAUSE); })]);
    if (number !== asked) return;
    if (!text.trim() && !picked().length) return clear(HINT);
    const found = await carrelSearch.search(text, picked());
    if (number !== asked) return;
    const first = await hits(found, 0);
    if (number !== asked) return;
    clear("");
    result = found;
    add(first);
    if (list.children.length) choose(0);
  }

  function clear(text) {
    result = null;
    shown = 0;
    chosen = -1;
    loading = false;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    status.textContent = text;
  }

  function summary({ units, whole, meant, phrases }) {
    if (!units.length || (phrases.length && !list.children.length)) return "Nothing was found.";
    const most = phrases.length ? list.children.length : units.length; // of phrases, those that were looked at
    const count = `${most.toLocaleString("en")}${phrases.length && shown < units.length ? "+" : ""} ${most === 1 ? "result" : "results"}`;
    if (meant.length) return `${count} for ${meant.map((word) => `“${word}”`).join(", ")}`;
    return whole ? count : `${count} with some of the words`;
  }

  /** The next hits, as what is shown of them. Among them, those that say it as it was asked come first. */
  async function hits(found, from) {
    const page = await Promise.all(found.units.slice(from, from + PAGE).map(carrelSearch.unit));
    const said = carrelSearch.fold(found.text);
    const rank = ({ title, sections }) => {
      if (carrelSearch.fold(title).replace(/^\d\d:\d\d /, "") === said) return 2;
      return said.includes(" ") && sections.some(([, , text]) => carrelSearch.fold(text).includes(said)) ? 1 : 0;
    };
    const holds = (one) => found.phrases.every((phrase) => [one.title, ...one.sections.map(([, , text]) => text)].some((text) => carrelSearch.holds(text, phrase)));
    found.seen ??= new Set(); // a long page is many units, and one hit
    const isNew = ({ address, title }) => !found.seen.has(`${address} ${title}`) && found.seen.add(`${address} ${title}`);
    return page.filter((one) => one && holds(one) && isNew(one)).map((one) => [rank(one), one]).sort((a, b) => b[0] - a[0]).map(([, one]) => option(one, found));
  }

  let loading = false;

  async function more() {
    if (loading || !result || shown >= result.units.length) return;
    loading = true;
    const number = asked, next = await hits(result, shown);
    loading = false;
    if (number === asked) add(next);
  }

  function add(options) {
    for (const one of options) one.id = `carrel-hit-${list.children.length + options.indexOf(one)}`;
    list.append(...options);
    shown += PAGE;
    input.setAttribute("aria-expanded", String(list.children.length > 0));
    status.textContent = summary(result);
    // a phrase is looked for in what is loaded: none among these does not say that there is none
    if (list.children.length < PAGE && shown < Math.min(result.units.length, 20 * PAGE)) more();
  }

  // --- What a hit shows --------------------------------------------------------------------------------------------

  function option({ address, title, kind, date, people, sections }, found) {
    const [anchor, heading, text, marks] = place(title, sections, found);
    const path = address.split("/").map(encodeURIComponent).join("/");
    const made = element("a", { href: `${ROOT}${path}${anchor && `#${encodeURIComponent(anchor)}`}`, role: "option", "aria-selected": "false", tabindex: "-1" },
      element("span", { class: "carrel-title" }, ...marked(heading ? `${title} › ${heading}` : title, found)),
      element("span", { class: "carrel-about-hit" }, ...marked([kind, date, people].filter(Boolean).join(" · "), found)),
      element("span", { class: "carrel-snippet" }, ...snippet(text, marks)));
    made.addEventListener("mousemove", () => choose([...list.children].indexOf(made)));
    return made;
  }

  /** Where a hit leads to: the section that says the most of what is asked, or all of it when its title says that. */
  function place(title, sections, found) {
    const first = [sections[0]?.[0] ?? "", "", sections.find(([, , text]) => text)?.[2] ?? ""];
    const all = [first, ...sections].map(([anchor, heading, text]) => [anchor, heading, text, carrelSearch.marks(text, found)]);
    const said = (text, marks) => new Set(marks.map(([start, end]) => stemOf(text, start, end))).size;
    if (said(title, carrelSearch.marks(title, found)) >= found.stems.size) return all[0];
    const weights = all.map(([, heading, text, marks]) => said(text, marks) + said(heading, carrelSearch.marks(heading, found)) / 2);
    return all[weights.indexOf(Math.max(...weights))];
  }

  const stemOf = (text, start, end) => carrelSearch.stem(carrelSearch.fold(text.slice(start, end)));

  function marked(text, found) {
    return pieces(text, carrelSearch.marks(text, found), 0, text.length);
  }

  function snippet(text, marks) {
    // from the mark on that has the most different words near it
    let [first, most] = [0, 0];
    for (const [start] of marks) {
      const near = new Set(marks.filter(([from, to]) => from >= start && to <= start + 2 * AROUND).map(([from, to]) => stemOf(text, from, to)));
      if (near.size > most) [first, most] = [start, near.size];
    }
    let from = Math.max(0, first - AROUND), to = Math.min(text.length, from + 2.6 * AROUND);
    if (from) from = text.indexOf(" ", from) + 1 || from;
    if (from > first) from = first;
    if (to < text.length) to = Math.max(text.lastIndexOf(" ", to), from + AROUND);
    return [from ? "… " : "", ...pieces(text, marks, from, to), to < text.length ? " …" : ""];
  }

  function pieces(text, marks, from, to) {
    const made = [];
    let at = from;
    for (const [start, end] of marks) {
      if (start < at && end <= at) continue;
      if (start >= to) break;
      if (end <= from) continue;
      made.push(text.slice(at, Math.max(start, at)), element("mark", {}, text.slice(Math.max(start, at), end)));
      at = end;
    }
    made.push(text.slice(at, Math.max(to, at)));
    return made;
  }

  // --- Filters -----------------------------------------------------------------------------------------------------

  async function offer() {
    if (!filters.open || facets.children.length) return;
    await start();
    const known = await carrelSearch.load("facets");
    for (const [name, values] of Object.entries(known || {})) {
      if (!values.length) continue;
      const few = values.length <= 40;
      const options = values.map(([value, count]) => element("option", { value }, few ? `${value} (${parseInt(count).toLocaleString("en")})` : ""));
      const control = few ? element("select", { name }, element("option", { value: "" }, "any"), ...options)
        : element("input", { name, list: `carrel-facet-${name}`, placeholder: "any", autocomplete: "off" });
      facets.append(element("label", {}, name, control));
      if (!few) facets.append(element("datalist", { id: `carrel-facet-${name}` }, ...options));
      control.addEventListener("change", ask);
    }
  }

  // --- Keys --------------------------------------------------------------------------------------------------------

  function choose(number) {
    const options = list.children;
    if (!options.length) return;
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = Math.min(Math.max(number, 0), options.length - 1);
    options[chosen].setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", options[chosen].id);
    if (chosen > options.length - 4) more();
  }

  function onKey(event) {
    if (event.target !== input || event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 };
    if (event.key in steps) {
      event.preventDefault();
      choose(chosen + steps[event.key]);
      list.children[chosen]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && list.children[chosen]) {
      event.preventDefault();
      const { href } = list.children[chosen];
      if (event.ctrlKey || event.metaKey) window.open(href, "_blank", "noopener");
      else { dialog.close(); location.assign(href); }
    }
  }

  document.addEventListener("keydown", (event) => {
    const left = dialog && !dialog.open && dialog.contains(event.target); // it is closed, and the keys are there for a moment more
    const typing = !left && event.target.closest?.("input, textarea, select, [contenteditable]");
    const short = !event.ctrlKey && !event.metaKey && !event.altKey && ["/", "s", "f"].includes(event.key) && !typing;
    const long = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k";
    if (!short && !long) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    show();
  }, true);

  /** Puts the button into the header: where no script runs, there is none that does nothing. */
  function offerButton() {
    const header = document.querySelector(".md-header__inner");
    if (!header) return;
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    path.setAttribute("d", MAGNIFIER);
    icon.append(path);
    const button = element("button", {
      class: "carrel-open md-header__button md-icon", type: "button", "aria-label": "Search", "aria-keyshortcuts": "/ s f Control+k", title: "Search (/)",
    }, icon, element("span", {}, "Search"), element("kbd", {}, "/"));
    button.addEventListener("click", () => show());
    header.insertBefore(button, header.querySelector(".md-header__source"));
  }

  offerButton();
  const linked = new URLSearchParams(location.search).get("q");
  if (linked) show(linked);
})();
