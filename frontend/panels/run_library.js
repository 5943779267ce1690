/** All runs in a window of their own: names and notes to edit, reopen, delete, and bring back what was deleted. */

import { firstOf } from "../doctor/findings.js";
import { badness, markOfFindings } from "../doctor/mark.js";
import { changeRun, deleteRun, listRuns, restoreRun } from "../server/api.js";
import { settingsOf } from "../state/differences.js";
import { count, duration } from "../state/numbers.js";
import { resultOf, score } from "../state/result.js";
import { dialog } from "../ui/dialog.js";
import { make } from "../ui/element.js";
import { markOf, RunTable } from "./run_list.js";

/** @import {Store} from "../state/store.js" */
/** @import {Run} from "../state/types.js" */
/** @typedef {{id: string, words: string, until: number}} Deletion of a run, which can be undone until a time */

const WHEN = new Intl.DateTimeFormat([], { dateStyle: "short", timeStyle: "short" }); // making one takes milliseconds
const KEY = "deleted-runs";
const EARLIER = 5; // seconds before the server forgets for good

/** The deletions that can be undone, the newest first; they outlive a reload. */
export class Deletions {
  /** @param {Pick<Storage, "getItem" | "setItem">} storage @param {() => number} now in milliseconds */
  constructor(storage, now = Date.now) {
    this.storage = storage;
    this.now = now;
  }

  /** @returns {Deletion[]} */
  get all() {
    try {
      const kept = /** @type {unknown} */ (JSON.parse(this.storage.getItem(KEY) ?? "[]"));
      return Array.isArray(kept) ? kept.filter(({ until }) => until > this.now()) : [];
    } catch {
      return []; // it holds nothing of ours
    }
  }

  /** @param {Deletion} deletion */
  add(deletion) {
    this.keep([deletion, ...this.all]);
  }

  /** @param {string} id */
  remove(id) {
    this.keep(this.all.filter((one) => one.id !== id));
  }

  /** @param {Deletion[]} all */
  keep(all) {
    try {
      this.storage.setItem(KEY, JSON.stringify(all));
    } catch {
      // a browser that keeps nothing forgets with the reload
    }
  }
}

export class RunLibrary {
  /** @param {Store} store @param {{open: (run: Run) => void, failed: (error: unknown) => void}} actions */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    this.deletions = new Deletions(localStorage);
    this.timer = 0;
    /** @type {Run[]} */
    this.runs = [];
    const kindOf = (/** @type {Run} */ run) => store.taskCalled(run.task).kind;
    this.table = new RunTable(
      [
        { title: "Name", by: (run) => run.name || store.taskCalled(run.task).title },
        { title: "Note", by: (run) => run.note || null },
        { title: "What differs", by: (run) => this.settings.get(run.id) ?? null },
        { title: "Steps", by: (run) => run.step, isNumber: true, term: "step" },
        { title: "Result", by: (run) => resultOf(run.metrics ?? {}, kindOf(run)), isNumber: true, term: "result" },
        { title: "Time", by: (run) => run.seconds, isNumber: true },
        { title: "Status", by: (run) => run.status, term: "status" },
        { title: "Found", by: (run) => badness(firstOf(run.findings ?? [])), isNumber: true, term: "finding" },
        { title: "Made", by: (run) => run.created, isNumber: true },
        { title: "Actions", by: () => null },
      ],
      () => this.show(),
    );
    /** @type {Map<string, string>} */
    this.settings = new Map();
    this.empty = make("p", { className: "muted", textContent: "No run has taken a step yet." });
    this.deleted = make("ul", { className: "deleted-runs" });
    this.deleted.setAttribute("aria-label", "Deleted just now");
    this.deleted.setAttribute("aria-live", "polite");
    this.window = dialog("library", "", "All runs", [], [this.deleted, this.table.element, this.empty]);
    this.window.addEventListener("cancel", (event) => {
      if (this.window.querySelector("input[data-changed]")) event.preventDefault(); // Escape was for the name
    });
  }

  async open() {
    try {
      await this.refresh();
    } catch (error) {
      this.actions.failed(error);
      return;
    }
    if (!this.window.open) this.window.showModal();
  }

  async refresh() {
    const all = await listRuns();
    this.runs = all.filter((r) => r.step > 0 || r.name || r.note || r.id === this.store.run?.id);
    this.show();
  }

  show() {
    const { runs, store, table } = this;
    this.settings = settingsOf(runs, store.run?.id ?? "", store.catalog);
    const places = new Map(runs.map((run, k) => [run.id, k]));
    table.body.replaceChildren(...table.sort(runs).map((run) => this.row(run, places.get(run.id) ?? 0)));
    this.empty.hidden = runs.length > 0;
    this.offer();
  }

  /** @param {Run} run @param {number} k which one it was */
  row(run, k) {
    const task = this.store.taskCalled(run.task);
    const isThis = run.id === this.store.run?.id;
    const open = make("button", { type: "button", textContent: isThis ? "On the page" : "Open", disabled: isThis });
    open.onclick = () => {
      this.window.close();
      this.actions.open(run);
    };
    const forget = make("button", { type: "button", className: "quiet", textContent: "Delete", disabled: isThis });
    forget.onclick = () => this.delete(run);
    const name = make("span", { className: "named" }, markOf(k), this.editor(run, "name", task.title, 60));
    const settings = make("span", { className: "run-settings", textContent: this.settings.get(run.id) ?? "" });
    const cells = [
      name,
      this.editor(run, "note", "a note", 500),
      settings,
      count(run.step),
      score(run, task.kind),
      duration(run.seconds),
      run.status,
      markOfFindings(run.findings, true),
      WHEN.format(1000 * run.created),
      make("span", { className: "acts" }, open, forget),
    ];
    const isNumber = (/** @type {number} */ i) => (this.table.columns[i].isNumber ? "number" : "");
    const row = make("tr", {}, ...cells.map((cell, i) => make("td", { className: isNumber(i) }, cell)));
    row.dataset.run = run.id;
    if (isThis) row.className = "this";
    return row;
  }

  /**
   * Where a name or a note is typed: Enter or leaving it keeps it, Escape brings back what was there.
   * @param {Run} run @param {"name" | "note"} field @param {string} placeholder @param {number} maxLength
   */
  editor(run, field, placeholder, maxLength) {
    const input = make("input", { type: "text", value: run[field], placeholder, maxLength });
    input.setAttribute("aria-label", `${field} of ${placeholder}`);
    input.oninput = () => {
      input.dataset.changed = "";
    };
    input.onblur = () => {
      delete input.dataset.changed;
    };
    input.onkeydown = (event) => {
      if (event.key === "Enter") input.blur();
      if (event.key !== "Escape" || input.value === run[field]) return;
      event.preventDefault();
      event.stopPropagation();
      input.value = run[field];
      delete input.dataset.changed;
    };
    input.onchange = async () => {
      if (input.value === run[field]) return;
      try {
        run[field] = (await changeRun(run.id, { [field]: input.value }))[field];
        this.store.emit("runs");
      } catch (error) {
        input.value = run[field];
        this.actions.failed(error);
      }
    };
    return input;
  }

  /** @param {Run} run */
  async delete(run) {
    try {
      await deleteRun(run.id);
      const title = this.store.taskCalled(run.task).title;
      const words = run.name || `${title}, ${count(run.step)} steps`;
      const seconds = Math.max(1, this.store.catalog.limits.undo_seconds - EARLIER);
      if (run.step) this.deletions.add({ id: run.id, words, until: Date.now() + 1000 * seconds });
    } catch (error) {
      this.actions.failed(error);
    }
    await this.changed();
  }

  /** Offer to bring back each run that was deleted just now. */
  offer() {
    const { all } = this.deletions;
    this.deleted.replaceChildren(
      ...all.map((deletion) => {
        const back = make("button", { type: "button", textContent: "Undo" });
        back.setAttribute("aria-label", `Undo: bring back ${deletion.words}`);
        back.onclick = () => this.restore(deletion);
        return make("li", {}, `Deleted ${deletion.words} `, back);
      }),
    );
    clearTimeout(this.timer);
    if (!all.length) return;
    const first = Math.min(...all.map(({ until }) => until));
    this.timer = window.setTimeout(() => this.offer(), Math.min(2 ** 31 - 1, first - Date.now() + 50));
  }

  /** @param {Deletion} deletion */
  async restore({ id }) {
    this.deletions.remove(id);
    await restoreRun(id).catch(this.actions.failed);
    await this.changed();
  }

  async changed() {
    await this.refresh().catch(this.actions.failed);
    this.store.emit("runs");
  }
}
