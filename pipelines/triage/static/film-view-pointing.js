// Mouse, pen and fingers on a film: drag to move, right or Shift drag to window, wheel or two fingers to zoom.

const WINDOWING = 2; // the right button
const DRAWING = 0; // the left one draws panels where they may be changed; the middle one moves the film always
const STEP = 240; // pixels of the wheel in one event; a free wheel sends thousands

export class Pointing {
  #element;
  #panels;
  #does;
  #down = new Map();
  #drag;

  // `does` holds drag, window, zoom, over and filmPoint; points are in CSS pixels of the element.
  constructor(element, panels, does) {
    this.#element = element;
    this.#panels = panels;
    this.#does = does;
    element.addEventListener("pointerdown", (event) => this.#begin(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, (event) => this.#end(event));
    element.addEventListener("pointerleave", () => does.over(undefined));
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #pointOf(event) {
    const { left, top } = this.#element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  #begin(event) {
    if (event.button > 2) return;
    // Else the browser selects text, scrolls with the middle button, or takes the focus from a chosen panel.
    event.preventDefault();
    this.#element.setPointerCapture(event.pointerId);
    const at = this.#pointOf(event);
    this.#down.set(event.pointerId, at);
    if (this.#down.size > 1) {
      this.#drag?.end?.();
      this.#drag = undefined;
      return;
    }
    this.#drag = this.#dragFor(event, at);
    if (!this.#panels.layer.contains(document.activeElement)) this.#element.focus({ preventScroll: true });
  }

  #dragFor(event, at) {
    if (event.button === WINDOWING || event.shiftKey) return { by: (right, down) => this.#does.window(right, -down) };
    const point = this.#does.filmPoint(at);
    if (event.button === DRAWING && this.#panels.editable && point) {
      const following = this.#panels.grasp(point);
      return { to: (where) => following.move(this.#does.filmPoint(where)), end: following.end };
    }
    return { by: (right, down) => this.#does.drag(right, down) };
  }

  #move(event) {
    const at = this.#pointOf(event);
    const before = this.#down.get(event.pointerId);
    if (!before) {
      this.#does.over(at);
      return;
    }
    if (this.#down.size === 2) this.#pinch(event.pointerId, before, at);
    else if (this.#drag?.to) this.#drag.to(at);
    else this.#drag?.by(at[0] - before[0], at[1] - before[1]);
    this.#down.set(event.pointerId, at);
    this.#does.over(at);
  }

  #pinch(id, before, at) {
    const [other] = [...this.#down].filter(([key]) => key !== id).map(([, point]) => point);
    const apart = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]);
    this.#does.drag((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    this.#does.zoom(apart(at) / Math.max(1, apart(before)), [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2]);
  }

  #end(event) {
    if (!this.#down.delete(event.pointerId)) return;
    this.#drag?.end?.();
    this.#drag = undefined;
  }

  #wheel(event) {
    // Ctrl comes with the pinch of a touch pad, whose steps are small; lines are what some mice count in.
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    const step = Math.max(-STEP, Math.min(STEP, pixels));
    this.#does.zoom(Math.exp(-step * (event.ctrlKey ? 0.01 : 0.0022)), this.#pointOf(event));
  }
}
