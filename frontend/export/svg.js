/** Drawing that is written down as SVG: the part of a canvas's context that the views use, so that lines stay lines. */

const measure = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
const round = (/** @type {number} */ v) => String(Math.round(100 * v) / 100);
const escaped = (/** @type {string} */ text) =>
  text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[^\t\n\r -\ud7ff\ue000-\ufffd]/g, "");
const ANCHOR = /** @type {Record<string, string>} */ ({
  left: "start",
  start: "start",
  center: "middle",
  right: "end",
  end: "end",
});
const BASELINE = /** @type {Record<string, number>} */ ({
  top: 0.82,
  hanging: 0.82,
  middle: 0.34,
  alphabetic: 0,
  bottom: -0.2,
});
let clips = 0;

/** @param {number} x @param {number} y @param {number} w @param {number} h */
const place = (x, y, w, h) => ({ x: round(x), y: round(y), width: round(w), height: round(h) });

/** A part of an image. @param {HTMLCanvasElement} image @param {number[]} part */
function cut(image, [x, y, width, height]) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d")?.drawImage(image, -x, -y);
  return canvas;
}

export class SvgContext {
  constructor() {
    /** @type {string[]} */
    this.parts = [];
    this.path = "";
    /** @type {{pen: object, groups: number}[]} what `restore` brings back, and how many groups were opened since */
    this.kept = [];
    this.fillStyle = this.strokeStyle = "#000";
    this.lineWidth = this.globalAlpha = 1;
    this.font = "10px sans-serif";
    this.textAlign = "start";
    this.textBaseline = "alphabetic";
    this.lineJoin = "miter";
    this.lineCap = "butt";
    this.imageSmoothingEnabled = true;
    /** @type {number[]} */
    this.dash = [];
  }

  save() {
    const { fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline } = this;
    const { lineJoin, lineCap, dash } = this;
    const pen = { fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline };
    this.kept.push({ pen: { ...pen, lineJoin, lineCap, dash }, groups: 0 });
  }

  restore() {
    const before = this.kept.pop();
    if (!before) return;
    this.parts.push("</g>".repeat(before.groups));
    Object.assign(this, before.pen);
  }

  /** Everything after this, up to `restore`, is cut to the path. */
  clip() {
    const id = `c${++clips}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath><g clip-path="url(#${id})">`);
    const last = this.kept.at(-1);
    if (last) last.groups++;
  }

  beginPath() {
    this.path = "";
  }
  closePath() {
    this.path += "Z";
  }
  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path += `M${round(x)} ${round(y)}`;
  }
  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path += `${this.path ? "L" : "M"}${round(x)} ${round(y)}`;
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  rect(x, y, w, h) {
    this.path += `M${round(x)} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}Z`;
  }
  /** @param {number} x @param {number} y @param {number} w @param {number} h @param {number} r */
  roundRect(x, y, w, h, r) {
    const corner = (/** @type {number} */ px, /** @type {number} */ py) =>
      `A${round(r)} ${round(r)} 0 0 1 ${round(px)} ${round(py)}`;
    this.path +=
      `M${round(x + r)} ${round(y)}H${round(x + w - r)}${corner(x + w, y + r)}V${round(y + h - r)}` +
      `${corner(x + w - r, y + h)}H${round(x + r)}${corner(x, y + h - r)}V${round(y + r)}${corner(x + r, y)}Z`;
  }
  /** @param {...number} p */
  bezierCurveTo(...p) {
    this.path += `C${p.map(round).join(" ")}`;
  }

  /** @param {number} x @param {number} y @param {number} r @param {number} from @param {number} to */
  arc(x, y, r, from, to) {
    const at = (/** @type {number} */ a) => `${round(x + r * Math.cos(a))} ${round(y + r * Math.sin(a))}`;
    const half = (/** @type {number} */ a) => `A${round(r)} ${round(r)} 0 0 1 ${at(a)}`;
    const joins = this.path && !this.path.endsWith("Z");
    this.path += `${joins ? "L" : "M"}${at(from)}${half((from + to) / 2)}${half(to)}`;
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }
  /** @param {string} words */
  measureText(words) {
    measure.font = this.font;
    return measure.measureText(words);
  }

  /**
   * Write an element.
   * @param {string} name @param {Record<string, string | number>} attributes @param {string} [inside]
   */
  add(name, attributes, inside) {
    const faint = this.globalAlpha < 1 ? { opacity: round(this.globalAlpha) } : {};
    const said = Object.entries({ ...attributes, ...faint }).map(([key, value]) => ` ${key}="${value}"`);
    this.parts.push(`<${name}${said.join("")}${inside === undefined ? "/>" : `>${inside}</${name}>`}`);
  }

  fill() {
    this.add("path", { d: this.path, fill: this.fillStyle });
  }

  stroke() {
    const { path, strokeStyle, lineWidth, dash, lineJoin, lineCap } = this;
    if (!path) return;
    this.add("path", {
      d: path,
      fill: "none",
      stroke: strokeStyle,
      "stroke-width": round(lineWidth),
      ...(dash.length ? { "stroke-dasharray": dash.join(" ") } : {}),
      ...(lineJoin === "miter" ? {} : { "stroke-linejoin": lineJoin }),
      ...(lineCap === "butt" ? {} : { "stroke-linecap": lineCap }),
    });
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  fillRect(x, y, w, h) {
    const top = Math.min(y, y + h);
    if (w > 0 && h) this.add("rect", { ...place(x, top, w, Math.abs(h)), fill: this.fillStyle });
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  strokeRect(x, y, w, h) {
    this.beginPath();
    this.rect(x, y, w, h);
    this.stroke();
  }

  /** @param {string} words @param {number} x @param {number} y */
  fillText(words, x, y) {
    const { font, fillStyle, textAlign, textBaseline } = this;
    const [, before, size, family] = /^(.*?)([\d.]+)px\s+(.*)$/.exec(font) ?? [null, "", "10", "sans-serif"];
    const dy = (BASELINE[textBaseline] ?? 0) * Number(size);
    const attributes = {
      x: round(x),
      y: round(y + dy),
      "font-family": escaped(family.replaceAll('"', "'")),
      "font-size": size,
      fill: fillStyle,
      "text-anchor": ANCHOR[textAlign] ?? "start",
      ...(/bold|[6-9]00/.test(before) ? { "font-weight": "bold" } : {}),
    };
    this.add("text", attributes, escaped(words));
  }

  /** @param {HTMLCanvasElement} image @param {...number} at which part of it, where that is not all, and its place */
  drawImage(image, ...at) {
    const [x, y, w, h] = at.slice(-4);
    this.add("image", {
      ...place(x, y, w, h),
      preserveAspectRatio: "none",
      ...(this.imageSmoothingEnabled ? {} : { style: "image-rendering:pixelated" }),
      href: (at.length > 4 ? cut(image, at) : image).toDataURL(),
    });
  }

  clearRect() {} // nothing is there yet
  setTransform() {} // places are the page's own pixels

  /** What was drawn, moved to a place. @param {number} x @param {number} y */
  group(x, y) {
    const open = this.kept.reduce((sum, state) => sum + state.groups, 0);
    return `<g transform="translate(${round(x)} ${round(y)})">${this.parts.join("")}${"</g>".repeat(open)}</g>`;
  }
}
