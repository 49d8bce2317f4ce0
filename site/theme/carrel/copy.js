/* A button that copies the BibTeX entry of a page. Where the browser does not let it, the entry is selected, for the
   reader's own Ctrl+C. */
(() => {
  for (const box of document.querySelectorAll("details.carrel-bibtex")) {
    const code = box.querySelector("pre > code");
    if (!code) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "carrel-copy";
    button.textContent = "Copy BibTeX";
    const said = document.createElement("span");
    said.className = "carrel-copied";
    said.setAttribute("role", "status");
    box.before(button, said);

    function select() {
      box.open = true;
      const selection = getSelection();
      selection.removeAllRanges();
      const range = document.createRange();
      range.selectNodeContents(code);
      selection.addRange(range);
      /* Old, and what works in a page that was opened from disk. */
      return document.execCommand("copy");
    }

    button.addEventListener("click", async () => {
      let copied = true;
      try {
        await navigator.clipboard.writeText(`${code.textContent}\n`);
      } catch {
        copied = select();
      }
      said.textContent = copied ? "Copied" : "Selected: copy it with Ctrl+C or ⌘C";
    });
  }
})();
