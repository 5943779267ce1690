/** The foot of the page: this run, what can be saved of it, and the newest earlier ones; all of them are in the library. */

import { listRuns, Refusal } from "../server/api.js";
import { download } from "../ui/download.js";
import { count } from "../state/numbers.js";
import { score } from "./readout.js";

const EXPORTS = ["script.py", "metrics.csv", "weights.npz", "weights.safetensors"];
const SHOWN = 12;

export class RunList {
  /**
   * @param {HTMLElement} element @param {import("../state/store.js").Store} store
   * @param {{open: (run: any) => void, all: () => void, load: (file: File) => void, failed: (error: unknown) => void}} actions
   * @param {HTMLElement} notices
   */
  constructor(element, store, actions, notices) {
    this.notices = notices;
    this.element = element;
    this.store = store;
    this.actions = actions;
    this.all = document.createElement("button");
    Object.assign(this.all, {
      type: "button",
      id: "all-runs",
      textContent: "Runs",
      title: "All runs: rename, annotate, reopen, delete",
      onclick: actions.all,
    });
    this.loader = fileButton(actions.load);
  }

  async refresh() {
    const runs = (await listRuns().catch(() => []))
      .filter((/** @type {any} */ r) => r.step > 0 || r.id === this.store.run?.id)
      .reverse();
    const shown = runs.find((/** @type {any} */ r) => r.id === this.store.run?.id);
    const earlier = runs.filter((/** @type {any} */ r) => r !== shown && !r.group).slice(0, SHOWN);
    this.element.replaceChildren(
      this.all,
      ...(shown
        ? [this.chip(shown), exports(shown, this.store.example, this.actions.failed), this.loader, this.notices]
        : []),
      ...earlier.map((/** @type {any} */ run) => this.chip(run)),
    );
  }

  /** @param {any} run */
  chip(run) {
    const chip = document.createElement("span");
    const isThis = run.id === this.store.run?.id;
    chip.className = isThis ? "chip this" : "chip";
    const task = this.store.catalog.tasks.find((/** @type {any} */ t) => t.name === run.task);
    const button = document.createElement("button");
    const name = run.name || `${task.title} · ${run.configuration.optimizer.name}`;
    Object.assign(button, {
      type: "button",
      disabled: isThis,
      title: isThis ? "the run on the page" : "show this run again",
    });
    button.textContent = isThis
      ? `${name} · this run`
      : `${name} · ${count(run.step)} steps · ${score(run, task.kind)} · ${run.status}`;
    button.onclick = () => this.actions.open(run);
    chip.append(button);
    return chip;
  }
}

/** A button that asks for a file with weights. @param {(file: File) => void} load */
function fileButton(load) {
  const label = document.createElement("label");
  label.className = "loader";
  label.title = "Begin a new run of the same network with the weights of a file (safetensors or npz)";
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: ".safetensors,.npz", id: "load-weights", className: "visually-hidden" });
  input.onchange = () => {
    const file = input.files?.[0];
    input.value = "";
    if (file) load(file);
  };
  label.append("load weights …", input);
  return label;
}

/** Links that save what a run has. @param {any} run @param {number} example the one that pictures show @param {(error: unknown) => void} failed */
function exports(run, example, failed) {
  const links = document.createElement("span");
  links.className = "exports";
  links.append("save ");
  const replay = document.createElement("a");
  Object.assign(replay, {
    href: `api/runs/${run.id}/export/replay.html?example=${example}`,
    textContent: "replay.html",
    title: "The film in one file that needs no server",
    id: "save-replay",
  });
  replay.onclick = async (event) => {
    // making it takes seconds, so it is said
    event.preventDefault();
    if (replay.getAttribute("aria-busy") === "true") return;
    replay.setAttribute("aria-busy", "true");
    replay.textContent = "making it …";
    try {
      const reply = await fetch(replay.href);
      if (!reply.ok) throw new Refusal((await reply.json()).error.message, null, reply.status);
      download(await reply.blob(), `${run.task}-${run.id}-replay.html`);
    } catch (error) {
      failed(error);
    } finally {
      replay.textContent = "replay.html";
      replay.removeAttribute("aria-busy");
    }
  };
  links.append(replay);
  for (const name of EXPORTS) {
    const link = document.createElement("a");
    Object.assign(link, { href: `api/runs/${run.id}/export/${name}`, download: "", textContent: name });
    links.append(link);
  }
  return links;
}

/** Find what a visitor came to see: the run that trains now, else the newest. */
export async function newestRun() {
  const all = (await listRuns()).reverse();
  return (
    all.find((/** @type {any} */ r) => r.status === "running") ??
    all.find((/** @type {any} */ r) => r.step > 0) ??
    all[0] ??
    null
  );
}
