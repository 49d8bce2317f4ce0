/* A network of notes on a canvas: laid out by d3-force a little in each frame, so that the page stays quick. What it
   shows stands in the page as links too.

   Nodes are { title, kind, url, degree }, links are pairs of numbers of nodes. */
"use strict";

globalThis.CarrelDrawing = class {
  static BUDGET = 20; // ms of layout in a frame
  static SHAPES = { paper: "square", question: "diamond", idea: "diamond", experiment: "triangle", project: "square", here: "circle" };

  #context; #simulation; #tell; #styles = {};
  #view = { x: 0, y: 0, k: 1 };
  #size = { width: 0, height: 0 };
  #fits = true; // until the reader moves the view
  #followed = null; // a node that stays in the middle, until then
  #waiting = false;
  #hovered = null; #chosen = null;
  #marked = new Set();
  #isShown = () => true;

  /** `still`: the view cannot be moved; `labels`: how many titles are shown at most; `onChoose(node)`: a tap on one. */
  constructor(canvas, nodes, links, { still = false, labels = 30, spread = 1, onChoose = null } = {}) {
    Object.assign(this, { canvas, nodes, still, labels, onChoose });
    this.settled = new Promise((resolve) => { this.#tell = resolve; });
    this.#context = canvas.getContext("2d");
    for (const node of nodes) {
      node.near = new Set();
      node.radius = 3 + Math.min(Math.sqrt(node.degree), 11);
    }
    this.links = links.map(([source, target]) => ({ source: nodes[source], target: nodes[target] }));
    for (const { source, target } of this.links) {
      source.near.add(target);
      target.near.add(source);
    }
    this.order = [...nodes].sort((a, b) => b.degree - a.degree);
    this.kinds = new Map(nodes.map(({ kind }) => [kind, []]));
    for (const node of nodes) this.kinds.get(node.kind).push(node);
    const inwards = ({ degree }) => (degree ? 0.06 : 0.2); // what is linked with nothing would go far away
    this.#simulation = d3.forceSimulation(nodes).stop().alphaDecay(0.035)
      .force("charge", d3.forceManyBody().strength(-40 * spread).theta(1.2))
      .force("link", d3.forceLink(this.links).distance(30 * spread))
      .force("x", d3.forceX().strength(inwards))
      .force("y", d3.forceY().strength(inwards));
    globalThis.carrelPointers(canvas, this);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    new MutationObserver(() => this.#restyle()).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
    this.#restyle();
    this.#resize();
    this.#step();
  }

  // --- What others ask for -----------------------------------------------------------------------------------------

  /** Show only the nodes that `isShown` says; the others keep their places. */
  filter(isShown) {
    this.#isShown = isShown;
    this.draw();
  }

  /** Let some nodes stand out. */
  mark(nodes) {
    this.#marked = new Set(nodes);
    this.draw();
  }

  /** Let a node and what it is linked with stand out, in the middle; null: none. */
  choose(node) {
    this.#chosen = node;
    this.#release(node);
    if (node) this.#view.k = Math.max(this.#view.k, 1);
    this.draw();
  }

  /** Enlarge by `factor` around the middle, or a point of the canvas. */
  zoom(factor, x = this.#size.width / 2, y = this.#size.height / 2) {
    const k = Math.min(Math.max(this.#view.k * factor, 0.02), 12);
    const by = k / this.#view.k;
    this.#view = { k, x: x - (x - this.#view.x) * by, y: y - (y - this.#view.y) * by };
    this.#release();
    this.draw();
  }

  /** Move everything by so many pixels. */
  pan(dx, dy) {
    this.#view.x += dx;
    this.#view.y += dy;
    this.#release();
    this.draw();
  }

  /** Show all of it. */
  fit() {
    this.#fits = true;
    this.draw();
  }

  /** Where a node is on the canvas, in pixels of the page. */
  place(node) {
    return { x: node.x * this.#view.k + this.#view.x, y: node.y * this.#view.k + this.#view.y };
  }

  /** The node within `reach` pixels of a point of the canvas; of several the nearest. */
  at(left, top, reach) {
    let found = null;
    for (const node of this.nodes) {
      if (!this.#isShown(node)) continue;
      const { x, y } = this.place(node);
      const distance = Math.hypot(x - left, y - top) - this.#radius(node);
      if (distance < reach) [found, reach] = [node, distance];
    }
    return found;
  }

  get hovered() {
    return this.#hovered;
  }

  set hovered(node) {
    if (node === this.#hovered) return;
    this.#hovered = node;
    this.canvas.style.cursor = node?.url ? "pointer" : "";
    this.draw();
  }

  draw() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#paint();
    });
  }

  /** From now on the view is as the reader moves it, or follows a node. */
  #release(node = null) {
    this.#fits = false;
    this.#followed = node;
  }

  // --- Layout ------------------------------------------------------------------------------------------------------

  #step() {
    const until = performance.now() + this.constructor.BUDGET;
    const simulation = this.#simulation;
    const isDone = () => simulation.alpha() < simulation.alphaMin();
    while (!isDone() && performance.now() < until) simulation.tick();
    this.draw();
    if (!isDone()) return requestAnimationFrame(() => this.#step());
    this.canvas.dataset.settled = "";
    this.#tell();
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height || (width === this.#size.width && height === this.#size.height)) return;
    this.#size = { width, height };
    this.canvas.width = width * devicePixelRatio;
    this.canvas.height = height * devicePixelRatio;
    this.#paint(); // at once: a canvas of a new size is empty
  }

  #restyle() {
    const style = getComputedStyle(this.canvas);
    const read = (name) => style.getPropertyValue(`--carrel-${name}`).trim();
    this.#styles = Object.fromEntries([...this.kinds.keys()].map((kind) => [kind, read(`kind-${kind}`) || read("kind-note")]));
    Object.assign(this.#styles, { line: read("graph-line"), near: style.color, text: style.color, ground: read("graph-ground"), font: `12px ${style.fontFamily}` });
    this.draw();
  }

  #fit() {
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { x, y } of this.nodes) {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
    const { width, height } = this.#size;
    const k = Math.min(width / (right - left + 60), height / (bottom - top + 60), 3);
    this.#view = { k, x: width / 2 - ((left + right) / 2) * k, y: height / 2 - ((top + bottom) / 2) * k };
  }

  // --- Drawing -----------------------------------------------------------------------------------------------------

  #paint() {
    const context = this.#context, { width, height } = this.#size;
    if (!width) return;
    // who does not want anything to move is shown it when it stands still
    if (this.canvas.dataset.settled === undefined && matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    if (this.#fits) this.#fit();
    if (this.#followed) {
      this.#view.x = width / 2 - this.#followed.x * this.#view.k;
      this.#view.y = height / 2 - this.#followed.y * this.#view.k;
    }
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    const centre = this.#hovered ?? this.#chosen;
    const bright = centre ? new Set([centre, ...centre.near]) : this.#marked.size ? this.#marked : null;
    context.globalAlpha = bright ? 0.35 : 1;
    this.#lines(this.links, this.#styles.line, 1);
    context.globalAlpha = bright ? 0.2 : 1;
    for (const [kind, nodes] of this.kinds) this.#points(kind, nodes);
    context.globalAlpha = centre ? Math.max(Math.min(1, 50 / centre.near.size), 0.1) : 1;
    if (centre) this.#lines(this.links.filter(({ source, target }) => source === centre || target === centre), this.#styles.near, 1.2);
    context.globalAlpha = 1;
    if (bright) for (const [kind, nodes] of this.kinds) this.#points(kind, nodes.filter((node) => bright.has(node)));
    this.#titles(centre, bright);
  }

  #lines(links, style, width) {
    const context = this.#context, { x, y, k } = this.#view;
    context.beginPath();
    for (const { source, target } of links) {
      if (!this.#isShown(source) || !this.#isShown(target)) continue;
      context.moveTo(source.x * k + x, source.y * k + y);
      context.lineTo(target.x * k + x, target.y * k + y);
    }
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }

  /** Radius on the screen: it grows less than the distances. */
  #radius(node) {
    return Math.max(node.radius * Math.sqrt(Math.min(this.#view.k, 4)) * 0.9, 1.5);
  }

  #points(kind, nodes) {
    const context = this.#context, shape = this.constructor.SHAPES[kind] ?? "circle";
    context.beginPath();
    for (const node of nodes) {
      if (!this.#isShown(node)) continue;
      const { x, y } = this.place(node), r = this.#radius(node);
      if (x < -r || y < -r || x > this.#size.width + r || y > this.#size.height + r) continue;
      if (shape === "square") context.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
      else if (shape === "diamond") context.moveTo(x, y - 1.25 * r), context.lineTo(x + 1.25 * r, y), context.lineTo(x, y + 1.25 * r), context.lineTo(x - 1.25 * r, y), context.closePath();
      else if (shape === "triangle") context.moveTo(x, y - 1.2 * r), context.lineTo(x + 1.15 * r, y + 0.85 * r), context.lineTo(x - 1.15 * r, y + 0.85 * r), context.closePath();
      else context.moveTo(x + r, y), context.arc(x, y, r, 0, 2 * Math.PI);
    }
    context.fillStyle = this.#styles[kind];
    context.fill();
  }

  /** Titles where there is room: of what stands out first, then of what has the most links. */
  #titles(centre, bright) {
    const context = this.#context, taken = [];
    context.font = this.#styles.font;
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeStyle = this.#styles.ground;
    context.fillStyle = this.#styles.text;
    const wanted = bright ? this.order.filter((node) => bright.has(node) && node !== centre) : this.order;
    let tries = 6 * this.labels;
    for (const node of centre ? [centre, ...wanted] : wanted) {
      if (node.kind === "here") continue; // the page's own title stands above it
      if (taken.length >= this.labels || !tries) break;
      if (!this.#isShown(node) || (!bright && !node.degree && this.#view.k < 1)) continue;
      const { x, y } = this.place(node), r = this.#radius(node);
      if (x < 0 || y < 0 || x > this.#size.width || y > this.#size.height) continue;
      tries--;
      const text = node === centre || node.title.length < 30 ? node.title : `${node.title.slice(0, 28)}…`;
      const width = Math.min(context.measureText(text).width, this.#size.width - 8);
      const left = Math.min(Math.max(x - width / 2, 4), this.#size.width - width - 4), top = y + r + 9;
      const box = [left, top - 8, left + width, top + 8];
      if (node !== centre && taken.some(([a, b, c, d]) => box[0] < c && box[2] > a && box[1] < d && box[3] > b)) continue;
      taken.push(box);
      context.strokeText(text, left, top, width);
      context.fillText(text, left, top, width);
    }
  }
};
