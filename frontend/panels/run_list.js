/**
 * The foot of the page: this run, what can be saved of it, and the newest earlier ones; all of them are in the library.
 */

import { listRuns, Refusal } from "../server/api.js";
import { EXPORTS } from "../state/constants.js";
import { count } from "../state/numbers.js";
import { score } from "../state/result.js";
import { download } from "../ui/download.js";
import { make } from "../ui/element.js";
import { Notice } from "./notice.js";

/** @import {Store} from "../state/store.js" */
/** @import {Run} from "../state/types.js" */

const SHOWN = 12;

/**
 * What the list asks for.
 * @typedef {object} Actions
 * @property {(run: Run) => void} open shows a run
 * @property {() => void} all opens the library
 * @property {(file: File) => void} load takes the weights of a file
 * @property {(error: unknown) => void} failed
 */

export class RunList {
  /** @param {HTMLElement} element @param {Store} store @param {Actions} actions */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    this.notices = new Notice(store).element;
    this.all = make("button", {
      type: "button",
      id: "all-runs",
      textContent: "Runs",
      title: "All runs: rename, annotate, reopen, delete",
      onclick: () => actions.all(),
    });
    this.loader = fileButton(actions.load);
    store.on("runs", () => this.refresh());
  }

  async refresh() {
    const { element, store, actions } = this;
    const all = (await listRuns().catch(() => [])).filter((r) => r.step > 0 || r.id === store.run?.id).reverse();
    const shown = all.find((r) => r.id === store.run?.id);
    const earlier = all.filter((r) => r !== shown && !r.group).slice(0, SHOWN);
    const ofThis = shown
      ? [this.chip(shown), exports(shown, store.example, actions.failed), this.loader, this.notices]
      : [];
    element.replaceChildren(this.all, ...ofThis, ...earlier.map((run) => this.chip(run)));
  }

  /** @param {Run} run */
  chip(run) {
    const isThis = run.id === this.store.run?.id;
    const task = this.store.taskCalled(run.task);
    const name = run.name || `${task.title} · ${run.configuration.optimizer.name}`;
    const button = make("button", {
      type: "button",
      disabled: isThis,
      title: isThis ? "the run on the page" : "show this run again",
      textContent: isThis
        ? `${name} · this run`
        : `${name} · ${count(run.step)} steps · ${score(run, task.kind)} · ${run.status}`,
      onclick: () => this.actions.open(run),
    });
    return make("span", { className: isThis ? "chip this" : "chip" }, button);
  }
}

/** A button that asks for a file with weights. @param {(file: File) => void} load */
function fileButton(load) {
  const input = make("input", {
    type: "file",
    accept: ".safetensors,.npz",
    id: "load-weights",
    className: "visually-hidden",
  });
  input.onchange = () => {
    const file = input.files?.[0];
    input.value = "";
    if (file) load(file);
  };
  const title = "Begin a new run of the same network with the weights of a file (safetensors or npz)";
  return make("label", { className: "loader", title }, "load weights …", input);
}

/**
 * Links that save what a run has. Making it may take seconds, and may be refused: both is said.
 * @param {Run} run @param {number} example the one that pictures show @param {(error: unknown) => void} failed
 */
function exports(run, example, failed) {
  const link = (/** @type {string} */ name, /** @type {Partial<HTMLAnchorElement>} */ more = {}) => {
    const made = make("a", { href: `api/runs/${run.id}/export/${name}`, textContent: name, ...more });
    made.onclick = async (event) => {
      event.preventDefault();
      if (made.getAttribute("aria-busy") === "true") return;
      made.setAttribute("aria-busy", "true");
      made.textContent = "making it …";
      try {
        const reply = await fetch(made.href);
        if (!reply.ok) throw new Refusal((await reply.json()).error.message, null, reply.status);
        download(await reply.blob(), `${run.task}-${run.id}-${name}`);
      } catch (error) {
        failed(error);
      } finally {
        made.textContent = name;
        made.removeAttribute("aria-busy");
      }
    };
    return made;
  };
  const replay = link("replay.html", {
    href: `api/runs/${run.id}/export/replay.html?example=${example}`,
    title: "The film in one file that needs no server",
    id: "save-replay",
  });
  return make("span", { className: "exports" }, "save ", replay, ...EXPORTS.map((name) => link(name)));
}
