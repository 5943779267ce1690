/** A sweep: a small picture for each run, the best first, and the scores over what differs. */

import { ChartCard } from "../charts/chart_card.js";
import { drawScores } from "../charts/scores.js";
import { commandGroup, getGroup, listRuns, Refusal } from "../server/api.js";
import { say } from "../state/differences.js";
import { hasEnded, isActive, waits } from "../state/status.js";
import { make } from "../ui/element.js";
import { nameOf } from "./choices.js";
import { Tile } from "./tile.js";

/** @import {Plotly} from "../charts/plotly.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Group} from "../state/types.js" */
/** @import {Place} from "./choices.js" */
/** @import {Actions} from "./race.js" */

const POLL = 700;

export class Sweep {
  /** @param {Place} place @param {Store} store @param {Group} group @param {Actions} actions */
  constructor(place, store, group, actions) {
    this.place = place;
    this.group = group;
    this.actions = actions;
    this.timer = 0;
    this.closed = false;
    this.isClickable = false;
    this.tiles = group.runs.map((run) => new Tile(run, group.paths, store, actions.open));
    this.ofClasses = this.tiles[0].kind === "classes";
    this.words = place.words;
    this.words.id = "sweep-words";
    const stop = make("button", { type: "button", id: "sweep-stop", textContent: "Stop all" });
    stop.onclick = () => commandGroup(group.id, "stop").catch(actions.failed);
    this.further = make("button", {
      type: "button",
      id: "sweep-further",
      className: "primary",
      textContent: "Go on",
      title: "Train those that were interrupted",
      hidden: true,
      onclick: () => this.goOn(),
    });
    const csv = make("a", {
      className: "button",
      href: `api/groups/${group.id}/export/metrics.csv`,
      download: "",
      textContent: "metrics.csv",
    });
    const again = make("button", { type: "button", textContent: "Another sweep", id: "sweep-again" });
    again.onclick = () => actions.again();
    this.buttons = [this.further, make("div", { className: "two" }, stop, again), csv];
    this.grid = make("div", { className: "tiles" }, ...this.tiles.map((t) => t.element));
    const chart = new ChartCard(this.ofClasses ? "Test accuracy" : "Test loss");
    this.chart = chart.body;
    this.chart.classList.add("lab-chart");
    place.stage.replaceChildren(make("div", { className: "sweep-both" }, this.grid, chart.element));
    store.emit("charts", chart);
  }

  /** It trains: from now on it is ordered here. */
  begin() {
    this.place.bar.replaceChildren(...this.buttons);
    this.hear(this.group);
  }

  /** Let those go on that wait for a person. */
  async goOn() {
    try {
      await commandGroup(this.group.id, "resume");
      clearTimeout(this.timer);
      this.poll();
    } catch (error) {
      this.actions.failed(error);
    }
  }

  /** Ask how all runs are, until all have ended. */
  async poll() {
    /** @type {Group | Refusal} */
    const now = await getGroup(this.group.id).catch((error) => error);
    if (this.closed) return;
    if (now instanceof Refusal) {
      this.actions.connection(now.status !== 0);
      if (now.status === 404)
        this.words.textContent = "This sweep was deleted. Choose another one, or begin a new one.";
      else this.timer = window.setTimeout(() => this.poll(), POLL);
      return;
    }
    await this.hear(now);
  }

  /**
   * Take in how all runs are; ask again in a moment, unless nothing more will happen by itself.
   * @param {Group} group
   */
  async hear(group) {
    this.actions.connection(true);
    await this.take(group);
    if (!this.closed && group.runs.some((run) => isActive(run.status)))
      this.timer = window.setTimeout(() => this.poll(), POLL);
  }

  /** @param {Group} group */
  async take(group) {
    for (const run of group.runs) this.tiles.find((t) => t.run.id === run.id)?.update(run);
    this.further.hidden = !group.runs.some((run) => waits(run.status));
    // those that are over by their score, then those that train, then those that wait: nothing jumps while it trains
    const rank = (/** @type {Tile} */ { run, value }) => {
      if (value === null) return 1e9;
      return hasEnded(run.status) ? (this.ofClasses ? -value : value) : 1e8;
    };
    const sorted = [...this.tiles].sort((a, b) => rank(a) - rank(b));
    sorted.forEach((tile, i) => {
      if (this.grid.children[i] !== tile.element) this.grid.insertBefore(tile.element, this.grid.children[i]);
    });
    const done = group.runs.filter((run) => hasEnded(run.status)).length;
    const best = done ? ` · best: ${sorted[0].words}, ${sorted[0].score.textContent}` : "";
    this.words.textContent = `${done} of ${group.runs.length} done${best}${await this.waiting(group)}`;
    if (this.closed) return;
    const plotly = await this.actions.charts().catch(() => null);
    if (plotly && !this.closed) this.drawChart(plotly);
  }

  /** Say what runs that wait are waiting for. @param {Group} group */
  async waiting(group) {
    const number = group.runs.filter((run) => run.status === "queued").length;
    if (!number) return "";
    const all = await listRuns().catch(() => []);
    const others = all.filter((run) => run.status === "running" && run.group?.id !== group.id).length;
    const behind = others ? `, ${others} of them taken by ${others === 1 ? "a run" : "runs"} outside this sweep` : "";
    const verb = number === 1 ? "waits" : "wait";
    return ` · ${number} ${verb} for a free core${behind}`;
  }

  /** @param {Plotly} plotly */
  drawChart(plotly) {
    const { runs, paths } = this.group;
    const values = paths.map((_, k) => [...new Set(runs.map((r) => say(r.group.at[k])))]);
    const scoreAt = (/** @type {string[]} */ ...at) => this.tileAt(at)?.value ?? null;
    const scores =
      values.length === 2
        ? values[1].map((b) => values[0].map((a) => scoreAt(a, b)))
        : [values[0].map((a) => scoreAt(a))];
    const score = this.ofClasses ? "test accuracy" : "test loss";
    drawScores(plotly, this.chart, paths.map(nameOf), values, scores, score, this.ofClasses);
    if (this.isClickable) return;
    this.isClickable = true;
    /** @type {any} */ (this.chart).on("plotly_click", (/** @type {any} */ { points: [point] }) => {
      const tile = this.tileAt([String(point.x), String(point.y)].slice(0, paths.length));
      if (tile) this.actions.open(tile.run);
    });
  }

  /** Find the run with these values. @param {string[]} at in words */
  tileAt(at) {
    return this.tiles.find((t) => at.every((words, k) => say(t.run.group.at[k]) === words));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    for (const tile of this.tiles) tile.card.close();
  }
}
