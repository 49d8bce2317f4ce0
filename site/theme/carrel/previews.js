/* What a link within the site leads to, shown beside it while the mouse rests on the link or the keyboard is on it: the
   page's title and beginning, or the section that the link names. Escape closes it. Nothing in it can be clicked: it
   tells whether a click on the link is worth it.

   Over http the page is fetched. From disk nothing may be fetched, but a frame may load the page, whose own copy of this
   script then hands it over; it does so from disk only, since anybody may put a page of the web into a frame. */
"use strict";

(() => {
  const ON_DISK = location.protocol === "file:";
  if (parent !== window) {
    if (ON_DISK) parent.postMessage({ carrelPage: document.documentElement.outerHTML }, "*");
    return;
  }

  const ROOT = new URL("..", document.currentScript.src).href;
  const [REST, FOCUS, LEAVE] = [300, 500, 200]; // ms until it comes for the mouse, for the keyboard, and until it goes
  const [BLOCKS, LETTERS, KEPT] = [8, 900, 40]; // of a page that are shown; pages that are kept
  const LEFT_OUT = "nav, script, style, button, input, select, iframe, audio, video, .headerlink, .carrel-backlinks, .carrel-around, .carrel-near, .carrel-references, .carrel-tags, .carrel-diagram, .carrel-drawing, .carrel-map, .carrel-copied, .carrel-bibtex, .footnote, .footnote-backref";

  const card = document.createElement("div");
  card.className = "carrel-preview md-typeset";
  card.id = "carrel-preview";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  const pages = new Map(); // address -> promise of a document
  let link = null; // whose card is shown, or awaited
  let timer = 0;
  let loading = null; // an AbortController

  // --- Reading a page ----------------------------------------------------------------------------------------------

  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  async function fetched(address, signal) {
    const answer = await fetch(address, { signal });
    if (!answer.ok) throw new Error(answer.statusText);
    return parsed(await answer.text());
  }

  function framed(address, signal) {
    return new Promise((resolve, reject) => {
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.src = address;
      function end(act, value) {
        removeEventListener("message", listen);
        frame.remove();
        act(value);
      }
      function listen({ source, data }) {
        if (source === frame.contentWindow && typeof data?.carrelPage === "string") end(resolve, parsed(data.carrelPage));
      }
      addEventListener("message", listen);
      signal.addEventListener("abort", () => end(reject, new Error("not wanted any more")));
      document.body.append(frame);
    });
  }

  function page(address) {
    if (address === location.href.replace(/#.*/, "")) return document;
    if (!pages.has(address)) {
      loading = new AbortController();
      const asked = (ON_DISK ? framed : fetched)(address, loading.signal);
      asked.catch(() => pages.delete(address)).finally(() => { loading = null; });
      pages.set(address, asked);
      if (pages.size > KEPT) pages.delete(pages.keys().next().value);
    }
    return pages.get(address);
  }

  // --- What of it is shown -----------------------------------------------------------------------------------------

  const level = (element) => (/^H[1-6]$/.test(element.tagName) ? Number(element.tagName[1]) : 7);

  /** The blocks from `first` on, as many as a card has room for; with `until`, up to a heading of that level. */
  function blocks(first, until) {
    const found = [];
    let letters = 0;
    for (let one = first; one && found.length < BLOCKS && letters < LETTERS; one = one.nextElementSibling) {
      if (level(one) <= until) break;
      if (one.matches(LEFT_OUT)) continue;
      found.push(one);
      letters += one.textContent.length;
    }
    return found;
  }

  function content(found, fragment) {
    const article = found.querySelector(".md-content article");
    const title = article?.querySelector("h1");
    if (!title) return null;
    const target = fragment && found.getElementById(fragment);
    if (!target || !article.contains(target) || target === title) return [[title.firstChild?.textContent ?? "", ""], blocks(title.nextElementSibling, 1)];
    const name = title.firstChild?.textContent ?? "";
    if (level(target) < 7) return [[name, target.cloneNode(true)], blocks(target.nextElementSibling, level(target))];
    const block = target.closest("li, p, blockquote, pre, table, figure, section, div:not(.md-typeset__table)");
    return block && article.contains(block) ? [[name, ""], [block]] : null;
  }

  /** A copy that holds no name of the page's own, nothing to click, and addresses as they are meant. */
  function copied(block, address) {
    const copy = document.importNode(block, true);
    for (const one of copy.querySelectorAll(".carrel-enlarge")) one.replaceWith(...one.childNodes); // pictures.js put them in
    for (const one of copy.querySelectorAll(LEFT_OUT)) one.remove();
    for (const one of copy.querySelectorAll("dd")) {
      if (one.textContent.trim()) continue;
      one.previousElementSibling?.remove();
      one.remove();
    }
    for (const one of [copy, ...copy.querySelectorAll("[id], [tabindex]")]) for (const name of ["id", "tabindex"]) one.removeAttribute(name);
    for (const one of copy.querySelectorAll("a")) {
      const text = document.createElement("span");
      text.className = "carrel-link";
      text.append(...one.childNodes);
      one.replaceWith(text);
    }
    for (const image of copy.querySelectorAll("img")) image.src = new URL(image.getAttribute("src"), address).href;
    return copy;
  }

  /** Loads what sets the mathematics of a page, once, as the page itself says; then sets that of the card. */
  async function typeset(found, address) {
    if (!card.querySelector(".arithmatex")) return;
    if (!globalThis.carrelMathematics) {
      const wanted = [...found.head.querySelectorAll('link[href*="/katex"], script[src*="/katex"], script[src$="/mathematics.js"]')];
      await Promise.all(wanted.map((one) => new Promise((resolve) => {
        const made = document.createElement(one.tagName);
        if (one.tagName === "LINK") Object.assign(made, { rel: "stylesheet", href: new URL(one.getAttribute("href"), address).href });
        else Object.assign(made, { async: false, src: new URL(one.getAttribute("src"), address).href });
        made.onload = made.onerror = resolve;
        document.head.append(made);
      })));
    }
    globalThis.carrelMathematics?.(card);
  }

  // --- Showing it --------------------------------------------------------------------------------------------------

  async function show(wanted, point) {
    const [address, fragment = ""] = wanted.href.split("#");
    let found, named;
    try {
      [found, named] = [await page(address), decodeURIComponent(fragment)];
    } catch {
      return; // the link itself says more than that it cannot be shown
    }
    if (link !== wanted) return;
    const shown = content(found, named);
    if (!shown) return;
    const [[name, part], rest] = shown;
    const heading = document.createElement("p");
    heading.className = "carrel-preview-title";
    heading.append(name);
    if (part) heading.append(" › ", ...copied(part, address).childNodes);
    const body = document.createElement("div");
    body.append(...rest.map((one) => copied(one, address)));
    card.replaceChildren(heading, body);
    if (!card.isConnected) document.querySelector("main").append(card);
    card.hidden = false;
    place(wanted, point);
    wanted.setAttribute("aria-describedby", card.id);
    await typeset(found, address);
    if (link === wanted) place(wanted, point);
  }

  /** Below the line of the link that the mouse is on, or above it where there is more room. */
  function place(wanted, point) {
    const lines = [...wanted.getClientRects()];
    const line = (point && lines.find(({ top, bottom }) => point.y >= top - 2 && point.y <= bottom + 2)) || lines[0];
    if (!line) return hide();
    const below = innerHeight - line.bottom, isBelow = below > card.offsetHeight + 12 || below > line.top;
    card.style.maxHeight = `${Math.min(Math.max((isBelow ? below : line.top) - 16, 80), 360)}px`;
    card.style.left = `${Math.max(8, Math.min(line.left, innerWidth - card.offsetWidth - 8))}px`;
    card.style.top = `${isBelow ? line.bottom + 6 : line.top - card.offsetHeight - 6}px`;
    card.classList.toggle("carrel-cut", card.scrollHeight > card.clientHeight + 2);
  }

  function hide() {
    clearTimeout(timer);
    loading?.abort();
    link?.removeAttribute("aria-describedby");
    link = null;
    card.hidden = true;
  }

  // --- When --------------------------------------------------------------------------------------------------------

  /** The link within the site that an event is on, if it leads to a page. */
  function linkOf({ target }) {
    const found = target.closest?.(".md-content a[href]");
    if (!found || found.matches(".headerlink, .footnote-backref") || found.closest(".carrel-map")) return null;
    const [address, fragment] = found.href.split("#");
    return address.startsWith(ROOT) && address.endsWith(".html") && (fragment || address !== location.href.replace(/#.*/, "")) ? found : null;
  }

  function want(found, after, point) {
    if (found === link) return clearTimeout(timer);
    hide();
    link = found;
    timer = setTimeout(() => show(found, point), after);
  }

  function leave() {
    clearTimeout(timer);
    timer = setTimeout(hide, LEAVE);
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const found = linkOf(event);
    if (found) want(found, REST, { y: event.clientY });
    else if (link && !card.contains(event.target)) leave();
    else if (link) clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    const found = linkOf(event);
    if (found?.matches(":focus-visible")) want(found, FOCUS);
    else if (link) hide();
  });
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape" && link) hide(); });
  document.addEventListener("pointerdown", ({ target }) => { if (link && !card.contains(target)) hide(); });
  addEventListener("scroll", () => { if (!card.hidden) hide(); }, { passive: true });
  addEventListener("pagehide", hide);
})();
