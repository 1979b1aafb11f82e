// Draw a film without WebGL: the part in view is computed at device resolution, pixel by pixel.

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
    const [width, height] = [canvas.width, canvas.height];
    this.clear();
    const film = toned(scene.film, scene, [0, 0, scene.film.width, scene.film.height], width, height);
    if (scene.showing === 0) {
      this.#put(windowed(film, scene));
      return;
    }
    const { left, top, width: wide, height: high } = scene.twinFrame;
    const twin = toned(scene.twin, scene, [left, top, wide, high], width, height);
    this.#put(scene.showing === 1 ? windowed(twin, scene) : apart(film, twin, scene));
  }

  clear() {
    const { canvas } = this.#context;
    this.#context.fillRect(0, 0, canvas.width, canvas.height);
  }

  release() {}

  #put(pixels) {
    // What a picture leaves open stays black, as putImageData knows no blending.
    for (let at = 0; at < pixels.data.length; at += 4) {
      if (pixels.data[at + 3] < 128) pixels.data.fill(0, at, at + 3);
      pixels.data[at + 3] = 255;
    }
    this.#context.putImageData(pixels, 0, 0);
  }
}

// Return the part of a picture in view; flat pictures as they are, deep ones windowed already.
function toned(picture, { offset, scale, window: shown }, [left, top, wide, high], width, height) {
  if (picture.samples) return sampled(picture, offset, scale, shown, width, height);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = scale < 8;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture.bitmap, offset[0] + left * scale, offset[1] + top * scale, wide * scale, high * scale);
  return context.getImageData(0, 0, width, height);
}

function sampled(film, offset, scale, [low, high], width, height) {
  const pixels = new ImageData(width, height);
  const to = new Uint32Array(pixels.data.buffer);
  const table = new Uint8ClampedArray(65536).map((_, sample) => Math.round(((sample - low) * 255) / (high - low)));
  const level = film.levels[Math.min(film.levels.length - 1, Math.max(0, Math.round(-Math.log2(scale))))];
  const [across, down] = [level.width / film.width / scale, level.height / film.height / scale];
  const column = Int32Array.from({ length: width }, (_, x) => Math.floor((x + 0.5 - offset[0]) * across));
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y + 0.5 - offset[1]) * down);
    if (row < 0 || row >= level.height) continue;
    for (let x = 0; x < width; x++) {
      if (column[x] < 0 || column[x] >= level.width) continue;
      to[y * width + x] = 0xff000000 | (table[level.samples[row * level.width + column[x]]] * 0x010101);
    }
  }
  pixels.isWindowed = true;
  return pixels;
}

function windowed(pixels, { span, window: [low, high], inverted }) {
  const step = (span.high - span.low) / 255;
  const tone = (level) => (pixels.isWindowed ? level : ((span.low + level * step - low) * 255) / (high - low));
  const table = new Uint8ClampedArray(256).map((_, level) => Math.round(tone(level)));
  if (inverted) table.forEach((level, at) => (table[at] = 255 - level));
  const { data } = pixels;
  for (let at = 0; at < data.length; at++) if ((at & 3) !== 3) data[at] = table[data[at]];
  return pixels;
}

// Return how far two pictures are apart; deep films are compared as they are windowed.
function apart(one, other, { span, window: [low, high], inverted }) {
  const contrast = one.isWindowed ? 1 : (span.high - span.low) / (high - low);
  if (one.isWindowed) windowed(other, { span, window: [low, high], inverted: false });
  for (let at = 0; at < one.data.length; at++) {
    if ((at & 3) === 3) one.data[at] = Math.min(one.data[at], other.data[at]);
    else one.data[at] = inverted ? 255 - Math.abs(one.data[at] - other.data[at]) * contrast : Math.abs(one.data[at] - other.data[at]) * contrast;
  }
  return one;
}
