/* Mouse and fingers on a drawing: a drag moves the view, the wheel and two fingers enlarge it, a click opens a note. A
   finger does not hover: its tap shows what it is on. */
"use strict";

globalThis.carrelPointers = (canvas, drawing) => {
  const CLICK = 4; // pixels that a pointer may move in a click
  const pointers = new Map(); // those that are down, where they are
  let moved = 0;

  const at = ({ offsetX, offsetY, pointerType }) => drawing.at(offsetX, offsetY, pointerType === "touch" ? 18 : 6);

  function open(node, aside) {
    if (!node?.url) return;
    if (aside) window.open(node.url, "_blank", "noopener");
    else location.href = node.url;
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    moved = pointers.size ? CLICK : 0; // two fingers do not click
    pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (!drawing.still) canvas.setPointerCapture(event.pointerId);
  });

  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") drawing.hovered = at(event);
      return;
    }
    const now = [event.offsetX, event.offsetY], [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    moved += Math.hypot(dx, dy);
    pointers.set(event.pointerId, now);
    if (drawing.still || moved < CLICK) return;
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) return drawing.pan(dx, dy);
    const length = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
    drawing.zoom(length(now) / length(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  });

  function up(event) {
    if (!pointers.delete(event.pointerId) || event.type === "pointercancel" || moved >= CLICK) return;
    const node = at(event);
    if (event.pointerType !== "touch" || (drawing.still && node === drawing.hovered)) open(node, event.ctrlKey || event.metaKey);
    else if (drawing.onChoose) drawing.onChoose(node);
    else drawing.hovered = node;
  }

  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, up);
  canvas.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType !== "touch") drawing.hovered = null; });
  canvas.addEventListener("auxclick", (event) => { if (event.button === 1) open(at(event), true); });
  if (drawing.still) return;
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode ? 20 : 1);
    drawing.zoom(Math.exp(-Math.max(Math.min(pixels, 200), -200) / (event.ctrlKey ? 100 : 400)), event.offsetX, event.offsetY);
  }, { passive: false });
};
