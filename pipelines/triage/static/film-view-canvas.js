// Draw a film without a graphics processor: only the part in view is computed, at device resolution.

export class CanvasDrawing {
  #context;

  static on(canvas) {
    return new CanvasDrawing(canvas.getContext("2d", { alpha: false }));
  }

  constructor(context) {
    this.#context = context;
  }

  holds() {
    return true;
  }

  // Draw `scene`, as `WebGLDrawing.draw` does.
  draw(scene) {
    const { canvas } = this.#context;
    this.clear();
    if (scene.showing === 0 && (scene.film.samples || isPlain(scene))) {
      paint(this.#context, scene.film, wholeOf(scene.film), scene);
      return;
    }
    const seen = (picture, frame) => partInView(picture, frame, scene, canvas.width, canvas.height);
    const twin = scene.showing > 0 ? seen(scene.twin, scene.twinFrame) : undefined;
    if (scene.showing === 1) this.#put(windowed(twin, scene));
    else if (scene.showing === 0) this.#put(windowed(seen(scene.film, wholeOf(scene.film)), scene));
    else this.#put(apart(seen(scene.film, wholeOf(scene.film)), twin, scene));
  }

  clear() {
    const { canvas } = this.#context;
    this.#context.fillStyle = "#000";
    this.#context.fillRect(0, 0, canvas.width, canvas.height);
  }

  release() {}

  #put(pixels) {
    const { data } = pixels;
    // What a picture leaves open is black: putImageData blends nothing.
    for (let at = 3; at < data.length; at += 4) {
      if (data[at] < 128) data.fill(0, at - 3, at);
      data[at] = 255;
    }
    this.#context.putImageData(pixels, 0, 0);
  }
}

const wholeOf = ({ width, height }) => ({ left: 0, top: 0, width, height });

const isPlain = ({ span, window: [low, high], inverted }) => !inverted && low === span.low && high === span.high;

// Draw a picture where it lies: a flat one as it is, a deep one through the window.
function paint(context, picture, { left, top, width, height }, scene) {
  const { offset: [x, y], scale } = scene;
  context.imageSmoothingEnabled = scale < 8 && scale !== 1;
  context.imageSmoothingQuality = "medium";
  if (!picture.samples) {
    context.drawImage(picture.bitmap, x + left * scale, y + top * scale, width * scale, height * scale);
    return;
  }
  const { canvas, box, step } = windowedSamples(picture, scene, context.canvas);
  context.drawImage(canvas, x + box[0] * step[0] * scale, y + box[1] * step[1] * scale, canvas.width * step[0] * scale, canvas.height * step[1] * scale);
}

// Return the deep samples in view as shades of grey, from the halving that is just finer than what is shown.
function windowedSamples(film, { offset, scale, window: shown, inverted, showing }, view) {
  const level = film.levels[Math.min(film.levels.length - 1, Math.max(0, Math.floor(-Math.log2(scale))))];
  const step = [film.width / level.width, film.height / level.height];
  const edges = (offset, step, side, end) => [
    Math.max(0, Math.floor(-offset / scale / step) - 1),
    Math.min(end, Math.ceil((side - offset) / scale / step) + 1),
  ];
  const [left, right] = edges(offset[0], step[0], view.width, level.width);
  const [top, bottom] = edges(offset[1], step[1], view.height, level.height);
  const canvas = new OffscreenCanvas(right - left, bottom - top);
  const pixels = new ImageData(canvas.width, canvas.height);
  const to = new Uint32Array(pixels.data.buffer);
  const shades = shadesOf(shown, inverted && showing === 0);
  for (let row = top, at = 0; row < bottom; row++) {
    for (let from = row * level.width + left, end = from + right - left; from < end; from++) to[at++] = shades[level.samples[from]];
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return { canvas, box: [left, top], step };
}

function shadesOf([low, high], inverted) {
  const shades = new Uint32Array(65536);
  for (let sample = 0; sample < 65536; sample++) {
    const tone = Math.min(255, Math.max(0, Math.round(((sample - low) * 255) / (high - low))));
    shades[sample] = 0xff000000 | ((inverted ? 255 - tone : tone) * 0x010101);
  }
  return shades;
}

function partInView(picture, frame, scene, width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  paint(context, picture, frame, scene);
  return context.getImageData(0, 0, width, height);
}

// Take flat tones, which stand for the film's own window, through the one that a person chose.
function windowed(pixels, { span, window: [low, high], inverted }) {
  const step = (span.high - span.low) / 255;
  const table = new Uint8ClampedArray(256).map((_, tone) => Math.round(((span.low + tone * step - low) * 255) / (high - low)));
  if (inverted) table.forEach((tone, at) => (table[at] = 255 - tone));
  const { data } = pixels;
  for (let at = 0; at < data.length; at += 4) {
    data[at] = table[data[at]];
    data[at + 1] = table[data[at + 1]];
    data[at + 2] = table[data[at + 2]];
  }
  return pixels;
}

// Return how far a film and its twin are apart: of a deep film, as both are windowed.
function apart(film, twin, scene) {
  const { span, window: [low, high], inverted } = scene;
  const deep = Boolean(scene.film.samples);
  const contrast = deep ? 1 : (span.high - span.low) / (high - low);
  const other = deep ? windowed(twin, { ...scene, inverted: false }) : twin;
  for (let at = 0; at < film.data.length; at++) {
    const [one, two] = [film.data[at], other.data[at]];
    if ((at & 3) === 3) film.data[at] = Math.min(one, two);
    else film.data[at] = inverted ? 255 - Math.abs(one - two) * contrast : Math.abs(one - two) * contrast;
  }
  return film;
}
