/** The foot of the page: this run and earlier ones; a click reopens one, another forgets it. */

import { deleteRun, listRuns } from "../api.js";
import { number, percent } from "./readout.js";

const EXPORTS = ["metrics.csv", "weights.npz", "weights.safetensors"];

export class RunList {
  /** @param {HTMLElement} element @param {import("../store.js").Store} store @param {(run: any) => void} open */
  constructor(element, store, open) {
    this.element = element;
    this.store = store;
    this.open = open;
  }

  async refresh() {
    const runs = (await listRuns().catch(() => [])).filter((/** @type {any} */ r) => r.step > 0 || r.id === this.store.run?.id).reverse().slice(0, 12);
    const title = document.createElement("h2");
    title.textContent = "Runs";
    const [shown, ...earlier] = runs.sort((/** @type {any} */ a, /** @type {any} */ b) => Number(b.id === this.store.run?.id) - Number(a.id === this.store.run?.id));
    this.element.replaceChildren(title, ...(shown ? [this.chip(shown), exports(shown)] : []), ...earlier.map((/** @type {any} */ run) => this.chip(run)));
  }

  /** @param {any} run */
  chip(run) {
    const chip = document.createElement("span");
    chip.className = "chip";
    const isThis = run.id === this.store.run?.id;
    if (isThis) chip.classList.add("this");
    const button = document.createElement("button");
    button.type = "button";
    const task = this.store.catalog.tasks.find((/** @type {any} */ t) => t.name === run.task);
    const score = task.kind === "classes" ? percent(run.best_accuracy) : number(run.metrics?.test_loss);
    button.textContent = isThis ? `${task.title} · ${run.configuration.optimizer.name} · this run`
      : `${task.title} · ${run.configuration.optimizer.name} · ${run.step.toLocaleString("en")} steps · ${score} · ${run.status}`;
    button.title = isThis ? "the run on the page" : "show this run again";
    button.disabled = isThis;
    button.onclick = () => this.open(run);
    chip.append(button);
    if (!isThis) {
      const forget = document.createElement("button");
      Object.assign(forget, { type: "button", className: "quiet tiny", textContent: "✕", title: "Forget this run" });
      forget.setAttribute("aria-label", `Forget run ${button.textContent}`);
      forget.onclick = async () => { await deleteRun(run.id).catch(() => null); this.refresh(); };
      chip.append(forget);
    }
    return chip;
  }
}

/** Links that save what a run has. @param {any} run */
function exports(run) {
  const links = document.createElement("span");
  links.className = "exports";
  links.append("save ");
  for (const name of EXPORTS) {
    const link = document.createElement("a");
    Object.assign(link, { href: `api/runs/${run.id}/export/${name}`, download: "", textContent: name });
    links.append(link);
  }
  return links;
}
