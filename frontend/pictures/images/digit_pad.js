/** A sheet to draw a digit on; at every stroke, and as training goes on, it passes through the network. */

import { followDrawing, Refusal } from "../../server/api.js";
import { DRAWN_MOST, PENS } from "../../state/constants.js";
import { fit, movesOf } from "../../ui/canvas.js";
import { make } from "../../ui/element.js";
import { themed } from "../../ui/palette.js";
import { onKeys } from "../examples.js";

const ASK_EVERY = 90;
const AGAIN_EVERY = 400;
const CELLS = 28; // that an arrow key moves the pen over, and that a pen is measured in
const USUAL = 0.7; // of the sheet, that a drawing measures for which a pen is as wide as it says
const SMALLEST = 0.25; // of that, down to which the ink is thinner as the drawing is smaller
const NEAR = 1 / 400; // of the sheet, that two places of a stroke are apart at least
const EDGE = 1.5; // over so many cells ink fades, as MNIST's
const LINES = 8; // that are drawn on one another, ever narrower, so that the ink fades

const NAMES = ["Thin", "Medium", "Bold"];

/** @typedef {[number, number]} Place from 0 to 1 across the sheet and down */

export class DigitPad {
  /**
   * @param {import("../view.js").Mount} mount
   * @param {(picture: import("../view.js").Picture | null, words: string) => void} show draws what the network makes
   * of the drawing; null where it says nothing, and the words why
   * @param {() => void} left shows again what was there before
   */
  constructor({ title, body, store }, show, left) {
    this.store = store;
    this.show = show;
    this.left = left;
    this.body = body;
    this.offer = store.task.name === "mnist" ? "Draw a digit" : "Draw one";
    this.toggle = make("button", {
      type: "button",
      id: "draw-digit",
      className: "chip",
      textContent: this.offer,
      title: store.whyNot("drawing") || `${this.offer} yourself, and see what the network makes of it`,
      disabled: !store.allowed("drawing"),
      onclick: () => (this.isOpen ? this.close() : this.open()),
    });
    const tool = (/** @type {string} */ id, /** @type {string} */ words, /** @type {() => void} */ onclick) =>
      make("button", { type: "button", id, className: "chip", textContent: words, onclick });
    this.pens = PENS.map((pen, i) => {
      const chip = tool(`pen-${i}`, "", () => this.choose(pen));
      chip.title = `${NAMES[i]} pen`;
      chip.setAttribute("aria-label", chip.title);
      const dot = make("i", { className: "pen-dot" });
      dot.style.setProperty("--pen", `${2.5 * pen}px`);
      chip.append(dot);
      return chip;
    });
    this.undoer = tool("digit-undo", "Undo", () => this.undo());
    this.clearer = tool("digit-clear", "Clear", () => this.clear());
    this.tools = make("span", { className: "tools pad-tools" }, ...this.pens, this.undoer, this.clearer);
    this.tools.hidden = true;
    title.append(this.tools, this.toggle);
    this.pen = PENS[1];
    /** @type {Place[][]} */
    this.strokes = [];
    /** @type {Place[][][]} what was drawn before each stroke */
    this.before = [];
    /** @type {number | null} the pointer that draws; another finger does not */
    this.pointer = null;
    this.size = USUAL; // of what is drawn
    /** @type {HTMLCanvasElement | null} */
    this.canvas = null;
    this.asking = false;
    this.wanted = false;
    this.answered = -1; // the step of the network that answered last
    this.timer = 0;
    this.ofPen();
    this.silence = [
      store.on("look", () => this.isOpen && this.ask()),
      store.on("news", () => {
        const { run, looksBack } = store; // paused, or stepped
        if (this.isOpen && !looksBack && run?.status !== "running" && this.answered !== run?.step) this.ask();
      }),
    ];
  }

  get isOpen() {
    return this.canvas !== null;
  }

  dispose() {
    for (const stop of this.silence) stop();
    if (this.isOpen) this.close();
  }

  /** @param {number} pen */
  choose(pen) {
    this.pen = pen;
    this.ofPen();
    this.redraw();
    this.ask();
  }

  ofPen() {
    this.pens.forEach((chip, i) => {
      chip.setAttribute("aria-pressed", String(PENS[i] === this.pen));
    });
  }

  open() {
    if (!this.store.allowed("drawing")) return;
    const canvas = make("canvas", { id: "digit-pad" });
    canvas.setAttribute("role", "img");
    canvas.setAttribute(
      "aria-label",
      "Sheet to draw a digit on; arrow keys move the pen, Enter sets it down or lifts it, Backspace undoes",
    );
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button || this.pointer !== null) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      canvas.focus({ preventScroll: true }); // so that Ctrl+Z is about the sheet
      this.begin(this.place(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return;
      for (const each of movesOf(event)) this.go(this.place(each));
    });
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, (event) => {
        if (/** @type {PointerEvent} */ (event).pointerId !== this.pointer) return;
        this.pointer = null;
        this.finish();
      });
    this.canvas = canvas;
    this.cursor = make("i", { className: "pen", hidden: true });
    this.sheet = make("div", { className: "pad" }, canvas, this.cursor);
    this.body.append(this.sheet);
    this.hearKeys(canvas);
    this.tools.hidden = false;
    this.toggle.textContent = "Done";
    this.sheet.scrollIntoView({ block: "nearest" });
    this.redraw();
    this.ask();
    this.timer = window.setInterval(() => {
      if (this.store.run?.status === "running" && !this.store.looksBack && !document.hidden) this.ask();
    }, AGAIN_EVERY);
  }

  /**
   * Draw by keys: the arrows move a pen that is seen, Enter sets it down or lifts it, Backspace takes back, Delete
   * clears.
   * @param {HTMLElement} canvas
   */
  hearKeys(canvas) {
    /** @type {Place} */
    let at = [0.5, 0.25];
    let isDown = false;
    const go = (/** @type {number} */ across, /** @type {number} */ down) => {
      const kept = (/** @type {number} */ v) => Math.min(1, Math.max(0, v));
      at = [kept(at[0] + across / CELLS), kept(at[1] + down / CELLS)];
      if (isDown) this.go(at);
      if (this.cursor) {
        this.cursor.hidden = false;
        this.cursor.classList.toggle("down", isDown);
        Object.assign(this.cursor.style, { left: `${100 * at[0]}%`, top: `${100 * at[1]}%` });
      }
      const [column, row] = at.map((v) => Math.round(v * CELLS));
      canvas.setAttribute("aria-label", `Pen ${isDown ? "down" : "up"}, column ${column}, row ${row} of ${CELLS}`);
    };
    const lift = () => {
      if (isDown) this.finish();
      isDown = false;
    };
    canvas.tabIndex = 0;
    canvas.addEventListener("blur", () => {
      lift();
      if (this.cursor) this.cursor.hidden = true;
    });
    onKeys(canvas, {
      ArrowLeft: () => go(-1, 0),
      ArrowRight: () => go(1, 0),
      ArrowUp: () => go(0, -1),
      ArrowDown: () => go(0, 1),
      Enter: () => {
        if (isDown) lift();
        else {
          isDown = true;
          this.begin(at);
        }
        go(0, 0);
      },
      Backspace: () => {
        lift();
        this.undo();
      },
      Delete: () => {
        lift();
        this.clear();
      },
    });
    canvas.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "z") return;
      event.preventDefault(); // of the page's own undo
      lift();
      this.undo();
    });
  }

  /** @param {PointerEvent} event @returns {Place} */
  place(event) {
    const { clientWidth, clientHeight } = /** @type {HTMLCanvasElement} */ (this.canvas);
    const kept = (/** @type {number} */ v) => Math.min(1, Math.max(0, v));
    return [kept(event.offsetX / clientWidth), kept(event.offsetY / clientHeight)];
  }

  /** How many places are drawn. */
  get places() {
    return this.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  }

  /** A stroke begins: a dot, until it goes on. @param {Place} at */
  begin(at) {
    if (this.places >= DRAWN_MOST) {
      this.show(null, "The sheet is full: clear it, or take a stroke back.");
      return;
    }
    this.before.push(this.strokes);
    this.strokes = [...this.strokes, [at]];
    this.redraw();
    this.ask();
  }

  /** The stroke goes on. @param {Place} to */
  go(to) {
    const stroke = this.strokes.at(-1);
    const last = stroke?.at(-1);
    if (!stroke || !last || this.places >= DRAWN_MOST) return;
    if (Math.hypot(to[0] - last[0], to[1] - last[1]) < NEAR) return;
    stroke.push(to);
    this.redraw();
    this.ask();
  }

  /** The stroke is done: the ink is as wide as it is for a drawing of that size. */
  finish() {
    const all = this.strokes.flat();
    const reach = (/** @type {0 | 1} */ axis) => {
      const values = all.map((at) => at[axis]);
      return Math.max(...values) - Math.min(...values);
    };
    this.size = all.length ? Math.max(reach(0), reach(1)) : USUAL;
    this.redraw();
  }

  undo() {
    this.strokes = this.before.pop() ?? this.strokes;
    this.finish();
    this.ask();
  }

  clear() {
    if (!this.strokes.length) return;
    this.before.push(this.strokes);
    this.strokes = [];
    this.finish();
    this.ask();
  }

  /** Draw what is drawn, with grey edges. */
  redraw() {
    this.undoer.disabled = !this.before.length;
    this.clearer.disabled = !this.strokes.length;
    if (!this.canvas) return;
    const { ctx, width } = fit(this.canvas);
    const share = Math.min(1, Math.max(SMALLEST, this.size / USUAL));
    ctx.strokeStyle = themed("ink");
    ctx.lineCap = ctx.lineJoin = "round";
    for (let i = 0; i < LINES; i++) {
      ctx.globalAlpha = 1 / (LINES - i);
      ctx.lineWidth = ((this.pen + EDGE * (1 - (2 * i + 1) / LINES)) / CELLS) * share * width;
      for (const stroke of this.strokes) {
        ctx.beginPath();
        ctx.moveTo(stroke[0][0] * width, stroke[0][1] * width);
        for (const [x, y] of stroke) ctx.lineTo(x * width + 0.01, y * width); // a line of no length has no ink
        ctx.stroke();
      }
    }
    ctx.globalAlpha = 1;
  }

  /** What is to be done where nothing is drawn. */
  get invitation() {
    return `${this.offer}: the network answers at every stroke.`;
  }

  /**
   * Ask the network of the moment that is looked at; while an answer is on its way only the latest wish is kept. An
   * empty sheet has no answer.
   */
  async ask() {
    this.wanted = true;
    this.canvas?.removeAttribute("data-step"); // until the answer to what is drawn now is shown
    if (!this.strokes.length && this.isOpen) this.show(null, this.invitation);
    if (this.asking) return;
    this.asking = true;
    while (this.wanted && this.isOpen) {
      this.wanted = false;
      const { run, at: step } = this.store;
      if (!this.strokes.length || !run) break;
      const strokes = this.strokes.map((stroke) => stroke.map((at) => at.map((v) => Number(v.toFixed(4)))));
      const isWanted = () => {
        const now = this.store;
        return this.isOpen && this.strokes.length && now.at === step && now.run?.id === run.id;
      };
      try {
        const picture = await followDrawing(run.id, { strokes, pen: this.pen, step });
        if (isWanted()) {
          this.answered = picture.step;
          if (!this.wanted) this.canvas?.setAttribute("data-step", String(picture.step));
          this.show(picture, "");
        }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (isWanted()) this.show(null, error.message);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    }
    this.asking = false;
  }

  close() {
    clearInterval(this.timer);
    this.sheet?.remove();
    this.canvas = null;
    this.pointer = null;
    this.tools.hidden = true;
    this.toggle.textContent = this.offer;
    this.left();
  }
}
