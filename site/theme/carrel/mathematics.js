/* Sets what the pages mark as mathematics, with KaTeX. A formula that it cannot read stays as it was written.
   Nothing is trusted: no links, no HTML, no pictures in formulas. Definitions (\gdef) last to the end of the page. */
(() => {
  const macros = {};
  const forms = [["$$", "$$", true], ["\\[", "\\]", true], ["\\(", "\\)", false], ["$", "$", false]];

  function set(element) {
    const written = element.textContent.trim();
    const form = forms.find(([open, close]) => written.startsWith(open) && written.endsWith(close));
    if (!form || element.querySelector(".katex")) return;
    const [open, close, displayMode] = form;
    const source = written.slice(open.length, -close.length);
    try {
      katex.render(source, element, {
        displayMode, macros, globalGroup: true, strict: "ignore", trust: false, maxExpand: 1000, maxSize: 50,
      });
      /* a wide formula scrolls, by the keyboard too */
      if (displayMode && element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    } catch (error) {
      element.textContent = written;
      element.classList.add("carrel-unread");
      element.title = error.message;
    }
  }

  globalThis.carrelMathematics = (root) => root.querySelectorAll(".arithmatex").forEach(set);
  globalThis.carrelMathematics(document);
})();
