/* Draws the diagrams of a page with mermaid, in the colours of its scheme. One that cannot be read stays as it was
   written. Diagrams may link nowhere by script, and set no style sheet of their own. */
(() => {
  const sources = [...document.querySelectorAll("pre.carrel-diagram")].map((pre) => {
    const box = document.createElement("div");
    box.className = "carrel-drawing";
    box.hidden = true;
    pre.after(box);
    return { pre, box, text: pre.textContent };
  });
  const isDark = () => document.body.dataset.mdColorScheme === "slate";
  let drawn = 0;

  async function draw(dark) {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      suppressErrorRendering: true,
      secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "suppressErrorRendering", "maxEdges",
        "themeCSS", "fontFamily", "altFontFamily"],
      theme: dark ? "dark" : "default",
      themeVariables: dark ? { edgeLabelBackground: "#33373f" } : {},
      fontFamily: getComputedStyle(document.body).fontFamily,
    });
    for (const { pre, box, text } of sources) {
      try {
        const { svg } = await mermaid.render(`carrel-diagram-${drawn++}`, text);
        box.innerHTML = svg;
        const image = box.querySelector("svg");
        image.setAttribute("role", "img");
        if (!image.querySelector(":scope > title")) image.setAttribute("aria-label", `Diagram: ${text.trim().slice(0, 200)}`);
        box.hidden = false;
        pre.hidden = true;
      } catch (error) {
        box.hidden = true;
        pre.hidden = false;
        pre.classList.add("carrel-unread");
        pre.title = error.message;
      }
    }
  }

  let shown = isDark();
  let queue = draw(shown);
  new MutationObserver(() => {
    if (isDark() === shown) return;
    shown = isDark();
    queue = queue.then(() => draw(shown));
  }).observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });
})();
