/** A run of a sweep as a small picture with its score. */

import { markOfFindings } from "../doctor/mark.js";
import { Card } from "../pictures/card.js";
import { surroundingsIn } from "../pictures/view.js";
import { RunHistory } from "../server/history.js";
import { count } from "../state/numbers.js";
import { resultOf, written } from "../state/result.js";
import { Store } from "../state/store.js";
import { make } from "../ui/element.js";
import { wordsOf } from "./choices.js";

/** @import {GroupRun, Run} from "../state/types.js" */

export class Tile {
  /**
   * @param {GroupRun} run @param {string[]} paths what differs @param {Store} store the page's
   * @param {(run: Run) => void} open
   */
  constructor(run, paths, store, open) {
    this.run = run;
    this.history = new RunHistory(run.id);
    this.shown = -1;
    this.fetching = false;
    this.words = wordsOf(paths, run.group.at);
    const own = new Store(store.catalog, { ...run.configuration, speed: run.speed });
    this.kind = own.task.kind;
    const [picture, view] = Object.entries(own.task.pictures)[0];
    this.element = make("button", { type: "button", className: "tile", title: "Show this run alone" });
    this.element.onclick = () => open(this.run);
    this.score = make("b");
    this.state = make("span");
    this.found = make("span", { className: "tile-found" });
    this.card = new Card(picture, view, own, surroundingsIn("sweep", own), this.element);
    this.element.prepend(make("span", { className: "tile-words", dir: "auto", textContent: this.words }));
    this.element.append(make("span", { className: "tile-score" }, this.score, this.state), this.found);
  }

  /** Its score; null before its first step. */
  get value() {
    const { metrics, step } = this.run;
    return step && metrics ? resultOf(metrics, this.kind) : null;
  }

  /** Take in how the run is now, and fetch its picture where it is another. @param {GroupRun} run */
  async update(run) {
    this.run = run;
    this.score.textContent = written(this.value, this.kind);
    this.state.textContent =
      run.status === "running" ? `step ${count(run.step)}` : run.status === "queued" ? "waits its turn" : run.status;
    this.found.replaceChildren(markOfFindings(run.findings, true));
    this.card.body.dataset.empty = run.status === "queued" ? "waits its turn" : "no picture yet"; // until it is drawn
    if (run.step === this.shown || this.fetching || document.hidden) return;
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
      // the next round asks again
    } finally {
      this.fetching = false;
    }
  }
}
