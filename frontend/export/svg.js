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

export class SvgContext {
  constructor() {
    /** @type {string[]} */
    this.parts = [];
    this.path = "";
    /** @type {any[]} */
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
    const { fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline, lineJoin, lineCap, dash } =
      this;
    this.kept.push({
      fillStyle,
      strokeStyle,
      lineWidth,
      globalAlpha,
      font,
      textAlign,
      textBaseline,
      lineJoin,
      lineCap,
      dash,
      groups: 0,
    });
  }

  restore() {
    const before = this.kept.pop();
    if (!before) return;
    this.parts.push("</g>".repeat(before.groups));
    const { groups, ...state } = before;
    Object.assign(this, state);
  }

  /** Everything after this, up to `restore`, is cut to the path. */
  clip() {
    const id = `c${++clips}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath><g clip-path="url(#${id})">`);
    if (this.kept.length) this.kept.at(-1).groups++;
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
  /** @param {...number} p */
  bezierCurveTo(...p) {
    this.path += `C${p.map(round).join(" ")}`;
  }

  /** @param {number} x @param {number} y @param {number} r @param {number} from @param {number} to */
  arc(x, y, r, from, to) {
    const at = (/** @type {number} */ a) => `${round(x + r * Math.cos(a))} ${round(y + r * Math.sin(a))}`;
    const middle = (from + to) / 2;
    this.path += `${this.path && !this.path.endsWith("Z") ? "L" : "M"}${at(from)}A${round(r)} ${round(r)} 0 0 1 ${at(middle)}A${round(r)} ${round(r)} 0 0 1 ${at(to)}`;
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

  get faint() {
    const { globalAlpha } = this;
    return globalAlpha < 1 ? ` opacity="${round(globalAlpha)}"` : "";
  }

  fill() {
    this.parts.push(`<path d="${this.path}" fill="${this.fillStyle}"${this.faint}/>`);
  }

  stroke() {
    const { strokeStyle, lineWidth, dash, lineJoin, lineCap } = this;
    const more =
      (dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : "") +
      (lineJoin === "miter" ? "" : ` stroke-linejoin="${lineJoin}"`) +
      (lineCap === "butt" ? "" : ` stroke-linecap="${lineCap}"`);
    if (this.path)
      this.parts.push(
        `<path d="${this.path}" fill="none" stroke="${strokeStyle}" stroke-width="${round(lineWidth)}"${more}${this.faint}/>`,
      );
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  fillRect(x, y, w, h) {
    if (h < 0) {
      y += h;
      h = -h;
    }
    if (w > 0 && h > 0)
      this.parts.push(
        `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" fill="${this.fillStyle}"${this.faint}/>`,
      );
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
    const weight = /bold|[6-9]00/.test(before) ? ' font-weight="bold"' : "";
    const dy = (BASELINE[textBaseline] ?? 0) * Number(size);
    this.parts.push(
      `<text x="${round(x)}" y="${round(y + dy)}" font-family="${escaped(family.replaceAll('"', "'"))}" font-size="${size}" fill="${fillStyle}" text-anchor="${ANCHOR[textAlign] ?? "start"}"${weight}${this.faint}>${escaped(words)}</text>`,
    );
  }

  /** @param {HTMLCanvasElement} image @param {number} x @param {number} y @param {number} w @param {number} h */
  drawImage(image, x, y, w, h) {
    const how = this.imageSmoothingEnabled ? "" : ' style="image-rendering:pixelated"';
    this.parts.push(
      `<image x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" preserveAspectRatio="none"${how} href="${image.toDataURL()}"/>`,
    );
  }

  clearRect() {} // nothing is there yet
  setTransform() {} // places are the page's own pixels

  /** What was drawn, moved to a place. @param {number} x @param {number} y */
  group(x, y) {
    const open = this.kept.reduce((sum, state) => sum + state.groups, 0);
    return `<g transform="translate(${round(x)} ${round(y)})">${this.parts.join("")}${"</g>".repeat(open)}</g>`;
  }
}
