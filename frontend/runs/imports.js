/** Runs that trained elsewhere come in as files of their rows; it is said how they were read, which can be changed. */

import { changeRun, findRun } from "../server/api.js";
import { deleteRuns, importRows } from "../server/run_table.js";
import { make } from "../ui/element.js";

/** @import {Run} from "../state/types.js" */

const READINGS = [
  ["", "as the file says"],
  ["share", "from 0 to 1"],
  ["percent", "in per cent"],
];

/**
 * What it asks of the window.
 * @typedef {object} Actions
 * @property {(words: string) => void} say what could not be read; the empty string takes it back
 * @property {() => Promise<void>} changed hears that there are other runs
 */

export class Imports {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.element = make("ul", { className: "brought-runs" });
    this.element.setAttribute("aria-label", "Imported just now");
    this.element.setAttribute("aria-live", "polite");
  }

  clear() {
    this.element.replaceChildren();
  }

  /** Take in the rows of runs that trained elsewhere. @param {File[]} files */
  async bring(files) {
    const refused = [];
    for (const file of files) {
      try {
        this.element.append(this.line(file, await importRows(file)));
      } catch (error) {
        refused.push(`\u2068${file.name}\u2069: ${wordsOf(error)}`);
      }
    }
    this.actions.say(refused.join(" "));
    await this.actions.changed();
  }

  /**
   * Say that a run is there, and how it was read.
   * @param {File} file @param {Run} run
   */
  line(file, run) {
    let now = run;
    const note = make("span", { className: "muted", dir: "auto", textContent: now.note });
    const line = make("li", {}, make("b", { dir: "auto", textContent: now.name || file.name }), note);
    if (now.best_accuracy === null) return line;
    const reading = make("select");
    for (const [value, words] of READINGS) reading.add(new Option(words, value));
    let before = "";
    let isRefused = false; // whether the words above the table are of this file
    reading.onchange = async () => {
      reading.disabled = true;
      try {
        const known = await findRun(now.id); // it may have been renamed and tagged meanwhile
        const other = await importRows(file, reading.value);
        if (known && (known.name !== other.name || known.tags?.length))
          await changeRun(other.id, { name: known.name, tags: known.tags ?? [] });
        await deleteRuns([now.id]);
        now = other;
        before = reading.value;
        note.textContent = now.note;
        if (isRefused) this.actions.say("");
        isRefused = false;
      } catch (error) {
        reading.value = before;
        isRefused = true;
        this.actions.say(`\u2068${file.name}\u2069: ${wordsOf(error)}`);
      }
      reading.disabled = false;
      reading.focus();
      await this.actions.changed();
    };
    line.append(make("label", {}, "Accuracies ", reading));
    return line;
  }
}

/** @param {unknown} error */
const wordsOf = (error) => (error instanceof Error ? error.message : String(error));
