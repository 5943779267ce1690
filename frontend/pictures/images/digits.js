/** Test digits with the network's guesses: wrong ones are framed, crossed and named. Click one to follow it. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { percent } from "../../state/numbers.js";
import { addCanvas, fit, shorter } from "../../ui/canvas.js";
import { make } from "../../ui/element.js";
import { css, greyPalette, themed } from "../../ui/palette.js";
import { drawPixels, part, sizeOf, square } from "../bytes.js";
import { onCursor } from "../examples.js";
import { tiles } from "../tiles.js";

/**
 * Images (N, side, side), in colour (N, side, side, 3), labels and guesses (N,), and the guesses' probabilities × 255
 * (N,).
 * @typedef {import("../view.js").PictureOf<
 *   {images: Uint8Array, labels: Uint8Array, guesses: Uint8Array, confidence: Uint8Array},
 *   {names: string[]}
 * >} Digits
 */
/** @typedef {import("../view.js").Store} Store */

const GAP = 5;
const LARGEST = 120; // pixels of an image
const WIDEST = 90; // of a name that a person gave

/** @type {WeakSet<Store>} whose pages show the wrong ones alone, in what is saved of them too */
const onlyWrong = new WeakSet();

export class DigitsView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Test digits and the network's guesses");
    this.mount = mount;
    this.store = mount.store;
    /** @type {Digits | null} */
    this.picture = null;
    /** @type {number[]} which are shown */
    this.shown = [];
    this.line = 0; // the height of a name
    if (mount.surroundings.answers) this.hear();
  }

  /** Let a click, or an arrow key, choose a digit; and let the wrong ones be shown alone. */
  hear() {
    const { canvas, store } = this;
    canvas.classList.add("clickable");
    canvas.setAttribute("aria-label", "Test images and the network's guesses; arrow keys choose one");
    canvas.addEventListener("click", (event) => this.choose(event.offsetX, event.offsetY));
    const move = (/** @type {number} */ across, /** @type {number} */ down) => {
      const { shown } = this;
      const at = Math.max(0, shown.indexOf(store.example)) + across + down * (this.layout?.columns ?? 1);
      if (shown.length) this.select(shown[(at + shown.length) % shown.length] ?? shown[0]);
    };
    onCursor(canvas, move, () => this.select(store.example));
    const filter = make("button", {
      type: "button",
      id: "only-wrong",
      className: "chip",
      textContent: "Only wrong",
    });
    filter.setAttribute("aria-pressed", String(onlyWrong.has(store)));
    filter.onclick = () => {
      if (!onlyWrong.delete(store)) onlyWrong.add(store);
      filter.setAttribute("aria-pressed", String(onlyWrong.has(store)));
      if (this.picture) this.draw(this.picture);
    };
    this.mount.title.append(filter);
  }

  /** @param {Digits} picture */
  draw(picture) {
    this.picture = picture;
    const { ctx, width, height, type } = fit(this.canvas);
    const { images, labels, guesses } = picture.arrays;
    const n = labels.length;
    const right = labels.reduce((sum, label, i) => sum + Number(label === guesses[i]), 0);
    const all = Array.from(labels, (_, i) => i);
    const wanted = onlyWrong.has(this.store) ? all.filter((i) => guesses[i] !== labels[i]) : all;
    const line = Math.ceil(type.size * 1.4);
    this.line = line;
    ctx.font = type.font({ weight: "bold" });
    const names = new Set(wanted.map((i) => this.said(i)));
    const widest = Math.max(...[...names].map((name) => ctx.measureText(name).width), 0);
    const layout = this.layOut(wanted.length, width, height, Math.min(WIDEST, widest));
    this.shown = wanted.slice(0, layout.n);
    const start = {
      x: (width - layout.columns * (layout.size + GAP) + GAP) / 2,
      y: (height - layout.rows * (layout.size + GAP + line) + GAP) / 2,
    };
    this.layout = { ...layout, start };
    const palette = greyPalette();
    const shape = picture.shapes.images.slice(1);
    const size = sizeOf(shape);
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    this.shown.forEach((i, at) => {
      const x = start.x + (at % layout.columns) * (layout.size + GAP);
      const y = start.y + Math.floor(at / layout.columns) * (layout.size + GAP + line);
      const wrong = guesses[i] !== labels[i];
      const chosen = i === this.store.example;
      drawPixels(ctx, part(images, i, size), shape, palette, square(x, y, layout.size), { smooth: true });
      const thick = chosen ? 3 : wrong ? 2 : 1;
      ctx.lineWidth = thick;
      ctx.strokeStyle = chosen ? themed("train") : wrong ? css(CLASS_COLOURS[4]) : themed("line");
      ctx.strokeRect(x + thick / 2, y + thick / 2, layout.size - thick, layout.size - thick);
      ctx.fillStyle = wrong ? themed("test") : themed("ink");
      ctx.font = type.font({ weight: wrong ? "bold" : "normal" });
      ctx.fillText(shorter(ctx, this.said(i), layout.size + GAP - 2), x + layout.size / 2, y + layout.size + 3);
    });
    if (!this.shown.length) {
      ctx.fillStyle = themed("ink");
      ctx.font = type.font();
      ctx.fillText(`All ${n} are right.`, width / 2, height / 2);
    }
    this.mount.entitle(this.isOfDigits(picture) ? "Digits and guesses" : "Images and guesses");
    this.mount.legend([{ mark: "□", colour: "test", words: `${n - right} of ${n} wrong` }]);
  }

  /**
   * Lay as many out as can have their names under them.
   * @param {number} all @param {number} width @param {number} height @param {number} widest of the names
   */
  layOut(all, width, height, widest) {
    for (let n = all; ; n--) {
      const layout = tiles(Math.max(1, n), width, height, GAP, this.line);
      if (n <= 6 || layout.size + GAP - 2 >= widest) return { ...layout, size: Math.min(layout.size, LARGEST), n };
    }
  }

  /** What an image is taken for, wrong ones crossed. @param {number} i */
  said(i) {
    if (!this.picture) return "";
    const { labels, guesses } = this.picture.arrays;
    return `${guesses[i] === labels[i] ? "" : "✗ "}${this.named(guesses[i])}`;
  }

  /** @param {Digits} picture */
  isOfDigits = ({ names }) => names.join("") === "0123456789";

  /** @param {number} k */
  named(k) {
    return this.picture?.names[k] ?? String(k);
  }

  /** Say how many are right, and which are taken for what. */
  describe() {
    if (!this.picture) return "";
    const { labels, guesses } = this.picture.arrays;
    const wrong = [...labels].flatMap((label, i) =>
      label === guesses[i] ? [] : [`${this.named(label)} taken for ${this.named(guesses[i])}`],
    );
    const n = labels.length;
    return `${n - wrong.length} of ${n} test images right${wrong.length ? `; ${wrong.slice(0, 8).join(", ")}` : ""}`;
  }

  /** @param {number} x @param {number} y */
  choose(x, y) {
    if (!this.layout || !this.picture) return;
    const { start, size, columns } = this.layout;
    const column = Math.floor((x - start.x) / (size + GAP));
    const i = Math.floor((y - start.y) / (size + GAP + this.line)) * columns + column;
    if (column >= 0 && column < columns && i >= 0 && i < this.shown.length) this.select(this.shown[i]);
  }

  /** @param {number} i */
  select(i) {
    this.store.example = i;
    this.store.emit("example");
    if (this.store.task.example_history) {
      this.store.tracked = i;
      this.store.emit("tracked");
    }
    if (!this.picture) return;
    const { labels, guesses, confidence } = this.picture.arrays;
    const sure = percent(confidence[i] / 255, 0);
    const words = `test image ${i}, ${this.named(labels[i])}, taken for ${this.named(guesses[i])}, ${sure}`;
    this.canvas.setAttribute("aria-label", words);
    this.draw(this.picture);
  }
}
