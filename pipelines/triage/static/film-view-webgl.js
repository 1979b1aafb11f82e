// Draw a film with WebGL 2: windowed, inverted, flipped or subtracted on the graphics processor, at device resolution.

const CORNERS = `#version 300 es
void main() {
  gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0.0, 1.0);
}`;

// Samples are units of the file; `span` is its own window, in which the twin is written, and `shown` the person's.
const PIXELS = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
uniform sampler2D flatFilm, twin;
uniform usampler2D deepFilm;
uniform bool isDeep, inverted;
uniform int showing;
uniform float below, scale, contrast;
uniform vec2 offset, size, span, shown, twinOffset, twinScale;
out vec4 colour;

float deepAt(vec2 part, int level) {
  ivec2 last = textureSize(deepFilm, level) - 1;
  vec2 at = part * vec2(last + 1) - 0.5;
  ivec2 first = ivec2(floor(at));
  vec2 rest = at - vec2(first);
  ivec2 a = clamp(first, ivec2(0), last), b = clamp(first + 1, ivec2(0), last);
  float top = mix(float(texelFetch(deepFilm, a, level).r), float(texelFetch(deepFilm, ivec2(b.x, a.y), level).r), rest.x);
  float low = mix(float(texelFetch(deepFilm, ivec2(a.x, b.y), level).r), float(texelFetch(deepFilm, b, level).r), rest.x);
  return mix(top, low, rest.y);
}

vec3 filmAt(vec2 part, float level) {
  if (!isDeep) return textureLod(flatFilm, part, level).rgb * 255.0;
  int finer = int(level);
  float fine = deepAt(part, finer);
  return vec3(fract(level) == 0.0 ? fine : mix(fine, deepAt(part, finer + 1), fract(level)));
}

void main() {
  colour = vec4(0.0, 0.0, 0.0, 1.0);
  vec2 at = (vec2(gl_FragCoord.x, below - gl_FragCoord.y) - offset) / scale;
  if (any(lessThan(at, vec2(0.0))) || any(greaterThanEqual(at, size))) return;
  // Far enlarged, pixels are shown as pixels.
  if (scale >= 8.0) at = floor(at) + 0.5;
  vec3 film = filmAt(at / size, max(0.0, -log2(scale)));
  if (showing > 0) {
    vec2 part = (at - twinOffset) * twinScale;
    // A level of its own: at the film's edge there are no neighbours to find one by.
    vec4 other = textureLod(twin, part, max(0.0, log2(float(textureSize(twin, 0).x) * twinScale.x / scale)));
    if (any(lessThan(part, vec2(0.0))) || any(greaterThan(part, vec2(1.0))) || other.a < 0.5) return;
    if (showing == 2) {
      vec3 apart = abs(clamp((film - span.x) / (span.y - span.x), 0.0, 1.0) - other.rgb) * contrast;
      colour.rgb = inverted ? 1.0 - clamp(apart, 0.0, 1.0) : clamp(apart, 0.0, 1.0);
      return;
    }
    film = span.x + other.rgb * (span.y - span.x);
  }
  film = clamp((film - shown.x) / (shown.y - shown.x), 0.0, 1.0);
  colour.rgb = inverted ? 1.0 - film : film;
}`;

const UNITS = { flatFilm: 0, deepFilm: 1, twin: 2 };

// Draw on a canvas; undefined where the browser has no WebGL 2 or computes it without a graphics processor.
export class WebGLDrawing {
  #gl;
  #at = {};
  #held = new Map();

  static on(canvas) {
    // WebGL computed by the main processor is slower than drawing there without it.
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, failIfMajorPerformanceCaveat: true });
    return gl ? new WebGLDrawing(gl) : undefined;
  }

  constructor(gl) {
    this.#gl = gl;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, CORNERS], [gl.FRAGMENT_SHADER, PIXELS]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    for (const name of PIXELS.matchAll(/^uniform \w+ (.+);$/gm)) {
      for (const each of name[1].split(", ")) this.#at[each] = gl.getUniformLocation(program, each);
    }
    for (const [name, unit] of Object.entries(UNITS)) gl.uniform1i(this.#at[name], unit);
  }

  holds({ width, height }) {
    return Math.max(width, height) <= this.#gl.getParameter(this.#gl.MAX_TEXTURE_SIZE);
  }

  // Draw a scene: the film and its own window (span), a twin and its frame on the film, which of them is shown, how they
  // lie (offset and scale in device pixels), and the window and inversion that a person chose.
  draw({ film, span, twin, twinFrame, showing, offset, scale, window: [low, high], inverted }) {
    const [gl, at] = [this.#gl, this.#at];
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    const deep = Boolean(film.samples);
    this.#bind(deep ? UNITS.deepFilm : UNITS.flatFilm, film);
    if (twin) this.#bind(UNITS.twin, twin);
    this.#keep([film, twin]);
    gl.uniform1i(at.isDeep, deep);
    gl.uniform1i(at.inverted, inverted);
    gl.uniform1i(at.showing, showing);
    gl.uniform1f(at.below, gl.drawingBufferHeight);
    gl.uniform1f(at.scale, scale);
    gl.uniform1f(at.contrast, (span.high - span.low) / (high - low));
    gl.uniform2f(at.offset, ...offset);
    gl.uniform2f(at.size, film.width, film.height);
    gl.uniform2f(at.span, span.low, span.high);
    gl.uniform2f(at.shown, low, high);
    if (twin) {
      gl.uniform2f(at.twinOffset, twinFrame.left, twinFrame.top);
      gl.uniform2f(at.twinScale, 1 / twinFrame.width, 1 / twinFrame.height);
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  clear() {
    this.#gl.clearColor(0, 0, 0, 1);
    this.#gl.clear(this.#gl.COLOR_BUFFER_BIT);
  }

  release() {
    this.#keep([]);
  }

  #keep(pictures) {
    for (const [picture, texture] of this.#held) {
      if (pictures.includes(picture)) continue;
      this.#gl.deleteTexture(texture);
      this.#held.delete(picture);
    }
  }

  #bind(unit, picture) {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + unit);
    if (this.#held.has(picture)) {
      gl.bindTexture(gl.TEXTURE_2D, this.#held.get(picture));
      return;
    }
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    if (picture.samples) this.#upload(picture.levels);
    else this.#uploadFlat(picture);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    this.#held.set(picture, texture);
  }

  #upload(levels) {
    const gl = this.#gl;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
    gl.texStorage2D(gl.TEXTURE_2D, levels.length, gl.R16UI, levels[0].width, levels[0].height);
    for (const [level, { samples, width, height }] of levels.entries()) {
      gl.texSubImage2D(gl.TEXTURE_2D, level, 0, 0, width, height, gl.RED_INTEGER, gl.UNSIGNED_SHORT, samples);
    }
    // Integers are not filtered by the texture: the shader does it.
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST_MIPMAP_NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }

  #uploadFlat({ bitmap, width, height }) {
    const gl = this.#gl;
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.texStorage2D(gl.TEXTURE_2D, Math.floor(Math.log2(Math.max(width, height))) + 1, gl.RGBA8, width, height);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    gl.generateMipmap(gl.TEXTURE_2D);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  }
}
