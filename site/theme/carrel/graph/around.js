/* Draws what is linked with the note of a page, when it comes into view: beside the text where there is room, else
   below it. The list that it is drawn from is not shown, since the page holds all of its links elsewhere. */
"use strict";

(() => {
  const ROOT = new URL("../..", document.currentScript.src).href;
  const list = [...document.querySelectorAll("ul.carrel-around")].pop();
  const here = document.querySelector(".md-content h1");
  if (!list || !here) return;

  const items = [...list.children];
  const centre = { title: here.firstChild.textContent, kind: "here", url: "", degree: items.length };
  const nodes = [centre, ...items.map((item) => {
    const link = item.querySelector("a");
    return { title: link.textContent, kind: item.dataset.kind, url: link.href, degree: 1 };
  })];
  const links = items.flatMap((item, number) => [[0, number + 1],
    ...(item.dataset.links ?? "").split(" ").filter(Boolean).map((other) => [number + 1, Number(other) + 1])]);
  for (const [one, other] of links) if (one) nodes[one].degree++, nodes[other].degree++;

  const box = document.createElement("section");
  box.className = "carrel-near";
  box.setAttribute("aria-label", "Graph");
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `This note among the ${items.length} it is linked with; the page links to all of them`);
  const whole = document.createElement("a");
  const place = decodeURIComponent(location.href.slice(ROOT.length).replace(/[?#].*$/, "").replace(/\.html$/, ""));
  whole.href = `${ROOT}graph.html#${encodeURIComponent(place)}`;
  whole.textContent = "In the whole graph";
  const title = document.createElement("p");
  title.className = "carrel-heading";
  title.textContent = "Around this note";
  box.append(title, canvas, whole);

  const wide = matchMedia("(min-width: 76.25em)"); // where Material shows a page's contents beside it
  const beside = document.querySelector(".md-sidebar--secondary .md-sidebar__inner");
  function settle() {
    if (wide.matches && beside) beside.append(box);
    else list.after(box);
  }
  wide.addEventListener("change", settle);
  settle();
  new IntersectionObserver((seen, observer) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    observer.disconnect();
    new CarrelDrawing(canvas, nodes, links, { still: true, labels: nodes.length > 13 ? 6 : 12, spread: 2.5 });
  }).observe(canvas);
})();
