/**
 * The timeline: the run's loss with a flag for each change, and a handle that brings every picture back to a step of
 * its history.
 */

import { beginnings } from "../doctor/findings.js";
import { changesInWords, editedWords } from "../state/differences.js";
import { count } from "../state/numbers.js";
import { fit } from "../ui/canvas.js";
import { byId, make } from "../ui/element.js";
import { icon } from "../ui/icons.js";
import { themed } from "../ui/palette.js";

/** @import {RunHistory} from "../server/history.js" */
/** @import {Store} from "../state/store.js" */
/** @import {RunStatus} from "../state/types.js" */

/** @typedef {{step: number, words: string, kind?: string}} Flag */

const REFRESH = 1000;
const SNAPSHOTS_PER_SECOND = 12;
const EDGE = 6; // half the handle
/** @type {Record<string, number>} */
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 };

export class Timeline {
  /**
   * @param {HTMLElement} element @param {Store} store
   * @param {{history: RunHistory}} lookingBack who shows the pictures of a snapshot
   * @param {(step: number) => void} fork
   * @param {(act: () => void) => void} withPictures does something in the frame of the next pictures
   */
  constructor(element, store, lookingBack, fork, withPictures) {
    this.store = store;
    this.withPictures = withPictures;
    this.lookingBack = lookingBack;
    this.playing = 0;
    this.drawing = 0;
    this.wanted = 0; // snapshots to go, by keys that came while the server is asked which there are
    this.isAsking = false;
    this.canvas = make("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.handle = make("input", { type: "range", id: "snapshot", min: "0", max: "1", step: "1" });
    this.handle.setAttribute("aria-label", "Moment of the run");
    this.play = make("button", { type: "button", id: "replay" });
    this.play.onclick = () => this.toggle();
    this.rate = make(
      "select",
      { id: "replay-speed", title: "How fast the history plays" },
      ...[1, 2, 4].map((n) => make("option", { value: String(n), textContent: `Speed ${n}×` })),
    );
    this.rate.setAttribute("aria-label", "How fast the history plays");
    this.words = make("output", { id: "snapshot-words" });
    this.toLive = make("button", { type: "button", id: "live-now", textContent: "Live" });
    this.toLive.onclick = () => this.look(null);
    this.fork = make("button", { type: "button", id: "fork", textContent: "Continue from here" });
    this.fork.onclick = () => {
      if (store.at !== null) fork(store.at);
    };
    this.marks = make("div", { className: "flags" });
    const track = make("div", { className: "track" }, this.canvas, this.handle, this.marks);
    element.replaceChildren(this.play, track, this.words, this.toLive);
    this.past = byId("looking-back");
    this.past.replaceChildren(this.rate, this.fork);
    this.showPlaying(false);
    this.handle.oninput = () => {
      this.pause();
      this.seek(Number(this.handle.value));
    };
    this.handle.onkeydown = (event) => this.key(event);
    store.on("run", () => this.begin());
    store.on("rows", () => this.soon());
    store.on("findings", () => this.soon());
    store.on("look", () => {
      if (!store.looksBack) {
        this.pause();
        if (this.past.contains(document.activeElement)) this.handle.focus(); // what had the focus goes
      }
      this.propose("");
      this.place();
    });
    store.on("edited", () => this.propose(editedWords(store)));
    store.on("news", (/** @type {RunStatus} */ before) => {
      if (before !== store.run?.status || before === "paused") this.refresh();
    });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    setInterval(() => {
      if (store.run?.status === "running" && !store.lost && !document.hidden) this.refresh();
    }, REFRESH);
    this.place();
  }

  get history() {
    return this.lookingBack.history;
  }

  /** Take up another run's history. */
  begin() {
    this.pause();
    this.wanted = 0;
    this.propose("");
    this.refresh();
  }

  async refresh() {
    const { history, store } = this;
    if (!history.id) return;
    await history.refresh().catch(() => null);
    if (history !== this.history) return;
    store.takeChanges(history.changes);
    this.place();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = KEYS[event.key];
    if (by) this.by(by);
    else if (event.key === "Home") this.seek(0);
    else if (event.key === "End") this.look(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Go some snapshots on, or back; what is asked for meanwhile counts. @param {number} by */
  async by(by) {
    const { store } = this;
    this.pause();
    this.wanted += by;
    if (this.isAsking) return;
    this.isAsking = true;
    if (!store.looksBack && store.run && (this.history.steps.at(-1) ?? -1) < store.run.step) await this.refresh();
    this.isAsking = false;
    const snapshots = this.wanted;
    this.wanted = 0;
    if (!snapshots) return;
    const newest = this.history.steps.at(-1);
    if (newest === undefined || (!store.looksBack && snapshots > 0)) return;
    const isNewest = !store.looksBack && store.run?.step === newest; // now is the newest snapshot already
    const from = isNewest ? newest : store.at;
    this.look(this.history.beside(from, snapshots));
  }

  /** Show the snapshot nearest to a step; the newest is now. @param {number} step */
  seek(step) {
    const nearest = this.history.nearest(step);
    if (nearest !== undefined) this.look(nearest === this.history.steps.at(-1) && step >= nearest ? null : nearest);
  }

  /** @param {number | null} step */
  look(step) {
    this.wanted = 0;
    if (step === null) this.pause();
    this.store.look(step);
  }

  toggle() {
    if (this.playing) {
      this.pause();
      return;
    }
    if (!this.history.steps.length) return;
    if (!this.store.looksBack) this.look(this.history.steps[0]);
    this.showPlaying(true);
    const next = () => {
      const following = this.history.beside(this.store.at, 1);
      this.look(following);
      if (following !== null)
        this.playing = window.setTimeout(next, 1000 / (SNAPSHOTS_PER_SECOND * Number(this.rate.value)));
    };
    this.playing = window.setTimeout(next, 300);
  }

  pause() {
    clearTimeout(this.playing);
    this.playing = 0;
    this.showPlaying(false);
  }

  /** @param {boolean} plays */
  showPlaying(plays) {
    const words = make("span", { textContent: plays ? "Stop" : "Replay" });
    this.play.replaceChildren(icon(plays ? "pause" : "play"), words);
    this.play.title = plays ? "Stop the history" : "Play the history of this run";
  }

  /** The newest step that the timeline reaches. */
  get end() {
    return Math.max(1, this.history.steps.at(-1) ?? 0, this.store.columns.step.at(-1) ?? 0);
  }

  /** Put the handle where the snapshot is, and say which it is. */
  place() {
    const { at } = this.store;
    this.handle.max = String(this.end);
    this.handle.value = String(at ?? this.end);
    this.handle.disabled = this.play.disabled = !this.history.steps.length;
    this.fork.disabled = at === null;
    this.toLive.setAttribute("aria-pressed", String(at === null));
    this.toLive.title = at === null ? "What is shown is now" : "Back to now (Esc)";
    this.showFlags();
    const change = this.flags().find((flag) => flag.step === at);
    this.words.textContent = at === null ? "live" : `step ${count(at)}`;
    this.words.title = change ? change.words : "";
    this.handle.setAttribute("aria-valuetext", at === null ? "now" : `step ${at}${change ? `, ${change.words}` : ""}`);
    this.draw();
  }

  /** Say what would be different in a run that continues from here. @param {string} words */
  propose(words) {
    this.fork.textContent = words ? "Continue with the changes" : "Continue from here";
    this.fork.title = words ? `A new run from this moment, with ${words}` : "A new run from this moment";
  }

  /** The changes of hyperparameters, and what the doctor found: where, and in words. @returns {Flag[]} */
  flags() {
    const found = beginnings(this.store.found).map(({ step, finding: { kind, title } }) => ({
      step,
      words: title,
      kind,
    }));
    return [...changesInWords(this.history.changes), ...found];
  }

  /** Put a flag where something was changed, which names it when it is pointed at, reached by key or touched. */
  showFlags() {
    const flags = this.flags();
    const shown = /** @type {HTMLElement[]} */ ([...this.marks.children]);
    const words = (/** @type {Flag} */ flag) => `${flag.words}, from step ${count(flag.step)} on`;
    if (flags.length !== shown.length || flags.some((flag, i) => words(flag) !== shown[i].getAttribute("aria-label")))
      this.marks.replaceChildren(...flags.map((flag) => this.flag(flag.step, words(flag), flag.kind)));
    for (const [i, mark] of /** @type {HTMLElement[]} */ ([...this.marks.children]).entries()) {
      const share = flags[i].step / this.end;
      mark.style.setProperty("--at", String(share));
      mark.classList.toggle("late", share > 0.5);
    }
  }

  /** @param {number} step @param {string} words @param {string} [kind] of what was found; none of a change */
  flag(step, words, kind) {
    const mark = make("button", { type: "button", className: "flag" }, make("span", { textContent: words }));
    if (kind) mark.dataset.kind = kind;
    mark.setAttribute("aria-label", words);
    mark.onclick = () => {
      this.pause();
      mark.focus(); // not every browser gives it to a button that is touched
      this.seek(step);
    };
    return mark;
  }

  soon() {
    this.drawing ||= window.setTimeout(() => {
      this.withPictures(() => {
        this.drawing = 0;
        if (this.store.looksBack) this.draw();
        else this.place();
      });
    }, 200);
  }

  /** Draw the loss, on a logarithmic scale, and where we are. */
  draw() {
    const { ctx, width, height } = fit(this.canvas);
    const { step, loss = [] } = this.store.columns; // there is no loss before the catalog
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
    ctx.lineWidth = 2;
    ctx.beginPath();
    const stride = Math.max(1, Math.floor(step.length / (2 * Math.max(width, 1))));
    for (let i = 0; i < step.length; i += stride) {
      const v = logs[i];
      if (v !== null) ctx.lineTo(x(step[i]), y(v));
    }
    ctx.stroke();
    if (this.store.at === null) return;
    ctx.fillStyle = themed("sunk");
    ctx.globalAlpha = 0.62;
    ctx.fillRect(x(this.store.at), 0, width, height);
    ctx.globalAlpha = 1;
  }
}
