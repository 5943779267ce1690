/**
 * The history of an example: when it was learned and forgotten, how sure the network is now; and which examples are the
 * hardest.
 */

import { drawPixels, square } from "../pictures/bytes.js";
import { unpack } from "../server/frames.js";
import { CLASS_COLOURS } from "../state/constants.js";
import { Dynamics } from "../state/dynamics.js";
import { count, percent, significant } from "../state/numbers.js";
import { fit } from "../ui/canvas.js";
import { make } from "../ui/element.js";
import { captionSize, css, greyPalette, themed } from "../ui/palette.js";

/** @import {Board} from "../pictures/board.js" */
/** @import {Store} from "../state/store.js" */

const LISTED = 24;
const AGAIN = 2000; // milliseconds between two questions while it trains

export class ExampleHistory {
  /** @param {HTMLElement} element @param {Store} store @param {Board} board */
  constructor(element, store, board) {
    this.element = element;
    this.store = store;
    this.board = board;
    /** @type {Dynamics | null} as the server gave them last */
    this.told = null;
    this.asking = false;
    this.title = make("h2");
    this.words = make("p", { className: "history-words" });
    this.words.setAttribute("role", "status");
    this.canvas = make("canvas", { className: "history-line" });
    this.canvas.setAttribute("aria-hidden", "true");
    this.list = make("div", { className: "history-list" });
    this.about = make("p", { className: "caption" });
    this.previous = make("button", { type: "button", className: "tiny", textContent: "Previous" });
    this.previous.title = "The one that is a little harder (←)";
    this.previous.onclick = () => this.by(-1);
    this.next = make("button", { type: "button", className: "tiny", textContent: "Next" });
    this.next.title = "The one that is a little easier (→)";
    this.next.onclick = () => this.by(1);
    const closer = make("button", {
      type: "button",
      className: "tiny",
      textContent: "Close",
      title: "Back to the network and the curves (Esc)",
      id: "history-close",
      onclick: () => this.close(),
    });
    element.replaceChildren(
      make("header", {}, this.title, this.previous, this.next, closer),
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
    store.on("task", () => this.offer());
    store.on("run", () => this.renew());
    store.on("look", () => this.line());
    store.on("tracked", () => this.open());
    setInterval(() => {
      if (this.isOpen && store.run?.status === "running" && !store.lost && !document.hidden) this.ask();
    }, AGAIN);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Put a button on the main picture of a task whose examples have histories. */
  offer() {
    this.close();
    if (!this.store.task.example_history) return;
    if (!this.board.main) return;
    this.board.main.title.append(
      make("button", {
        type: "button",
        id: "example-histories",
        className: "follow",
        textContent: ["field", "curve", "heights"].includes(this.board.main.kind) ? "Follow a point" : "Follow one",
        title: "Which examples are hard, when each was learned, and when forgotten",
        onclick: () => (this.isOpen ? this.close() : this.open()),
      }),
    );
  }

  open() {
    const wasOpen = this.isOpen;
    this.element.hidden = false;
    if (!wasOpen && matchMedia("(max-width: 47.5em)").matches) this.element.scrollIntoView({ block: "end" });
    if (!wasOpen || !this.told) this.ask();
    else this.show(this.told);
  }

  close() {
    this.element.hidden = true;
    this.told = null;
    if (this.store.tracked !== null) {
      this.store.tracked = null;
      this.board.redraw();
    }
  }

  async ask() {
    const { run } = this.store;
    if (this.asking || !run) return;
    if (!this.told) {
      this.title.textContent = "Example history";
      this.words.textContent = run.step
        ? "looking through the history …"
        : "Nothing is learned yet: train, and the histories begin.";
      this.list.replaceChildren();
    }
    if (!run.step) return;
    this.asking = true;
    try {
      const reply = await fetch(`/api/runs/${run.id}/history/examples`);
      if (this.store.run?.id !== run.id || !this.isOpen) return;
      if (reply.ok) this.show(new Dynamics(unpack(await reply.arrayBuffer())));
      else this.words.textContent = (await reply.json()).error?.message ?? "The histories could not be read.";
    } catch {
      this.words.textContent = "The server does not answer.";
    } finally {
      this.asking = false;
      if (this.isOpen && this.store.run?.id !== run.id) this.ask(); // another run came meanwhile
    }
  }

  /** Another run is on the page. */
  renew() {
    this.told = null;
    if (this.isOpen) this.ask();
  }

  /** @param {Dynamics} told @param {number} i */
  named(told, i) {
    const label = told.label(i);
    const what = told.ofClasses ? (told.names[label] ?? `class ${label}`) : `truth ${significant(label, 3)}`;
    return { kind: told.isTest(i) ? "test" : "training", what };
  }

  /** @param {Dynamics} told */
  show(told) {
    const { store } = this;
    this.told = told;
    if (store.tracked === null || store.tracked >= told.examples) store.tracked = told.order[0];
    const i = store.tracked;
    const { kind, what } = this.named(told, i);
    this.title.textContent = `${kind} example ${i}: ${what}`;
    this.words.textContent = told.ofClasses ? told.words(i) : `now off by ${significant(told.response(i), 3)}`;
    const moments = `${told.steps.length} moments up to step ${count(told.step)}`;
    this.about.textContent = told.ofClasses
      ? `● right ■ wrong · the hardest by how sure it was, on average over ${moments}`
      : `how far off it is at step ${count(told.step)}`;
    this.line();
    const shown = Math.min(LISTED, told.examples);
    if (this.list.childElementCount !== shown || !this.list.contains(document.activeElement))
      this.list.replaceChildren(...Array.from({ length: shown }, (_, k) => this.entry(told, k)));
    const at = told.order.subarray(0, shown).indexOf(i);
    this.previous.disabled = at <= 0;
    this.next.disabled = at === shown - 1;
    for (const [k, button] of [...this.list.children].entries())
      button.setAttribute("aria-pressed", String(told.order[k] === i));
    this.board.redraw();
  }

  /** One of the hardest. @param {Dynamics} told @param {number} k */
  entry(told, k) {
    const i = told.order[k];
    const { kind, what } = this.named(told, i);
    const button = make("button", { type: "button", title: `${kind} example ${i}` });
    button.setAttribute("aria-pressed", String(i === this.store.tracked));
    if (told.images > k) button.append(thumbnail(told.image(k), told.imageShape));
    else if (told.ofClasses) {
      const dot = make("i", { className: told.isTest(i) ? "dot hollow" : "dot" });
      dot.style.setProperty("--dot", css(CLASS_COLOURS[told.label(i) % CLASS_COLOURS.length]));
      button.append(dot);
    }
    const words = told.ofClasses
      ? `${what} ${percent(told.confidence(i), 0)}`
      : `${what}: ${significant(told.response(i), 3)}`;
    button.append(make("span", { textContent: words }));
    button.onclick = () => this.choose(told, i);
    return button;
  }

  /** Follow an example. @param {Dynamics} told @param {number} i */
  choose(told, i) {
    this.store.tracked = i;
    if (told.images) {
      this.store.example = i;
      this.store.emit("example");
    }
    this.show(told);
  }

  /** Go on in the list of the hardest, or back; from one that is not in it to its first. @param {number} by */
  by(by) {
    const { told, store, list } = this;
    if (!told || store.tracked === null) return;
    const shown = list.childElementCount;
    const at = told.order.subarray(0, shown).indexOf(store.tracked);
    const k = Math.min(Math.max(at + by, 0), shown - 1);
    const hadFocus = list.contains(document.activeElement);
    if (k !== at) this.choose(told, told.order[k]);
    const button = /** @type {HTMLElement | undefined} */ (list.children[k]);
    button?.scrollIntoView({ block: "nearest" });
    if (hadFocus) button?.focus();
  }

  /** Draw the example's way: how sure the network was of the right class, or how far off it was. */
  line() {
    const { told, store } = this;
    if (!told || store.tracked === null || !this.isOpen) return;
    const i = store.tracked;
    const { ctx, width, height } = fit(this.canvas);
    const size = captionSize();
    const values = told.responses(i);
    let reach = 1e-9;
    for (const v of values) if (Number.isFinite(v)) reach = Math.max(reach, Math.abs(v));
    const marks = told.ofClasses ? [1, 0] : [reach, 0, -reach];
    const labels = marks.map((v) => (told.ofClasses ? percent(v, 0) : significant(v, 2).replace("-", "−")));
    ctx.font = `${size}px ${themed("sans")}`;
    const left = Math.max(...labels.map((words) => ctx.measureText(words).width)) + 8;
    const [top, bottom] = [size / 2 + 2, height - size - 10];
    const x = (/** @type {number} */ step) => left + 4 + (step / Math.max(1, told.step)) * (width - left - 10);
    const [high, low] = [marks[0], marks[marks.length - 1]];
    const y = (/** @type {number} */ v) => top + ((high - v) / (high - low)) * (bottom - top);
    ctx.strokeStyle = themed("line");
    ctx.fillStyle = themed("muted");
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (const [k, v] of marks.entries()) {
      ctx.strokeRect(left, Math.round(y(v)) + 0.5, width - left - 2, 0);
      ctx.fillText(labels[k], left - 5, y(v));
    }
    ctx.textBaseline = "top";
    ctx.fillText(`${count(told.step)} steps`, width - 2, bottom + 7);
    ctx.textAlign = "left";
    ctx.fillText("0", left, bottom + 7);
    if (store.at !== null) {
      ctx.fillStyle = themed("accent");
      ctx.fillRect(x(Math.min(store.at, told.step)) - 0.75, top, 1.5, bottom - top);
    }
    ctx.beginPath();
    values.forEach((v, snapshot) => {
      if (Number.isFinite(v)) ctx.lineTo(x(told.steps[snapshot]), y(v));
    });
    ctx.strokeStyle = themed("muted");
    ctx.stroke();
    values.forEach((v, snapshot) => {
      if (!Number.isFinite(v)) return;
      const wrong = told.wasWrong(i, snapshot);
      ctx.fillStyle = css(CLASS_COLOURS[wrong ? 4 : 0]);
      const [cx, cy, r] = [x(told.steps[snapshot]), y(v), 2.6];
      ctx.beginPath();
      if (wrong) ctx.rect(cx - r, cy - r, 2 * r, 2 * r);
      else ctx.arc(cx, cy, r, 0, 2 * Math.PI);
      ctx.fill();
    });
  }
}

/** @param {Uint8Array} bytes @param {number[]} shape */
function thumbnail(bytes, shape) {
  const [height, width] = shape;
  const canvas = make("canvas", { width, height });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  drawPixels(ctx, bytes, shape, greyPalette(), square(0, 0, width));
  return canvas;
}
