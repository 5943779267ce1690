/**
 * A picture's card once more, out of sight: pictures are drawn into it and taken as PNG or SVG, and the page is not
 * disturbed.
 */

import { Card } from "../pictures/card.js";
import { surroundingsIn } from "../pictures/view.js";
import { count } from "../state/numbers.js";
import { drawElsewhere } from "../ui/canvas.js";
import { themed } from "../ui/palette.js";
import { SvgContext } from "./svg.js";

/** @typedef {import("../pictures/view.js").Picture} Picture */

/** @typedef {CanvasRenderingContext2D | SvgContext} Sheet what is drawn on */

const SCALE = 2;

/** Let views draw on a sheet that has what they use of a canvas's context. @param {Sheet} sheet */
const standIn = (sheet) => /** @type {CanvasRenderingContext2D} */ (sheet);

export class Studio {
  /** @param {import("../pictures/card.js").Card} original the one on the page */
  constructor(original) {
    const { name, kind, store } = original;
    const { width, height } = original.element.getBoundingClientRect();
    this.width = Math.round(width);
    this.height = Math.round(height);
    const element = /** @type {HTMLElement} */ (original.element.cloneNode(false));
    element.removeAttribute("data-picture");
    Object.assign(element.style, {
      position: "fixed",
      left: "-20000px",
      top: "0",
      width: `${this.width}px`,
      height: `${this.height}px`,
      flex: "none",
    });
    this.card = new Card(name, kind, store, surroundingsIn("export", store), element);
    this.element = element;
    this.when = document.createElement("span");
    this.card.title.append(this.when);
    document.body.append(element);
  }

  /** Put a picture into the card, and say of which step it is. @param {Picture} picture */
  pose(picture) {
    this.when.textContent = `step ${count(picture.step)}`;
    this.card.draw(picture);
  }

  /**
   * Let every canvas of the card be drawn into contexts of another kind.
   * @template {Sheet} S @param {Picture} picture @param {(canvas: HTMLCanvasElement) => S} contextOf
   */
  redraw(picture, contextOf) {
    const canvases = [...this.element.querySelectorAll("canvas")];
    const contexts = canvases.map(contextOf);
    const elsewhere = new Map(canvases.map((canvas, i) => [canvas, standIn(contexts[i])]));
    drawElsewhere(elsewhere, () => this.card.draw(picture));
    const { left, top } = this.element.getBoundingClientRect();
    return canvases.map((canvas, i) => {
      const box = canvas.getBoundingClientRect();
      return { context: contexts[i], x: box.left - left, y: box.top - top, width: box.width, height: box.height };
    });
  }

  /** @param {Picture} picture @returns {HTMLCanvasElement} */
  photograph(picture) {
    this.pose(picture);
    const sheet = Object.assign(document.createElement("canvas"), {
      width: this.width * SCALE,
      height: this.height * SCALE,
    });
    const ctx = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d", { alpha: false }));
    ctx.scale(SCALE, SCALE);
    this.background(ctx);
    const drawn = this.redraw(picture, (canvas) => {
      const own = Object.assign(document.createElement("canvas"), {
        width: Math.max(1, canvas.clientWidth * SCALE),
        height: Math.max(1, canvas.clientHeight * SCALE),
      });
      const context = /** @type {CanvasRenderingContext2D} */ (own.getContext("2d"));
      context.scale(SCALE, SCALE);
      return context;
    });
    for (const { context, x, y, width, height } of drawn) ctx.drawImage(context.canvas, x, y, width, height);
    this.words(ctx);
    return sheet;
  }

  /** @param {Picture} picture @returns {Promise<Blob>} */
  async png(picture) {
    const sheet = this.photograph(picture);
    return new Promise((resolve) => {
      sheet.toBlob((blob) => resolve(/** @type {Blob} */ (blob)));
    });
  }

  /** @param {Picture} picture */
  svg(picture) {
    this.pose(picture);
    const sheet = new SvgContext();
    this.background(sheet);
    const drawn = this.redraw(picture, () => new SvgContext());
    const words = new SvgContext();
    this.words(words);
    const inside = [
      sheet.group(0, 0),
      ...drawn.map(({ context, x, y }) => context.group(x, y)),
      words.group(0, 0),
    ].join("");
    const { width, height } = this;
    const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${inside}</svg>`;
    return new Blob([svg], { type: "image/svg+xml" });
  }

  /** @param {Sheet} ctx */
  background(ctx) {
    ctx.fillStyle = themed("paper");
    ctx.fillRect(0, 0, this.width, this.height);
  }

  /** Write the card's words where they stand, word by word. @param {Sheet} ctx */
  words(ctx) {
    const { left, top } = this.element.getBoundingClientRect();
    const walker = document.createTreeWalker(this.element, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    const range = document.createRange();
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node instanceof SVGSVGElement) {
        const box = node.getBoundingClientRect();
        drawMarker(ctx, node, { left: box.left - left, top: box.top - top, size: box.width });
      }
      if (node instanceof SVGElement) continue;
      if (node instanceof HTMLElement) {
        const { backgroundColor } = getComputedStyle(node);
        if (node.tagName === "CANVAS" || /^transparent$|, 0\)$/.test(backgroundColor)) continue;
        ctx.fillStyle = backgroundColor;
        for (const box of node.getClientRects()) ctx.fillRect(box.left - left, box.top - top, box.width, box.height);
        continue;
      }
      const style = getComputedStyle(/** @type {HTMLElement} */ (node.parentElement));
      ctx.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      ctx.fillStyle = style.color;
      for (const { 0: word, index } of (node.textContent ?? "").matchAll(/\S+/g)) {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const box = range.getBoundingClientRect();
        ctx.fillText(word, box.left - left, (box.top + box.bottom) / 2 - top);
      }
    }
  }

  close() {
    this.card.close();
  }
}

/**
 * Draw a marker that stands among words.
 * @param {Sheet} ctx @param {SVGSVGElement} svg @param {{left: number, top: number, size: number}} place
 */
function drawMarker(ctx, svg, { left, top, size }) {
  const [shape] = svg.children;
  const { x, y, width } = svg.viewBox.baseVal;
  if (!shape || !width) return;
  const scale = size / width;
  const at = (/** @type {number} */ px, /** @type {number} */ py) =>
    /** @type {const} */ ([left + (px - x) * scale, top + (py - y) * scale]);
  ctx.beginPath();
  if (shape instanceof SVGPolygonElement) for (const point of shape.points) ctx.lineTo(...at(point.x, point.y));
  if (shape instanceof SVGCircleElement) ctx.arc(...at(0, 0), shape.r.baseVal.value * scale, 0, 2 * Math.PI);
  ctx.closePath();
  ctx.fillStyle = shape.getAttribute("fill") ?? "none";
  ctx.fill();
}
