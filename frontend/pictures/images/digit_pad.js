/** A sheet to draw a digit on; at every stroke, and as training goes on, it passes through the network. */

import { unpack } from "../../server/frames.js";
import { make } from "../../ui/element.js";
import { onKeys } from "../examples.js";

const SIZE = 112; // pixels of the sheet that the server gets
const ASK_EVERY = 90;
const AGAIN_EVERY = 400;
const PEN = 0.075; // of the sheet's width
const STRIDE = SIZE / 28; // that an arrow key moves the pen

export class DigitPad {
  /**
   * @param {import("../view.js").Mount} mount
   * @param {(picture: import("../view.js").Picture) => void} show draws what the network makes of the drawing
   */
  constructor({ title, body, store }, show) {
    this.store = store;
    this.show = show;
    this.body = body;
    this.offer = store.task.name === "mnist" ? "Draw a digit" : "Draw one";
    this.toggle = Object.assign(document.createElement("button"), {
      type: "button",
      id: "draw-digit",
      className: "chip",
      textContent: this.offer,
      title: `${this.offer} yourself, and see what the network makes of it`,
      onclick: () => (this.isOpen ? this.close() : this.open()),
    });
    const tools = document.createElement("span");
    tools.className = "tools";
    this.clearer = Object.assign(document.createElement("button"), {
      type: "button",
      id: "digit-clear",
      className: "chip",
      textContent: "Clear",
      hidden: true,
      onclick: () => this.clear(),
    });
    tools.append(this.clearer, this.toggle);
    title.append(tools);
    /** @type {HTMLCanvasElement | null} */
    this.canvas = null;
    /** @type {[number, number] | null} */
    this.last = null;
    this.asking = false;
    this.wanted = false;
    this.timer = 0;
  }

  get isOpen() {
    return this.canvas !== null;
  }

  open() {
    const canvas = Object.assign(document.createElement("canvas"), { id: "digit-pad", width: SIZE, height: SIZE });
    canvas.setAttribute("role", "img");
    canvas.setAttribute(
      "aria-label",
      "Sheet to draw a digit on; arrow keys move the pen, Enter sets it down or lifts it",
    );
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    ctx.lineCap = ctx.lineJoin = "round";
    ctx.lineWidth = PEN * SIZE;
    ctx.strokeStyle = "#fff";
    this.ctx = ctx;
    canvas.addEventListener("pointerdown", (event) => {
      if (!event.button) {
        event.preventDefault();
        canvas.setPointerCapture(event.pointerId);
        this.last = this.place(event);
        this.line(event);
      }
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.last) this.line(event);
    });
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, () => {
        this.last = null;
      });
    this.canvas = canvas;
    this.pen = make("i", { className: "pen", hidden: true });
    this.sheet = make("div", { className: "pad" }, canvas, this.pen);
    this.body.append(this.sheet);
    this.hearKeys(canvas);
    this.clearer.hidden = false;
    this.toggle.textContent = "Done";
    this.ask();
    this.timer = window.setInterval(() => {
      if (this.store.run?.status === "running" && !this.store.lost && !document.hidden) this.ask();
    }, AGAIN_EVERY);
  }

  /**
   * Draw by keys: the arrows move a pen that is seen, Enter sets it down or lifts it, Delete clears.
   * @param {HTMLElement} canvas
   */
  hearKeys(canvas) {
    /** @type {[number, number]} */
    let at = [SIZE / 2, SIZE / 4];
    let isDown = false;
    const go = (/** @type {number} */ across, /** @type {number} */ down) => {
      const kept = (/** @type {number} */ v) => Math.min(SIZE, Math.max(0, v));
      const from = at;
      at = [kept(at[0] + across * STRIDE), kept(at[1] + down * STRIDE)];
      if (isDown) this.stroke(from, at);
      if (this.pen) {
        this.pen.hidden = false;
        this.pen.classList.toggle("down", isDown);
        Object.assign(this.pen.style, { left: `${(100 * at[0]) / SIZE}%`, top: `${(100 * at[1]) / SIZE}%` });
      }
      const [column, row] = at.map((v) => Math.round(v / STRIDE));
      canvas.setAttribute("aria-label", `Pen ${isDown ? "down" : "up"}, column ${column}, row ${row} of 28`);
    };
    canvas.tabIndex = 0;
    canvas.addEventListener("blur", () => {
      isDown = false;
      if (this.pen) this.pen.hidden = true;
    });
    onKeys(canvas, {
      ArrowLeft: () => go(-1, 0),
      ArrowRight: () => go(1, 0),
      ArrowUp: () => go(0, -1),
      ArrowDown: () => go(0, 1),
      Enter: () => {
        isDown = !isDown;
        go(0, 0);
      },
      Delete: () => this.clear(),
    });
  }

  /** @param {PointerEvent} event @returns {[number, number]} */
  place(event) {
    const { clientWidth, clientHeight } = /** @type {HTMLCanvasElement} */ (this.canvas);
    return [(event.offsetX / clientWidth) * SIZE, (event.offsetY / clientHeight) * SIZE];
  }

  /** @param {PointerEvent} event */
  line(event) {
    const to = this.place(event);
    this.stroke(/** @type {[number, number]} */ (this.last), to);
    this.last = to;
  }

  /** @param {[number, number]} from @param {[number, number]} to */
  stroke(from, to) {
    this.ctx?.beginPath();
    this.ctx?.moveTo(...from);
    this.ctx?.lineTo(...to);
    this.ctx?.stroke();
    this.ask();
  }

  clear() {
    this.ctx?.clearRect(0, 0, SIZE, SIZE);
    this.ask();
  }

  /** Send the sheet; while an answer is on its way only the latest wish is kept. */
  async ask() {
    this.wanted = true;
    if (this.asking) return;
    this.asking = true;
    while (this.wanted && this.canvas && this.ctx) {
      this.wanted = false;
      const { data } = this.ctx.getImageData(0, 0, SIZE, SIZE);
      if (!data.some((v) => v)) break; // an empty sheet has no answer
      const image = Array.from({ length: SIZE }, (_, y) =>
        Array.from({ length: SIZE }, (_, x) => data[4 * (y * SIZE + x) + 3]),
      );
      const reply = await fetch(`/api/runs/${this.store.run?.id}/follow`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ image }),
      }).catch(() => null);
      if (reply?.ok && this.canvas) this.show(unpack(await reply.arrayBuffer()));
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    }
    this.asking = false;
  }

  close() {
    clearInterval(this.timer);
    this.sheet?.remove();
    this.canvas = null;
    this.clearer.hidden = true;
    this.toggle.textContent = this.offer;
    this.store.emit("example"); // the card shows its test digit again
  }
}
