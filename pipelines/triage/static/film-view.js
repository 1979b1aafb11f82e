// <film-view>: one film, large. Zoom, pan, window and inversion keep their place from film to film; a twin is flipped
// over it or subtracted from it, and the panels of a figure are drawn on it.
//
// Attributes: src, or samples (deep grey samples, with X-Width, X-Height, X-Low and X-High); low and high (the film's own
// window); twin (a picture on the film's grid); showing (film, twin, difference); boxes (JSON); editable; label.
// Events: film-view:ready, film-view:window, film-view:showing, film-view:boxes.

import { CanvasDrawing } from "./film-view-canvas.js";
import { Pointing } from "./film-view-pointing.js";
import { Panels } from "./film-view-panels.js";
import { pictureAt } from "./film-view-picture.js";
import * as place from "./film-view-place.js";
import { WebGLDrawing } from "./film-view-webgl.js";

const SHOWN = ["film", "twin", "difference"];
// By what is shown, for a twin that lies on the film point by point and for one that is merely fitted into its frame.
const NAMED = {
  aligned: ["this film", "the other film", "difference: black where they agree"],
  fitted: ["this film", "the other film, only fitted: nothing aligns the two", "difference of films that nothing aligns"],
};
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ARROW_STEP = 60; // CSS pixels of one press
const EXACT = "devicePixelContentBoxSize" in ResizeObserverEntry.prototype;

export class FilmView extends HTMLElement {
  static observedAttributes = ["src", "samples", "low", "high", "twin", "showing", "boxes", "editable", "label"];

  #film;
  #twin;
  #drawing;
  #canvas;
  #panels = new Panels({ changed: (boxes) => this.#tell("boxes", { boxes }), redraw: () => this.#plan() });
  #readout = document.createElement("p");
  #naming = document.createElement("p");
  #problem = document.createElement("p");
  #sizes = new ResizeObserver((entries) => this.#resize(entries[0]));
  #view = { width: 0, height: 0, ratio: 1 };
  #stale = new Set(["film", "twin", "boxes"]);
  #planned = false;
  #frame = 0;
  #under;

  // Have a film decoded before it is wanted.
  static prefetch({ src, samples }) {
    return pictureAt(samples || src, Boolean(samples)).then(() => undefined, () => undefined);
  }

  constructor() {
    super();
    this.#readout.className = "film-view-readout";
    this.#naming.className = "film-view-naming";
    this.#problem.className = "film-view-problem";
    this.#problem.setAttribute("role", "alert");
    new Pointing(this, this.#panels, {
      drag: (right, down) => this.pan(right, down),
      window: (right, up) => this.adjust(-up / 400, right / 400),
      zoom: (factor, at) => this.zoom(factor, at),
      over: (at) => this.#hover(at),
      filmPoint: (at) => this.#filmPoint(at),
    });
    this.addEventListener("keydown", (event) => this.#press(event));
  }

  connectedCallback() {
    if (!this.hasAttribute("tabindex")) this.tabIndex = 0;
    this.replaceChildren(this.#panels.layer, this.#readout, this.#naming, this.#problem);
    this.#newCanvas();
    this.#sizes.observe(this, { box: EXACT ? "device-pixel-content-box" : "content-box" });
    this.#refresh();
  }

  disconnectedCallback() {
    this.#sizes.disconnect();
    this.#drawing?.release();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  attributeChangedCallback(name) {
    if (["src", "samples", "low", "high"].includes(name)) this.#stale.add("film");
    if (name === "twin") this.#stale.add("twin");
    if (name === "boxes" || name === "editable") this.#stale.add("boxes");
    // Attributes come one by one and are taken together.
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (this.isConnected) this.#refresh();
    });
  }

  // Show the whole film.
  fit() {
    place.fit();
    this.#moved();
  }

  // Zoom by a factor, about the middle or a point of the element.
  zoom(factor, at = [this.#view.width / 2 / this.#view.ratio, this.#view.height / 2 / this.#view.ratio]) {
    if (!this.#film) return;
    place.zoomAt(this.#film, this.#view, factor, at.map((part) => part * this.#view.ratio));
    this.#moved();
  }

  // Show one pixel of the film as one of the screen.
  actual() {
    if (!this.#film) return;
    place.zoomTo(this.#film, this.#view, 1);
    this.#moved();
  }

  // Move the film by CSS pixels; tell whether it moved.
  pan(right, down) {
    if (!this.#film) return false;
    const moved = place.pan(this.#film, this.#view, right * this.#view.ratio, down * this.#view.ratio);
    this.#moved();
    return moved;
  }

  invert() {
    place.invert();
    this.#windowed();
  }

  // Show samples around `level` over `width`, both in units of the film.
  window(level, width) {
    if (!this.#film) return;
    place.setWindow(this.#span(), level, width);
    this.#windowed();
  }

  // Move and widen the window by parts of its width; a higher level is darker.
  adjust(level, width) {
    if (!this.#film) return;
    place.adjustWindow(this.#span(), level, width);
    this.#windowed();
  }

  resetWindow() {
    place.resetWindow();
    this.#windowed();
  }

  // Show "film", "twin" or "difference".
  show(which) {
    if (SHOWN.includes(which)) this.setAttribute("showing", which);
  }

  // Add a panel in the middle of the film.
  addPanel() {
    if (this.#film && this.#panels.editable) this.#panels.add();
  }

  // What is shown and how: for the page around, and for tests.
  get state() {
    if (!this.#film) return { ready: false };
    const { scale, offset } = place.layOut(this.#film, this.#view);
    const [low, high] = place.windowOn(this.#span());
    return { ready: true, scale, offset, low, high, inverted: place.isInverted(), showing: SHOWN[this.#showing()], drawnBy: this.#drawing.constructor.name };
  }

  #refresh() {
    const editable = this.hasAttribute("editable");
    // A picture has no parts that one could reach; a figure whose panels are drawn has.
    this.setAttribute("role", editable ? "group" : "img");
    this.setAttribute("aria-label", this.getAttribute("label") || "film");
    if (this.#stale.delete("boxes")) this.#takeBoxes(editable);
    if (this.#stale.delete("film")) this.#load("film");
    if (this.#stale.delete("twin")) this.#load("twin");
    this.#plan();
    this.#tell("showing", { showing: SHOWN[this.#showing()] });
  }

  #takeBoxes(editable) {
    try {
      this.#panels.take(JSON.parse(this.getAttribute("boxes") || "[]"));
    } catch {
      this.#say("The panels of this figure cannot be read.");
    }
    this.#panels.editable = editable;
  }

  async #load(which) {
    const samples = which === "film" ? this.getAttribute("samples") : null;
    const address = samples || this.getAttribute(which === "film" ? "src" : "twin");
    // The film before must not stand beside the row of the next one.
    this.#set(which, undefined);
    if (which === "film") this.#say("");
    if (!address) return;
    try {
      const picture = await pictureAt(address, Boolean(samples));
      if (address !== this.#addressOf(which)) return;
      this.#set(which, picture);
      if (which === "film") this.#tell("ready", { width: picture.width, height: picture.height, bits: picture.bits });
    } catch (problem) {
      if (address === this.#addressOf(which)) this.#say(`The ${which === "film" ? "film" : "other film"} cannot be shown: ${problem.message}.`);
    }
  }

  #addressOf(which) {
    return which === "twin" ? this.getAttribute("twin") : this.getAttribute("samples") || this.getAttribute("src");
  }

  #set(which, picture) {
    if (which === "film") this.#film = picture;
    else this.#twin = picture;
    this.classList.toggle("loading", !this.#film);
    this.#plan();
  }

  #say(words) {
    this.#problem.textContent = words;
  }

  // The film's own window: as the attributes ask for, else as the samples do.
  #span() {
    const asked = { low: Number(this.getAttribute("low") ?? 0), high: Number(this.getAttribute("high") ?? 0) };
    return this.#film.samples && asked.high > asked.low ? asked : { low: this.#film.low, high: this.#film.high };
  }

  #showing() {
    return this.#twin ? Math.max(0, SHOWN.indexOf(this.getAttribute("showing") ?? "film")) : 0;
  }

  #newCanvas(Drawing = WebGLDrawing) {
    this.#canvas?.remove();
    this.#canvas = document.createElement("canvas");
    this.#canvas.setAttribute("aria-hidden", "true");
    this.prepend(this.#canvas);
    this.#canvas.addEventListener("webglcontextlost", () => this.#newCanvas());
    this.#drawing = Drawing.on(this.#canvas);
    if (!this.#drawing) this.#newCanvas(CanvasDrawing);
    this.#plan();
  }

  #resize({ contentRect, devicePixelContentBoxSize }) {
    const ratio = devicePixelRatio;
    const exact = devicePixelContentBoxSize?.[0];
    // The browser alone knows to which side it rounds; a size far off is that of another screen.
    const side = (css, device) => (Math.abs(device - css * ratio) < 1 ? device : Math.round(css * ratio));
    const width = side(contentRect.width, exact?.inlineSize);
    const height = side(contentRect.height, exact?.blockSize);
    this.#view = { width, height, ratio };
    // Drawn at once: a canvas is cleared by its new size.
    this.#draw();
  }

  #moved() {
    place.remember();
    this.#plan();
  }

  #windowed() {
    this.#moved();
    if (!this.#film) return;
    const [low, high] = place.windowOn(this.#span());
    this.#tell("window", { level: (low + high) / 2, width: high - low, inverted: place.isInverted() });
  }

  #plan() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { width, height, ratio } = this.#view;
    if (!width || !height || !this.isConnected) return;
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    this.#panels.layer.hidden = !this.#film;
    this.#write();
    if (!this.#film) {
      this.#drawing.clear();
      return;
    }
    const pictures = [this.#film, this.#twin].filter(Boolean);
    if (!pictures.every((picture) => this.#drawing.holds(picture))) {
      this.#newCanvas(CanvasDrawing);
      return;
    }
    const { scale, offset } = place.layOut(this.#film, this.#view);
    this.#drawing.draw({
      film: this.#film, span: this.#span(), twin: this.#twin, twinFrame: this.#twin && frameWithin(this.#film, this.#twin),
      showing: this.#showing(), scale, offset, window: place.windowOn(this.#span()), inverted: place.isInverted(),
    });
    this.#panels.place(this.#film, scale / ratio, offset.map((part) => part / ratio));
  }

  #write() {
    this.#naming.textContent = this.#twin ? NAMED[this.#twin.aligned === false ? "fitted" : "aligned"][this.#showing()] : "";
    if (!this.#film) {
      this.#readout.textContent = "";
      return;
    }
    const { scale, low, high, inverted } = this.state;
    const parts = [`${Math.round(scale * 100)} %`, `L ${Math.round((low + high) / 2)} W ${Math.round(high - low)}`];
    if (inverted) parts.push("inverted");
    const under = this.#valueUnder();
    if (under) parts.push(under);
    this.#readout.textContent = parts.join("   ");
  }

  #valueUnder() {
    if (!this.#under || this.#showing() !== 0) return "";
    const [x, y] = this.#filmPoint(this.#under).map(Math.floor);
    if (x < 0 || y < 0 || x >= this.#film.width || y >= this.#film.height) return "";
    return `${x}, ${y}: ${this.#film.valueAt(x, y)}`;
  }

  #hover(at) {
    this.#under = at;
    if (this.#film) this.#write();
  }

  // The film's pixel at a point of the element.
  #filmPoint([x, y]) {
    if (!this.#film) return undefined;
    const { scale, offset } = place.layOut(this.#film, this.#view);
    return [(x * this.#view.ratio - offset[0]) / scale, (y * this.#view.ratio - offset[1]) / scale];
  }

  #press(event) {
    if (event.target !== this || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Insert" && this.#panels.editable) {
      this.addPanel();
      event.preventDefault();
    }
    const [right, down] = ARROWS[event.key] ?? [0, 0];
    // A film that lies still leaves the arrows to the page.
    if ((right || down) && this.pan(right * ARROW_STEP, down * ARROW_STEP)) event.preventDefault();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`film-view:${name}`, { bubbles: true, detail }));
  }
}

// The frame of a twin in pixels of the film: the film's own where it has its shape, else as large as fits.
function frameWithin(film, twin) {
  const [across, down] = [film.width / twin.width, film.height / twin.height];
  if (Math.abs(across / down - 1) < 0.01) return { left: 0, top: 0, width: film.width, height: film.height };
  const scale = Math.min(across, down);
  const [width, height] = [twin.width * scale, twin.height * scale];
  return { left: (film.width - width) / 2, top: (film.height - height) / 2, width, height };
}

customElements.define("film-view", FilmView);
