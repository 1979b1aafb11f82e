// The panels of a figure as boxes over it: drawn, moved, resized, named and deleted, in pixels of the figure.

const SMALLEST = 8; // pixels a side; a slip of the mouse is no panel
const GRIP = 7; // CSS pixels to either side of an edge that take hold of it
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Panels {
  #layer = document.createElement("div");
  #panels = [];
  #size = { width: 1, height: 1 };
  #changed;
  #redraw;

  // `changed` is told of what a person changed, `redraw` is to call `place` soon.
  constructor({ changed, redraw }) {
    this.#changed = changed;
    this.#redraw = redraw;
    this.#layer.className = "film-view-panels";
    this.#layer.addEventListener("keydown", (event) => this.#press(event));
  }

  get layer() {
    return this.#layer;
  }

  get editable() {
    return this.#layer.classList.contains("editable");
  }

  set editable(on) {
    this.#layer.classList.toggle("editable", on);
    this.#build();
  }

  // Take panels as [{ box: [left, top, right, bottom], label, current }].
  take(panels) {
    this.#panels = panels.map((panel) => ({ ...panel, box: [...panel.box] }));
    this.#build();
  }

  get boxes() {
    return this.#panels.map(({ box, label, current }) => ({ box: [...box], label: label ?? "", current: Boolean(current) }));
  }

  // Set the boxes where the film lies: scale and offset in CSS pixels.
  place(size, scale, [left, top]) {
    this.#size = size;
    this.#layer.style.transform = `translate(${left}px, ${top}px)`;
    for (const [at, element] of [...this.#layer.children].entries()) {
      const [x0, y0, x1, y1] = this.#panels[at].box;
      Object.assign(element.style, { left: `${x0 * scale}px`, top: `${y0 * scale}px`, width: `${(x1 - x0) * scale}px`, height: `${(y1 - y0) * scale}px` });
    }
    this.scale = scale;
  }

  // Begin to draw, move or resize at a point of the film; return what follows the pointer: move(point) and end().
  grasp([x, y]) {
    const reach = GRIP / this.scale;
    const near = (panel) => {
      const [left, top, right, bottom] = panel.box;
      return x > left - reach && x < right + reach && y > top - reach && y < bottom + reach;
    };
    // Of boxes within boxes the smallest is meant.
    const found = this.#panels.filter(near).sort((one, other) => area(one.box) - area(other.box))[0];
    if (!found) return this.#draw([x, y]);
    const [left, top, right, bottom] = found.box;
    const edges = [Math.abs(x - left) < reach, Math.abs(y - top) < reach, Math.abs(x - right) < reach, Math.abs(y - bottom) < reach];
    this.#focus(found);
    return edges.some(Boolean) ? this.#resize(found, edges) : this.#move(found, [x, y]);
  }

  #draw(from) {
    let panel;
    return this.#following((at) => {
      if (!panel) {
        if (Math.abs(at[0] - from[0]) < SMALLEST || Math.abs(at[1] - from[1]) < SMALLEST) return;
        panel = { box: [0, 0, 0, 0], label: "", current: false };
        this.#panels.push(panel);
        this.#build();
        this.#focus(panel);
      }
      const across = [from[0], at[0]].sort((one, other) => one - other);
      const down = [from[1], at[1]].sort((one, other) => one - other);
      this.#set(panel, [across[0], down[0], across[1], down[1]]);
    });
  }

  #move(panel, from) {
    const start = [...panel.box];
    return this.#following(([x, y]) => this.#shift(panel, start, x - from[0], y - from[1]));
  }

  #resize(panel, edges) {
    return this.#following((at) => {
      const box = panel.box.map((edge, side) => (edges[side] ? at[side % 2] : edge));
      if (box[2] - box[0] >= SMALLEST && box[3] - box[1] >= SMALLEST) this.#set(panel, box);
    });
  }

  #following(move) {
    const before = JSON.stringify(this.boxes);
    return { move, end: () => JSON.stringify(this.boxes) !== before && this.#changed(this.boxes) };
  }

  #shift(panel, [left, top, right, bottom], across, down) {
    const { width, height } = this.#size;
    const x = Math.round(Math.min(width - right, Math.max(-left, across)));
    const y = Math.round(Math.min(height - bottom, Math.max(-top, down)));
    this.#set(panel, [left + x, top + y, right + x, bottom + y]);
  }

  #set(panel, [left, top, right, bottom]) {
    const { width, height } = this.#size;
    const within = (edge, end) => Math.round(Math.min(end, Math.max(0, edge)));
    panel.box = [within(left, width), within(top, height), within(right, width), within(bottom, height)];
    this.#name(panel);
    this.#redraw();
  }

  // Add a panel in the middle of the film.
  add() {
    const { width, height } = this.#size;
    const panel = { box: [], label: "", current: false };
    this.#panels.push(panel);
    this.#build();
    this.#set(panel, [width / 4, height / 4, (3 * width) / 4, (3 * height) / 4]);
    this.#focus(panel);
    this.#changed(this.boxes);
  }

  // Arrows move, with Shift the right and lower edge; a letter names the panel, Delete removes it.
  #press(event) {
    const panel = this.#panels[[...this.#layer.children].indexOf(event.target)];
    if (!panel || !this.editable || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!this.#change(panel, event)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#changed(this.boxes);
  }

  #change(panel, { key, shiftKey }) {
    const step = Math.max(1, Math.round(1 / this.scale));
    const [across, down] = (ARROWS[key] ?? [0, 0]).map((part) => part * step);
    if (key in ARROWS && shiftKey) {
      const [left, top, right, bottom] = panel.box;
      this.#set(panel, [left, top, Math.max(left + SMALLEST, right + across), Math.max(top + SMALLEST, bottom + down)]);
    } else if (key in ARROWS) {
      this.#shift(panel, panel.box, across, down);
    } else if (key === "Delete" || key === "Backspace") {
      this.#remove(panel);
    } else if (/^[a-z]$/i.test(key)) {
      panel.label = key.toUpperCase();
      this.#name(panel);
    } else {
      return false;
    }
    return true;
  }

  #remove(panel) {
    const at = this.#panels.indexOf(panel);
    this.#panels.splice(at, 1);
    this.#build();
    const next = this.#layer.children[Math.min(at, this.#panels.length - 1)] ?? this.#layer.closest("film-view");
    next.focus({ preventScroll: true });
  }

  #focus(panel) {
    this.#layer.children[this.#panels.indexOf(panel)].focus({ preventScroll: true });
  }

  #build() {
    this.#layer.replaceChildren(...this.#panels.map(() => document.createElement("div")));
    for (const panel of this.#panels) this.#name(panel);
    this.#redraw();
  }

  #name(panel) {
    const element = this.#layer.children[this.#panels.indexOf(panel)];
    element.className = panel.current ? "film-view-panel current" : "film-view-panel";
    element.dataset.label = panel.label || String(this.#panels.indexOf(panel) + 1);
    if (!this.editable) return;
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `panel ${element.dataset.label}, ${panel.box.map(Math.round).join(" ")} pixels`);
  }
}

const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
