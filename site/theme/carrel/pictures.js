/* A click on a picture, or Enter, shows it as large as the window; arrows go through the page's pictures, Escape
   and a click close. The browser's own <dialog> keeps the keyboard inside and gives it back. */
(() => {
  const pictures = [...document.querySelectorAll(".md-content img")].filter((picture) => !picture.closest("a, button"));
  if (!pictures.length || !window.HTMLDialogElement) return;
  let current = 0;
  const dialog = document.createElement("dialog");
  dialog.className = "carrel-lightbox";
  dialog.setAttribute("aria-label", "Picture");
  const large = document.createElement("img");
  const caption = document.createElement("p");
  const buttons = [["‹", "Previous picture", -1], ["›", "Next picture", 1], ["×", "Close", 0]].map(([sign, name, step]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", name);
    button.hidden = step !== 0 && pictures.length === 1;
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      if (step) show(current + step);
      else dialog.close();
    });
    return button;
  });
  dialog.append(large, caption, ...buttons);
  document.body.append(dialog);

  function show(number) {
    current = (number + pictures.length) % pictures.length;
    const picture = pictures[current];
    large.src = picture.currentSrc || picture.src;
    large.alt = picture.alt;
    const text = picture.closest("figure")?.querySelector("figcaption")?.textContent ?? picture.title ?? "";
    caption.textContent = text || picture.alt;
    if (!dialog.open) dialog.showModal();
  }

  pictures.forEach((picture, number) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "carrel-enlarge";
    button.setAttribute("aria-label", `Enlarge: ${picture.alt || "picture"}`);
    picture.replaceWith(button);
    button.append(picture);
    button.addEventListener("click", () => show(number));
  });
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(current + step);
  });
})();
