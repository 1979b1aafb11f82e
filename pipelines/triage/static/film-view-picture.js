// What a film is made of: 8-bit colours as the browser decodes them, or deep grey samples and their halvings.

const KEPT = 4; // pictures decoded: the film, its twin, and those of the candidate before or ahead
const kept = new Map();

// Return the picture at an address, decoded once: { width, height, low, high, bits, valueAt(x, y), … }. A twin that is
// not `aligned` is merely fitted into the film's frame.
export function pictureAt(address, deep) {
  const name = `${deep ? "samples" : "picture"} ${address}`;
  const found = kept.get(name) ?? (deep ? samplesFrom(address) : bitmapFrom(address));
  kept.delete(name);
  kept.set(name, found);
  // What failed is asked for again next time.
  found.catch(() => kept.delete(name));
  for (const oldest of [...kept.keys()].slice(0, -KEPT)) kept.delete(oldest);
  return found;
}

async function fetched(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new Error("the server cannot be reached");
  }
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer;
}

async function bitmapFrom(address) {
  const answer = await fetched(address);
  const blob = await answer.blob();
  let bitmap;
  try {
    // Values are shown as they are stored: a profile or opacity worked in would change what windowing finds.
    bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch {
    throw new Error(`this browser draws no ${blob.type || "file of that kind"}, or the file is damaged`);
  }
  return new Flat(bitmap, answer.headers.get("X-Aligned") !== "0");
}

async function samplesFrom(address) {
  const answer = await fetched(address);
  const stated = (name) => Number(answer.headers.get(`X-${name}`));
  const [width, height] = [stated("Width"), stated("Height")];
  const samples = new Uint16Array(await answer.arrayBuffer());
  if (!width || samples.length !== width * height) throw new Error("its samples came incomplete");
  return new Deep(samples, width, height, stated("Bits") || 16, stated("Low"), stated("High") || 65535);
}

class Flat {
  low = 0;
  high = 255;
  bits = 8;
  #one;

  constructor(bitmap, aligned) {
    this.bitmap = bitmap;
    this.aligned = aligned;
    this.width = bitmap.width;
    this.height = bitmap.height;
  }

  // Return the value of one pixel: a number where it is grey, else its red, green and blue.
  valueAt(x, y) {
    this.#one ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    this.#one.clearRect(0, 0, 1, 1);
    this.#one.drawImage(this.bitmap, -x, -y);
    const [red, green, blue] = this.#one.getImageData(0, 0, 1, 1).data;
    return red === green && green === blue ? red : `${red} ${green} ${blue}`;
  }
}

class Deep {
  #levels;

  constructor(samples, width, height, bits, low, high) {
    Object.assign(this, { samples, width, height, bits, low, high });
  }

  valueAt(x, y) {
    return this.samples[y * this.width + x];
  }

  // Return the film at its own size, at a half, a quarter and so on: a shrunk film drawn from single samples flickers.
  get levels() {
    if (this.#levels) return this.#levels;
    this.#levels = [{ samples: this.samples, width: this.width, height: this.height }];
    for (let last = this.#levels[0]; last.width > 1 && last.height > 1; last = this.#levels.at(-1)) {
      this.#levels.push(halved(last));
    }
    return this.#levels;
  }
}

function halved({ samples, width: stride, height: rows }) {
  const [width, height] = [stride >> 1, rows >> 1];
  const half = new Uint16Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = 2 * y * stride; x < width; x++, at += 2) {
      half[to++] = (samples[at] + samples[at + 1] + samples[at + stride] + samples[at + stride + 1] + 2) >> 2;
    }
  }
  return { samples: half, width, height };
}
