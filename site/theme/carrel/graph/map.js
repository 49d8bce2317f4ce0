/* The graph of all notes, with what finds one in it: words of its title, its kind, a tag. Of the note that is chosen it
   says what it is linked with, as buttons: so that one can walk along links without seeing the drawing. */
"use strict";

(() => {
  const ROOT = new URL("../..", document.currentScript.src).href;
  const HITS = 8, NEIGHBOURS = 60;
  const box = document.querySelector(".carrel-map");

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const count = (number, one) => `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const data = element("script", { src: `${ROOT}graph-data.js` });
  data.onload = () => start(globalThis.carrelGraph);
  data.onerror = () => box.append("The graph's data is not there.");
  document.head.append(data);

  function start({ kinds, tags, folders, notes, links: linked }) {
    const nodes = notes.map(([folder, name, title, kind, carried]) => {
      const place = folders[folder] ? `${folders[folder]}/${name}` : name;
      const url = `${ROOT}${place.split("/").map(encodeURIComponent).join("/")}.html`;
      return { place, url, title: title || name, folded: fold(title || name), kind: kinds[kind][0], tags: carried, degree: 0 };
    });
    const links = linked.flatMap((others, number) => others.map((other) => [number, other]));
    for (const ends of links) for (const end of ends) nodes[end].degree++;
    const byPlace = new Map(nodes.map((node) => [node.place, node]));

    // --- What is around the canvas
    const canvas = element("canvas", { role: "img",
      "aria-label": `${count(nodes.length, "note")} and ${count(links.length, "link")} between them. What has the most links is listed below.` });
    const search = element("input", { type: "search", placeholder: "Find a note", "aria-label": "Find a note", autocomplete: "off", spellcheck: "false" });
    const tag = element("select", { "aria-label": "Tag" }, element("option", { value: "" }, "Every tag"),
      ...tags.map((name, number) => [name, number]).sort((a, b) => a[0].localeCompare(b[0])).map(([name, number]) => element("option", { value: number }, `#${name}`)));
    const buttons = [["+", "Enlarge", () => drawing.zoom(1.5)], ["−", "Make smaller", () => drawing.zoom(1 / 1.5)], ["⤢", "Show all", () => drawing.fit()]]
      .map(([sign, name, act]) => {
        const button = element("button", { type: "button", "aria-label": name, title: name }, sign);
        button.addEventListener("click", act);
        return button;
      });
    const legend = kinds.map(([kind, name]) => [kind, name, nodes.filter((node) => node.kind === kind).length])
      .filter(([, , number]) => number)
      .map(([kind, name, number]) => element("label", { class: `carrel-kind-${kind}` },
        Object.assign(element("input", { type: "checkbox", value: kind }), { checked: true }),
        element("span", { class: "carrel-swatch" }), `${name} ${number.toLocaleString("en")}`));
    const kindsBox = element("fieldset", {}, element("legend", {}, "Kinds"), ...legend);
    const hits = element("ul", { class: "carrel-found" });
    const told = element("p", { role: "status" });
    const chosenBox = element("div", { class: "carrel-chosen", role: "region", "aria-label": "Chosen note", hidden: "" });
    box.append(element("div", { class: "carrel-asks" }, search, tag, element("span", { class: "carrel-views" }, ...buttons)),
      told, hits, element("div", { class: "carrel-drawn" }, canvas, chosenBox), kindsBox);

    const drawing = new CarrelDrawing(canvas, nodes, links, { onChoose: choose });
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) told.textContent = "The notes are being laid out.";
    drawing.settled.then(() => { if (told.textContent.endsWith("laid out.")) told.textContent = ""; });

    // --- What they do
    const chooser = (node) => {
      const button = element("button", { type: "button" }, element("span", { class: `carrel-swatch carrel-kind-${node.kind}` }), node.title);
      button.addEventListener("click", () => choose(node));
      return element("li", {}, button);
    };

    function choose(node) {
      drawing.choose(node);
      chosenBox.hidden = !node;
      if (!node) return;
      hits.replaceChildren();
      const others = [...node.near].sort((a, b) => b.degree - a.degree);
      chosenBox.replaceChildren(element("p", { class: "carrel-heading" }, element("a", { href: node.url }, node.title)),
        element("p", {}, `${kinds.find(([kind]) => kind === node.kind)[1]} · ${count(others.length, "link")}`),
        element("ul", {}, ...others.slice(0, NEIGHBOURS).map(chooser)));
      told.textContent = `${node.title}: ${count(others.length, "link")}`;
    }

    function isShown() {
      const on = new Set([...kindsBox.querySelectorAll("input:checked")].map((one) => one.value));
      const number = tag.value === "" ? null : Number(tag.value);
      return (node) => on.has(node.kind) && (number === null || node.tags.includes(number));
    }

    function ask() {
      const words = fold(search.value).split(/\s+/).filter(Boolean);
      const shown = isShown();
      const found = words.length ? drawing.order.filter((node) => shown(node) && words.every((word) => node.folded.includes(word))) : [];
      drawing.filter(shown);
      drawing.mark(found);
      hits.replaceChildren(...found.slice(0, HITS).map(chooser));
      told.textContent = words.length ? (found.length ? count(found.length, "note") : "No note has these words in its title.") : "";
      return found;
    }

    search.addEventListener("input", ask);
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        const [first] = ask();
        if (first) choose(first);
      }
    });
    box.addEventListener("keydown", ({ key }) => { if (key === "Escape") choose(null); });
    for (const one of [tag, kindsBox]) one.addEventListener("change", ask);

    function follow() {
      let place = location.hash.slice(1);
      try { place = decodeURIComponent(place); } catch { /* a bare % stands for itself */ }
      const node = byPlace.get(place);
      if (node) choose(node);
    }
    addEventListener("hashchange", follow);
    follow();
  }
})();
