/**
 * A race: runs side by side on the same data from the same first weights, untrained before it starts; who is first, and
 * all of them rewound together.
 */

import { ChartCard } from "../charts/chart_card.js";
import { commandGroup } from "../server/api.js";
import { count, fixed } from "../state/numbers.js";
import { isActive, waits } from "../state/status.js";
import { make } from "../ui/element.js";
import { select } from "../ui/field.js";
import { icon } from "../ui/icons.js";
import { themed } from "../ui/palette.js";
import { wordsOf } from "./choices.js";
import { Lane } from "./lane.js";

/** @import {Plotly} from "../charts/plotly.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Group, Run} from "../state/types.js" */
/** @import {Place} from "./choices.js" */

const DRAW_EVERY = 400;

/**
 * What a race and a sweep ask of the laboratory.
 * @typedef {object} Actions
 * @property {(run: Run) => void} open shows a run alone
 * @property {() => void} again lets a person choose another one
 * @property {(error: unknown) => void} failed
 * @property {() => Promise<Plotly>} charts gives Plotly
 * @property {(there: boolean) => void} connection
 */

export class Race {
  /** @param {Place} place @param {Store} store @param {Group} group @param {Actions} actions */
  constructor(place, store, group, actions) {
    this.place = place;
    this.hasBegun = false;
    this.group = group;
    this.actions = actions;
    this.by = "step";
    this.drawing = 0;
    /** @type {number | null} the step that all runs are rewound to */
    this.at = null;
    const lane = {
      rows: () => this.soon(),
      status: () => this.showStatus(),
      open: actions.open,
      connection: actions.connection,
    };
    this.lanes = group.runs.map((run, i) => new Lane(run, wordsOf(group.paths, run.group.at), i, store, lane));
    this.ofClasses = this.lanes[0].kind === "classes";
    this.target = this.ofClasses ? 0.95 : 0.02;
    this.all = make("button", { type: "button", id: "race-all", className: "primary" });
    this.all.onclick = () => this.order(this.lanes.some((l) => isActive(l.run.status)) ? "pause" : "resume");
    this.words = place.words;
    this.words.id = "race-words";
    this.handle = make("input", { type: "range", id: "race-snapshot", min: "0", max: "1", step: "1" });
    this.handle.setAttribute("aria-label", "Moment of the race");
    this.handle.oninput = () => this.look(Number(this.handle.value));
    this.now = make("button", { type: "button", id: "race-live", textContent: "Live", disabled: true });
    this.now.onclick = () => this.look(null);
    const axis = select(["step", "epoch", "seconds"], this.by, "race-by", (by) => {
      this.by = by;
      this.drawCharts();
    });
    axis.setAttribute("aria-label", "Losses over");
    this.chart = new ChartCard("Test losses over", axis);
    this.chart.body.classList.add("lab-chart");
    const lanes = make("div", { className: "lanes" }, ...this.lanes.map((l) => l.element));
    lanes.dataset.runs = String(this.lanes.length);
    const words = make("span", { textContent: "Look back at all" });
    this.rewind = make("div", { className: "race-rewind card" }, words, this.handle, this.now);
    place.stage.replaceChildren(lanes, this.rewind, this.chart.element);
    store.emit("charts", this.chart);
    this.showStatus();
    this.soon();
  }

  /** It is started: from now on it is ordered here, and says who is first. */
  begin() {
    this.hasBegun = true;
    const stop = make("button", { type: "button", textContent: "Stop", id: "race-stop" });
    stop.onclick = () => this.order("stop");
    const again = make("button", { type: "button", textContent: "Another race", id: "race-again" });
    again.onclick = () => this.actions.again();
    this.place.bar.replaceChildren(this.all, make("div", { className: "two" }, stop, again), this.goal());
    this.showStatus();
    this.update();
  }

  /** Where the target is chosen. */
  goal() {
    const value = this.ofClasses ? "95 %" : "0.02";
    const target = make("input", { type: "text", id: "race-target", value });
    target.onchange = () => {
      const typed = parseFloat(target.value);
      if (typed > 0) this.target = this.ofClasses ? typed / 100 : typed;
      this.showReached();
    };
    const words = this.ofClasses ? "first to a test accuracy of" : "first to a test loss of";
    return make("label", { className: "race-target" }, words, target);
  }

  /** @param {"pause" | "resume" | "stop"} what */
  async order(what) {
    await commandGroup(this.group.id, what).catch(this.actions.failed);
  }

  showStatus() {
    this.rewind.hidden = this.chart.element.hidden = !this.hasBegun; // there is nothing of it before
    const active = this.lanes.some((l) => isActive(l.run.status));
    const waiting = this.lanes.some((l) => waits(l.run.status));
    const words = active ? "Pause all" : waiting ? "Train all" : "The race is over";
    this.all.replaceChildren(icon(active ? "pause" : "play"), words);
    this.all.disabled = !active && !waiting;
  }

  soon() {
    this.drawing ||= window.setTimeout(() => {
      this.drawing = 0;
      this.update();
    }, DRAW_EVERY);
  }

  update() {
    if (!this.lanes.length || !this.hasBegun) return;
    const end = Math.max(1, ...this.lanes.map((l) => l.store.columns.step.at(-1) ?? 0));
    this.handle.max = String(end);
    if (this.at === null) this.handle.value = String(end);
    this.sayStep();
    this.showReached();
    this.drawCharts();
  }

  /** Let the slider say where it is. */
  sayStep() {
    this.handle.setAttribute("aria-valuetext", this.at === null ? "now" : `step ${count(this.at)}`);
  }

  /** Say who was first to reach the target, and when the others did. */
  showReached() {
    const there = this.lanes
      .flatMap((lane) => {
        const when = lane.reached(this.target);
        return when ? [{ words: lane.words, ...when }] : [];
      })
      .sort((a, b) => a.step - b.step)
      .map(({ words, step, seconds }, i) => `${i + 1}. ${words}: ${count(step)} steps, ${fixed(seconds, 2)} s`);
    this.words.textContent = there.length ? there.join("  ·  ") : "Nobody is there yet.";
  }

  async drawCharts() {
    const plotly = await this.actions.charts().catch(() => null);
    if (!plotly || !this.lanes.length) return;
    this.chart.draw(plotly, {
      curves: this.lanes.map((lane) => lane.curve(this.by)),
      over: this.by,
      scale: "log",
      marks: this.at === null || this.by !== "step" ? [] : [{ at: this.at, colour: themed("accent"), width: 1.5 }],
    });
  }

  /** Rewind all runs to a step, or show now. @param {number | null} step */
  async look(step) {
    this.at = step;
    this.sayStep();
    this.now.disabled = step === null;
    if (step !== null && !this.lanes.every((l) => l.history.steps.length && !l.held))
      await Promise.all(this.lanes.filter((l) => !l.held).map((l) => l.history.refresh().catch(() => null)));
    if (this.at !== step) return;
    await Promise.all(this.lanes.map((l) => l.look(step)));
    this.drawCharts();
  }

  close() {
    for (const lane of this.lanes) lane.close();
    this.lanes = [];
    clearTimeout(this.drawing);
  }
}
