/** The story of an example: when it was learned and forgotten, how sure the network is now; and which examples are the hardest. */

import { count, percent, significant } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { css, CLASSES, greyPalette, themed } from "../ui/palette.js";
import { unpack } from "../server/frames.js";
import { fit } from "../ui/canvas.js";
import { drawBytes, square } from "../pictures/bytes.js";

const LISTED = 24;
const AGAIN = 2000;

export class Story {
  /** @param {HTMLElement} element @param {import("../state/store.js").Store} store @param {{failed: (error: unknown) => void, repaint: () => void}} actions */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    /** @type {any} */
    this.told = null;
    this.asking = false;
    /** @type {number | null} the moment that the timeline shows */
    this.pointed = null;
    this.title = make("h2", {});
    this.words = make("p", { className: "story-words" });
    this.words.setAttribute("role", "status");
    this.canvas = make("canvas", { className: "story-line" });
    this.canvas.setAttribute("aria-hidden", "true");
    this.list = make("div", { className: "story-list" });
    this.about = make("p", { className: "caption" });
    this.closer = make("button", {
      type: "button",
      className: "quiet tiny",
      textContent: "✕",
      title: "Close (Esc)",
      id: "story-close",
      onclick: () => this.close(),
    });
    element.replaceChildren(
      make("header", {}, this.title, this.closer),
      this.words,
      this.canvas,
      make("h3", { textContent: "The hardest" }),
      this.list,
      this.about,
    );
    element.onkeydown = (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      }
    };
    new ResizeObserver(() => this.line()).observe(this.canvas);
    store.on("witness", () => this.open());
    setInterval(() => {
      if (this.isOpen && store.run?.status === "running" && !document.hidden) this.ask();
    }, AGAIN);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Put a button on the main picture of a task whose examples have stories. @param {HTMLElement} board */
  offer(board) {
    this.close();
    if (!this.store.task.example_history) return;
    const head = /** @type {HTMLElement} */ (board.querySelector(".card > h2"));
    head.append(
      make("button", {
        type: "button",
        id: "stories",
        className: "tiny",
        textContent: "stories",
        title: "Which examples are hard, when each was learned, and when forgotten",
        onclick: () => (this.isOpen ? this.close() : this.open()),
      }),
    );
  }

  open() {
    const wasOpen = this.isOpen;
    this.element.hidden = false;
    if (!wasOpen || !this.told) this.ask();
    else this.show();
  }

  close() {
    this.element.hidden = true;
    this.told = null;
    if (this.store.witness !== null) {
      this.store.witness = null;
      this.actions.repaint();
    }
  }

  async ask() {
    if (this.asking || !this.store.run) return;
    if (!this.store.run.step) {
      this.title.textContent = "Stories";
      this.words.textContent = "Nothing is learned yet: train, and the stories begin.";
      this.list.replaceChildren();
      return;
    }
    this.asking = true;
    if (!this.told) {
      this.title.textContent = "Stories";
      this.words.textContent = "looking through the film …";
      this.list.replaceChildren();
    }
    const { id } = this.store.run;
    try {
      const reply = await fetch(`/api/runs/${id}/stories`);
      if (this.store.run?.id !== id || !this.isOpen) return;
      if (reply.ok) this.told = unpack(await reply.arrayBuffer());
      else this.words.textContent = (await reply.json()).error?.message ?? "The stories could not be told.";
      if (reply.ok) this.show();
    } catch {
      this.words.textContent = "The server does not answer.";
    } finally {
      this.asking = false;
    }
  }

  /** Point at a step of the story, or at none. @param {number | null} step */
  point(step) {
    this.pointed = step;
    this.line();
  }

  /** Another run is on the page. */
  renew() {
    this.told = null;
    if (this.isOpen) this.ask();
  }

  get areClasses() {
    return this.told.shapes.confidence[0] > 0;
  }

  /** @param {number} i */
  named(i) {
    const { arrays, names } = this.told;
    const label = arrays.labels[i];
    const what = this.areClasses ? (names[label] ?? `class ${label}`) : `truth ${significant(label, 3)}`;
    return { kind: arrays.is_test[i] ? "test" : "training", what };
  }

  show() {
    const { told, store } = this;
    const { arrays } = told;
    const n = arrays.labels.length;
    if (store.witness === null || store.witness >= n) store.witness = arrays.order[0];
    const i = /** @type {number} */ (store.witness);
    const { kind, what } = this.named(i);
    this.title.textContent = `${kind} example ${i}: ${what}`;
    this.words.textContent = this.areClasses
      ? this.ofClass(i)
      : `now off by ${significant(arrays.error[(told.shapes.error[0] - 1) * n + i], 3)}`;
    this.about.textContent = this.areClasses
      ? `how sure it was of the right class, on average over ${arrays.steps.length} moments up to step ${count(told.step)}`
      : `how far off it is at step ${count(told.step)}`;
    this.line();
    const shown = Math.min(LISTED, n);
    if (this.list.childElementCount !== shown || !this.list.contains(document.activeElement))
      this.list.replaceChildren(...Array.from({ length: shown }, (_, k) => this.entry(k)));
    this.actions.repaint();
  }

  /** @param {number} i */
  ofClass(i) {
    const { arrays, shapes } = this.told;
    const [moments, n] = shapes.confidence;
    const sure = percent(arrays.confidence[(moments - 1) * n + i] / 255, 0);
    const lost = arrays.forgotten[i];
    const learned = arrays.learned[i] < 0 ? "not right now" : `right since step ${count(arrays.learned[i])}`;
    return `${learned} · ${lost === 0 ? "never forgotten" : lost === 1 ? "forgotten once" : `forgotten ${lost} times`} · ${sure} sure of the right class`;
  }

  /** One of the hardest. @param {number} k */
  entry(k) {
    const { told } = this;
    const i = told.arrays.order[k];
    const { kind, what } = this.named(i);
    const button = make("button", { type: "button", title: `${kind} example ${i}` });
    button.setAttribute("aria-pressed", String(i === this.store.witness));
    if (told.shapes.images[0] > k) {
      const canvas = make("canvas", { width: 28, height: 28 });
      drawBytes(
        /** @type {any} */ (canvas.getContext("2d")),
        told.arrays.images.subarray(k * 784, (k + 1) * 784),
        28,
        28,
        greyPalette(),
        square(0, 0, 28),
      );
      button.append(canvas);
    } else if (this.areClasses) {
      const dot = make("i", { className: told.arrays.is_test[i] ? "dot hollow" : "dot" });
      dot.style.setProperty("--dot", css(CLASSES[told.arrays.labels[i] % CLASSES.length]));
      button.append(dot);
    }
    button.append(
      make("span", {
        textContent: this.areClasses
          ? `${what} ${percent(this.mean(i), 0)}`
          : `${what}: ${significant(told.arrays.error.at((told.shapes.error[0] - 1) * told.arrays.labels.length + i), 3)}`,
      }),
    );
    button.onclick = () => {
      this.store.witness = i;
      for (const other of this.list.children) other.setAttribute("aria-pressed", String(other === button));
      if (told.shapes.images[0]) {
        this.store.example = i;
        this.store.emit("example");
      }
      this.show();
    };
    return button;
  }

  /** How sure it was of the right class, on average, as a share. @param {number} i */
  mean(i) {
    const { arrays, shapes } = this.told;
    const [moments, n] = shapes.confidence;
    let sum = 0;
    for (let m = 0; m < moments; m++) sum += arrays.confidence[m * n + i];
    return sum / moments / 255;
  }

  /** Draw the example's way: how sure the network was of the right class, or how far off it was. */
  line() {
    if (!this.told || this.store.witness === null || !this.isOpen) return;
    const { arrays, shapes, step } = this.told;
    const { ctx, width, height } = fit(this.canvas);
    const n = arrays.labels.length;
    const i = this.store.witness;
    const moments = arrays.steps.length;
    const x = (/** @type {number} */ m) => 4 + (arrays.steps[m] / Math.max(1, step)) * (width - 8);
    const values = Array.from({ length: moments }, (_, m) =>
      shapes.confidence[0] ? arrays.confidence[m * n + i] / 255 : arrays.error[m * n + i],
    );
    let reach = 1e-9;
    for (const v of values) if (Number.isFinite(v)) reach = Math.max(reach, Math.abs(v));
    const y = (/** @type {number} */ v) =>
      shapes.confidence[0] ? 4 + (1 - v) * (height - 8) : height / 2 - (v / reach) * (height / 2 - 4);
    if (this.pointed !== null) {
      ctx.fillStyle = themed("accent");
      ctx.fillRect(4 + (Math.min(this.pointed, step) / Math.max(1, step)) * (width - 8) - 0.75, 0, 1.5, height);
    }
    ctx.strokeStyle = themed("line");
    ctx.strokeRect(0.5, 0.5, width - 1, height - 1);
    if (!shapes.confidence[0]) {
      ctx.beginPath();
      ctx.moveTo(0, y(0));
      ctx.lineTo(width, y(0));
      ctx.stroke();
    }
    ctx.beginPath();
    values.forEach((v, m) => {
      if (Number.isFinite(v)) ctx.lineTo(x(m), y(v));
    });
    ctx.strokeStyle = themed("muted");
    ctx.stroke();
    values.forEach((v, m) => {
      if (!Number.isFinite(v)) return;
      const wrong = shapes.confidence[0] && !arrays.right[m * n + i];
      ctx.fillStyle = wrong ? css(CLASSES[4]) : css(CLASSES[0]);
      ctx.beginPath();
      ctx.arc(x(m), y(v), 2.1, 0, 2 * Math.PI);
      ctx.fill();
    });
  }
}
