/** The timeline: the run's loss with a flag for each change, and a handle that brings every picture back to a moment. */

import { make } from "../ui/element.js";
import { themed } from "../ui/palette.js";
import { fit } from "../ui/canvas.js";
import { differences } from "../state/differences.js";
import { count } from "../state/numbers.js";
import { icon } from "../ui/icons.js";

const REFRESH = 1000;
const MOMENTS_PER_SECOND = 12;
const EDGE = 6; // half the handle

export class Timeline {
  /**
   * @param {HTMLElement} element @param {import("../state/store.js").Store} store
   * @param {{look: (step: number | null) => void, fork: (step: number) => void}} actions
   */
  constructor(element, store, actions) {
    this.store = store;
    this.actions = actions;
    /** @type {import("../server/history.js").Film | null} */
    this.film = null;
    /** @type {number | null} the moment that is shown; null is now */
    this.at = null;
    this.playing = 0;
    this.drawing = 0;
    this.canvas = make("canvas", {});
    this.canvas.setAttribute("aria-hidden", "true");
    this.handle = make("input", { type: "range", id: "moment", min: "0", max: "1", step: "1" });
    this.handle.setAttribute("aria-label", "Moment of the run");
    this.play = make(
      "button",
      { type: "button", id: "replay", title: "Play the film", onclick: () => this.toggle() },
      icon("play"),
    );
    this.rate = make(
      "select",
      { id: "replay-speed", title: "How fast the film plays" },
      ...[1, 2, 4].map((n) => make("option", { value: String(n), textContent: `${n}×` })),
    );
    this.rate.setAttribute("aria-label", "How fast the film plays");
    this.words = make("output", { id: "moment-words" });
    this.toLive = make("button", {
      type: "button",
      id: "live-now",
      textContent: "Live",
      title: "Back to now (Esc)",
      onclick: () => this.look(null),
    });
    this.fork = make("button", {
      type: "button",
      id: "fork",
      textContent: "Continue from here",
      onclick: () => {
        if (this.at !== null) actions.fork(this.at);
      },
    });
    element.replaceChildren(
      this.play,
      this.rate,
      make("div", { className: "track" }, this.canvas, this.handle),
      this.words,
      this.toLive,
      this.fork,
    );
    this.handle.oninput = () => {
      this.pause();
      this.seek(Number(this.handle.value));
    };
    this.handle.onkeydown = (/** @type {KeyboardEvent} */ event) => this.key(event);
    store.on("rows", () => this.soon());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    setInterval(() => {
      if (store.run?.status === "running" && !document.hidden) this.refresh();
    }, REFRESH);
    this.place();
  }

  /** Take up another run's film. @param {import("../server/history.js").Film} film */
  show(film) {
    this.pause();
    this.film = film;
    this.at = null;
    this.propose("");
    this.refresh();
  }

  async refresh() {
    const { film } = this;
    if (!film) return;
    await film.refresh().catch(() => null);
    if (film !== this.film) return;
    const changed = this.store.changes.length !== film.changes.length;
    this.store.changes = film.changes;
    if (changed) this.store.emit("rows");
    this.place();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 }[event.key];
    if (by) this.by(by);
    else if (event.key === "Home") this.seek(0);
    else if (event.key === "End") this.look(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Go some moments on, or back. @param {number} moments */
  async by(moments) {
    this.pause();
    if (this.at === null && (this.film?.steps.at(-1) ?? -1) < this.store.run?.step) await this.refresh();
    if (!this.film?.steps.length || (this.at === null && moments > 0)) return;
    const newest = /** @type {number} */ (this.film.steps.at(-1));
    const from = this.at === null && this.store.run?.step === newest ? newest : this.at; // now is the newest moment already
    this.look(this.film.beside(from, moments));
  }

  /** Show the moment nearest to a step; the newest is now. @param {number} step */
  seek(step) {
    const moment = this.film?.nearest(step);
    if (moment !== undefined) this.look(moment === this.film?.steps.at(-1) && step >= moment ? null : moment);
  }

  /** @param {number | null} step */
  look(step) {
    if (step === null) this.pause();
    if (step === this.at) return;
    this.at = step;
    this.place();
    this.actions.look(step);
  }

  /** What was asked for is not there any more; this moment was shown instead. @param {number} step */
  async moved(step) {
    this.look(step);
    await this.refresh();
  }

  toggle() {
    if (this.playing) {
      this.pause();
      return;
    }
    if (!this.film?.steps.length) return;
    if (this.at === null) this.look(this.film.steps[0]);
    this.play.replaceChildren(icon("pause"));
    this.play.title = "Stop the film";
    const next = () => {
      const following = this.film?.beside(this.at, 1) ?? null;
      this.look(following);
      if (following !== null)
        this.playing = window.setTimeout(next, 1000 / (MOMENTS_PER_SECOND * Number(this.rate.value)));
    };
    this.playing = window.setTimeout(next, 300);
  }

  pause() {
    clearTimeout(this.playing);
    this.playing = 0;
    this.play.replaceChildren(icon("play"));
    this.play.title = "Play the film";
  }

  /** The newest step that the timeline reaches. */
  get end() {
    return Math.max(1, this.film?.steps.at(-1) ?? 0, this.store.columns.step.at(-1) ?? 0);
  }

  /** Put the handle where the moment is, and say which it is. */
  place() {
    const live = this.at === null;
    this.handle.max = String(this.end);
    this.handle.value = String(live ? this.end : this.at);
    this.handle.disabled = this.play.disabled = !this.film?.steps.length;
    this.toLive.disabled = this.fork.disabled = live;
    const change = this.flags().find((flag) => flag.step === this.at);
    this.words.textContent = live ? "live" : `step ${count(/** @type {number} */ (this.at))}`;
    this.words.title = change ? change.words : "";
    this.handle.setAttribute("aria-valuetext", live ? "now" : `step ${this.at}${change ? `, ${change.words}` : ""}`);
    this.draw();
  }

  /** Say what would be different in a run that continues from here. @param {string} words */
  propose(words) {
    this.fork.textContent = words ? "Continue with the changes" : "Continue from here";
    this.fork.title = words ? `A new run from this moment, with ${words}` : "A new run from this moment";
  }

  /** The changes of hyperparameters: where, and in words. */
  flags() {
    const changes = this.film?.changes ?? [];
    return changes.slice(1).map(({ step, optimizer }, i) => ({
      step,
      words: differences(changes[i].optimizer, optimizer)
        .map((d) => d.words)
        .join(", "),
    }));
  }

  soon() {
    this.drawing ||= window.setTimeout(() => {
      this.drawing = 0;
      if (this.at === null) this.place();
      else this.draw();
    }, 200);
  }

  /** Draw the loss, on a logarithmic scale, its flags, and where we are. */
  draw() {
    const { ctx, width, height } = fit(this.canvas);
    const { step, loss } = this.store.columns;
    const x = (/** @type {number} */ s) => EDGE + (s / this.end) * (width - 2 * EDGE);
    const logs = loss.map((v) => (v !== null && v > 0 ? Math.log(v) : null));
    let [low, high] = [Infinity, -Infinity];
    for (const v of logs)
      if (v !== null) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    const y = (/** @type {number} */ v) => 5 + ((high - v) / Math.max(high - low, 1e-9)) * (height - 10);
    ctx.strokeStyle = themed("train");
    ctx.lineWidth = 1.3;
    ctx.beginPath();
    const stride = Math.max(1, Math.floor(step.length / (2 * Math.max(width, 1))));
    for (let i = 0; i < step.length; i += stride)
      if (logs[i] !== null) ctx.lineTo(x(/** @type {number} */ (step[i])), y(/** @type {number} */ (logs[i])));
    ctx.stroke();
    ctx.fillStyle = ctx.strokeStyle = themed("test");
    for (const flag of this.flags()) {
      const at = x(flag.step);
      ctx.fillRect(at - 0.5, 0, 1, height);
      ctx.beginPath();
      ctx.moveTo(at, 0);
      ctx.lineTo(at + 8, 3.5);
      ctx.lineTo(at, 7);
      ctx.fill();
    }
    if (this.at === null) return;
    ctx.fillStyle = themed("ground");
    ctx.globalAlpha = 0.62;
    ctx.fillRect(x(this.at), 0, width, height);
    ctx.globalAlpha = 1;
  }
}
