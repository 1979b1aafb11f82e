// Where one looks, and through which window: shared by all films, so that the next one opens in the same place.

const NAME = "film-view";
const LARGEST = 32; // device pixels to one of the film
const FRESH = { zoom: 1, across: 0.5, down: 0.5, level: 0.5, width: 1, inverted: false };

function remembered() {
  try {
    return { ...FRESH, ...JSON.parse(sessionStorage.getItem(NAME)) };
  } catch {
    return { ...FRESH };
  }
}

// `zoom` is relative to the whole film in view, the point in the middle to the film's sides, and the window to the
// film's own: films of other sizes and depths are so seen alike.
const place = remembered();
let writing = 0;

export function remember() {
  clearTimeout(writing);
  writing = setTimeout(() => sessionStorage.setItem(NAME, JSON.stringify(place)), 200);
}

// The window on a film in units of its samples: [black, white].
export function windowOn({ low, high }) {
  const range = high - low;
  const middle = low + place.level * range;
  return [middle - (place.width * range) / 2, middle + (place.width * range) / 2];
}

export function setWindow({ low, high }, level, width) {
  place.level = (level - low) / (high - low);
  place.width = Math.max(width, 1) / (high - low);
}

// Move the window by parts of its own width.
export function adjustWindow({ low, high }, level, width) {
  place.level = Math.min(2, Math.max(-1, place.level + level * place.width));
  place.width = Math.min(4, Math.max(1 / (high - low), place.width * Math.exp(width)));
}

export function resetWindow() {
  Object.assign(place, { level: FRESH.level, width: FRESH.width, inverted: false });
}

export const isInverted = () => place.inverted;

export function invert() {
  place.inverted = !place.inverted;
}

// Lay a film of a size into a view, both in device pixels: { scale, offset: [x, y] }.
export function layOut(film, view) {
  const whole = fitting(film, view);
  const scale = whole * zoomWithin(whole);
  const offset = [offsetAlong(film.width * scale, view.width, place.across), offsetAlong(film.height * scale, view.height, place.down)];
  return { scale, offset };
}

const fitting = (film, view) => Math.min(view.width / film.width, view.height / film.height);

const zoomWithin = (whole) => Math.min(Math.max(1, LARGEST / whole), Math.max(Math.min(1, 1 / whole), place.zoom));

function offsetAlong(shown, view, middle) {
  // What fits is centred; of what does not, no margin is shown. Whole pixels keep a film at 100 % unblurred.
  if (shown <= view) return Math.round((view - shown) / 2);
  return Math.round(Math.min(0, Math.max(view - shown, view / 2 - middle * shown)));
}

// Zoom by a factor and keep the point under (x, y), in device pixels, where it is.
export function zoomAt(film, view, factor, [x, y]) {
  const whole = fitting(film, view);
  const before = layOut(film, view);
  place.zoom = zoomWithin(whole) * factor;
  place.zoom = zoomWithin(whole);
  const scale = whole * place.zoom;
  const along = (at, offset, size, side) => ((at - offset) / before.scale - (at - side / 2) / scale) / size;
  place.across = along(x, before.offset[0], film.width, view.width);
  place.down = along(y, before.offset[1], film.height, view.height);
  settle(film, view);
}

export function zoomTo(film, view, scale) {
  zoomAt(film, view, scale / layOut(film, view).scale, [view.width / 2, view.height / 2]);
}

export function fit() {
  Object.assign(place, { zoom: 1, across: 0.5, down: 0.5 });
}

// Move the film by device pixels; tell whether it moved.
export function pan(film, view, right, down) {
  const before = layOut(film, view);
  settle(film, view);
  place.across -= right / (film.width * before.scale);
  place.down -= down / (film.height * before.scale);
  settle(film, view);
  const after = layOut(film, view);
  return before.offset[0] !== after.offset[0] || before.offset[1] !== after.offset[1];
}

// Take the middle back to where the film is drawn, so that a pan beyond its edge needs not be undone first.
function settle(film, view) {
  const whole = fitting(film, view);
  const scale = whole * zoomWithin(whole);
  const within = (middle, size, side) => {
    const half = side / 2 / (size * scale);
    return half >= 0.5 ? 0.5 : Math.min(1 - half, Math.max(half, middle));
  };
  place.across = within(place.across, film.width, view.width);
  place.down = within(place.down, film.height, view.height);
}
