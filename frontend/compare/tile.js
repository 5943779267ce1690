/** A combination of a sweep: the picture of its run, of several that of the first, with their score. */

import { markOfFindings } from "../doctor/mark.js";
import { Card } from "../pictures/card.js";
import { surroundingsIn } from "../pictures/view.js";
import { RunHistory } from "../server/history.js";
import { count } from "../state/numbers.js";
import { Store } from "../state/store.js";
import { make } from "../ui/element.js";
import { scoreOf } from "./trials.js";

/** @import {GroupRun, Run, Trial} from "../state/types.js" */

export class Tile {
  /**
   * @param {GroupRun} run its first one @param {{short: string, full: string}} words what differs
   * @param {Store} store the page's
   * @param {(run: Run) => void} open
   */
  constructor(run, words, store, open) {
    this.run = run;
    this.said = "";
    this.history = new RunHistory(run.id);
    this.shown = -1;
    this.fetching = false;
    this.isDue = false; // whether its picture could not be fetched, and nothing may happen any more to its trial
    const own = new Store(store.catalog, { ...run.configuration, speed: run.speed });
    const [picture, view] = Object.entries(own.task.pictures)[0];
    this.element = make("button", { type: "button", className: "tile", title: "Show this run alone" });
    this.element.onclick = () => open(this.run);
    this.score = make("b");
    this.state = make("span");
    this.found = make("span", { className: "tile-found" });
    this.card = new Card(picture, view, own, surroundingsIn("sweep", own), this.element);
    const differs = { textContent: words.short, title: words.full };
    this.element.prepend(make("span", { className: "tile-words", dir: "auto", ...differs }));
    this.element.append(make("span", { className: "tile-score" }, this.score, this.state), this.found);
  }

  /**
   * Take in how the trial is now.
   * @param {GroupRun} run @param {Trial} trial @param {boolean} isShare whether its score is one
   */
  update(run, trial, isShare) {
    this.run = run;
    this.said = keyOf(trial);
    const repeats = trial.runs.length > 1 ? ` × ${trial.runs.length}` : "";
    this.score.textContent = scoreOf(trial, isShare);
    this.state.textContent = saidOf(trial, run) + repeats;
    this.found.replaceChildren(markOfFindings(run.findings, true));
    this.card.body.dataset.empty = run.status === "queued" ? "waits its turn" : "no picture yet"; // until it is drawn
    this.draw();
  }

  /** Fetch the run's picture where it is another, once more where the run went on meanwhile. */
  async draw() {
    const { run } = this;
    if (run.step === this.shown || this.fetching) return;
    this.isDue = document.hidden;
    if (this.isDue) return;
    this.fetching = true;
    try {
      await this.history.refresh();
      const newest = this.history.steps.at(-1);
      if (newest === undefined || newest === this.shown) return;
      const { asked } = this.card;
      const picture = (await this.history.pictures(newest, [asked])).get(asked);
      this.shown = newest;
      if (picture) this.card.draw(picture);
    } catch {
      this.isDue = true; // the next round asks again
    } finally {
      this.fetching = false;
      if (this.run.step !== run.step && this.element.isConnected) this.draw();
    }
  }

  /** Whether a trial is still as it was when the tile last heard of it. @param {Trial} trial */
  isOf(trial) {
    return this.said === keyOf(trial);
  }

  close() {
    this.card.close();
    this.element.remove();
  }
}

/** What changes where something happens to a trial's runs. @param {Trial} trial */
const keyOf = ({ status, step, runs }) => `${status} ${step} ${runs.join()}`;

/** Say what a trial does. @param {Trial} trial @param {GroupRun} run */
function saidOf({ status, step }, run) {
  if (status === "training") return `step ${count(Math.max(step, run.step))}`;
  if (status === "waiting") return "waits its turn";
  if (status === "out") return `let go at ${count(step)}`;
  return status === "done" ? "finished" : run.status;
}
