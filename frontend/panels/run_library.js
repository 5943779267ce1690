/** All runs in a window of their own: names and notes to edit, reopen, delete and bring back. */

import { changeRun, deleteRun, listRuns, restoreRun } from "../server/api.js";
import { count, duration } from "../state/numbers.js";
import { score } from "../state/result.js";
import { dialog } from "../ui/dialog.js";
import { make } from "../ui/element.js";
import { Undo } from "../ui/undo.js";

/** @import {Store} from "../state/store.js" */
/** @import {Run} from "../state/types.js" */

const WHEN = new Intl.DateTimeFormat([], { dateStyle: "short", timeStyle: "short" }); // making one takes milliseconds
const HEADS = ["name", "note", "task", "steps", "best", "time", "status", "made", ""];

export class RunLibrary {
  /** @param {Store} store @param {{open: (run: Run) => void, failed: (error: unknown) => void}} actions */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    this.body = make("tbody");
    this.empty = make("p", { className: "muted", textContent: "No run has taken a step yet." });
    this.undo = new Undo(store);
    const heads = HEADS.map((title) => make("th", { textContent: title }));
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), this.body);
    this.window = dialog("library", "", "Runs", [this.undo.element], [table, this.empty]);
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
    const runs = all.filter((r) => r.step > 0 || r.name || r.note || r.id === this.store.run?.id).reverse();
    this.body.replaceChildren(...runs.map((run) => this.row(run)));
    this.empty.hidden = runs.length > 0;
  }

  /** @param {Run} run */
  row(run) {
    const task = this.store.taskCalled(run.task);
    const isThis = run.id === this.store.run?.id;
    const open = make("button", { type: "button", textContent: isThis ? "on the page" : "Open", disabled: isThis });
    open.onclick = () => {
      this.window.close();
      this.actions.open(run);
    };
    const forget = make("button", { type: "button", className: "quiet", textContent: "Delete", disabled: isThis });
    forget.onclick = () => this.delete(run);
    const cells = [
      this.editor(run, "name", `${task.title} · ${run.configuration.optimizer.name}`, 60),
      this.editor(run, "note", "a note", 500),
      task.title,
      count(run.step),
      score(run, task.kind),
      duration(run.seconds),
      run.status,
      WHEN.format(1000 * run.created),
      make("span", { className: "acts" }, open, forget),
    ];
    const row = make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
    row.dataset.run = run.id;
    if (isThis) row.className = "this";
    return row;
  }

  /** @param {Run} run @param {"name" | "note"} field @param {string} placeholder @param {number} maxLength */
  editor(run, field, placeholder, maxLength) {
    const input = make("input", { type: "text", value: run[field], placeholder, maxLength });
    input.setAttribute("aria-label", `${field} of ${placeholder}`);
    input.onchange = async () => {
      try {
        await changeRun(run.id, { [field]: input.value });
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
    await deleteRun(run.id).catch(this.actions.failed);
    this.undo.offer(`Deleted ${run.name || `the ${run.task} run`}`, async () => {
      await restoreRun(run.id).catch(this.actions.failed);
      await this.refresh();
      this.store.emit("runs");
    });
    await this.refresh();
    this.store.emit("runs");
  }
}
