/**
 * Your data: drop, choose or paste a table or images; see what was read; train on them; delete them, and bring them
 * back.
 */

import { bringDataset, deleteDataset, getDataset, listDatasets, restoreDataset } from "../server/api.js";
import { count, size } from "../state/numbers.js";
import { dialog } from "../ui/dialog.js";
import { byId, make } from "../ui/element.js";
import { sentence } from "../ui/explanation.js";
import { icon } from "../ui/icons.js";
import { Undo } from "../ui/undo.js";
import { Columns } from "./columns.js";
import { chosenFiles, looksLikeTable, taken } from "./files.js";
import { aboutImages, classesOf } from "./images.js";
import { placesIn } from "./places.js";
import { Progress } from "./progress.js";
import { parametersOf, readingControls } from "./reading.js";

/** @import {Store} from "../state/store.js" */
/** @import {Chosen, ColumnChoice, Dataset, DatasetEntry, Images, Table} from "../state/types.js" */
/** @import {Dropped} from "./dropped.js" */
/** @import {Brought} from "./files.js" */
/** @import {Keeping} from "./images.js" */
/** @import {Reading} from "./reading.js" */

const ACCEPTED =
  ".csv,.tsv,.txt,.tab,.dat,.data,.gz,.arff,.json,.jsonl,.ndjson,.libsvm,.svm,.svmlight,.html,.htm,.xlsx,.xlsm,.xlsb," +
  ".xls,.ods,.parquet,.pq,.zip,.tar,.tgz,.npz,image/*";

export class DataWindow {
  /**
   * @param {Store} store
   * @param {{use: (chosen: Chosen, refused: (error: Error) => void, start: boolean) => void,
   *   failed: (error: unknown) => void}} actions
   */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    /** @type {Chosen | null} what an address asked for, while its data are missing */
    this.awaited = null;
    /** @type {Brought | null} what was brought last */
    this.brought = null;
    /** @type {{body: Blob, file: string} | null} what the server has still, and by what it is read once more */
    this.sent = null;
    /** @type {Keeping} how images that were brought last are kept, where a person said it */
    this.keeping = {};
    /** @type {Set<string>} what was kept when the list was shown last */
    this.known = new Set();
    this.images = ""; // which are shown
    /** @type {Reading} how a person says that it has to be read */
    this.how = {};
    /** @type {string} what is kept of it only until it is read in another way */
    this.passing = "";
    this.words = make("p", { className: "data-words", hidden: true });
    this.words.setAttribute("role", "status");
    this.undo = new Undo(store);
    this.zone = this.dropArea("data");
    this.body = make("div", { className: "data-body" });
    const parts = make("div", {}, this.words);
    this.window = dialog("data-window", "data-window", "Your data", [this.undo.element], [parts, this.body]);
    this.progress = new Progress(this.window);
    parts.append(this.progress.element);
    byId("data").onclick = () => this.open();
    this.listen();
  }

  /**
   * Make a place where files are dropped or chosen, and rows pasted: in this window, or where a task without data would
   * have its picture.
   * @param {string} name what the ids of its parts begin with
   */
  dropArea(name) {
    const input = (/** @type {Partial<HTMLInputElement>} */ about) => {
      const made = make("input", { type: "file", className: "visually-hidden", ...about });
      made.onchange = () => {
        const chosen = chosenFiles(made.files ?? []);
        made.value = "";
        this.bring(chosen);
      };
      return made;
    };
    const file = input({ id: `${name}-file`, accept: ACCEPTED });
    const folder = input({ id: `${name}-folder`, webkitdirectory: true });
    const pasted = make("textarea", { id: `${name}-paste`, rows: 2, spellcheck: false });
    pasted.placeholder = "… or paste rows here, from a spreadsheet or a CSV";
    pasted.setAttribute("aria-label", "Paste rows of a table");
    pasted.oninput = () => {
      if (!looksLikeTable(pasted.value)) return;
      const text = pasted.value;
      pasted.value = "";
      this.paste(text);
    };
    return make(
      "div",
      { className: "drop-zone" },
      icon("bring"),
      make("p", { className: "drop-title", textContent: "Drop a table or images here" }),
      make("p", {
        className: "muted",
        textContent: "A CSV file, a spreadsheet, or a folder or zip with a folder of images for each class.",
      }),
      make(
        "p",
        { className: "drop-buttons" },
        make("label", { className: "button" }, file, "Choose a file …"),
        make("label", { className: "button" }, folder, "Choose a folder …"),
      ),
      pasted,
      make("p", {
        className: "muted",
        textContent: "It stays on this machine, in the server's folder, until you delete it.",
      }),
    );
  }

  /** Let rows be pasted anywhere on the page. */
  listen() {
    document.addEventListener("paste", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      const text = event.clipboardData?.getData("text") ?? "";
      if (!this.store.allowed("own", "data") || target.closest?.("input, textarea") || !looksLikeTable(text)) return;
      event.preventDefault();
      this.paste(text);
    });
  }

  /** @param {string} [words] */
  async open(words = "") {
    this.say(words);
    await this.list().catch((error) => {
      this.body.replaceChildren(this.zone);
      this.say(error.message, true);
    });
    if (!this.window.open) this.window.showModal(); // with its list, so that it does not grow before one's eyes
  }

  /** Ask for the data that an address names. @param {Chosen} chosen the configuration that waits for them */
  ask(chosen) {
    this.awaited = chosen;
    this.open(
      "The address you opened was made for data that are not on this machine. " +
        "Bring the same file, and all will be as it was there.",
    );
  }

  /** @param {string} words @param {boolean} [bad] */
  say(words, bad = false) {
    this.words.textContent = bad ? sentence(words) : words;
    this.words.hidden = !words;
    this.words.classList.toggle("bad", bad);
  }

  /** Say what there is to know of what was read: one thing in a sentence, several as a list. @param {string[]} notes */
  tell(notes) {
    this.say(notes.length > 1 ? " " : (notes[0] ?? ""));
    if (notes.length > 1)
      this.words.replaceChildren(make("ul", {}, ...notes.map((note) => make("li", { textContent: note }))));
  }

  /** Show what is kept. */
  async list() {
    const kept = (await listDatasets()).reverse();
    this.known = new Set(kept.map(({ id }) => id));
    const rows = kept.map((one) => {
      const use = make("button", { type: "button", textContent: "Use", onclick: () => this.show(one.id) });
      use.disabled = Boolean(one.error);
      const forget = make("button", {
        type: "button",
        className: "quiet",
        textContent: "Delete",
        onclick: () => this.delete(one),
      });
      const used = one.runs ? `${one.runs} ${one.runs === 1 ? "run" : "runs"}` : "";
      const cells = [
        one.name,
        one.error ? "damaged" : amount(one),
        size(one.bytes),
        used,
        make("span", { className: "acts" }, use, forget),
      ];
      const row = make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
      row.dataset.dataset = one.id;
      return row;
    });
    const list = rows.length
      ? make("table", { className: "kept" }, make("tbody", {}, ...rows))
      : make("p", { className: "muted", textContent: "Nothing of yours is here yet." });
    this.body.replaceChildren(this.zone, list);
  }

  /** @param {string} text */
  paste(text) {
    this.bring(chosenFiles([new File([text], "pasted.csv", { type: "text/csv" })]));
  }

  /** Take files to the server. @param {Dropped} dropped */
  async bring(dropped) {
    await this.store.ready;
    if (!this.window.open) await this.open();
    const { upload } = this.store.catalog.limits;
    this.keeping = {};
    this.passing = "";
    const found = await this.read((signal) => taken(dropped, upload, signal), {}, "Nothing was kept.");
    if (found === "refused" && !this.body.contains(this.zone)) await this.list().catch(this.actions.failed);
  }

  /**
   * Have the server read what is brought, and show what was read; a person may give it up meanwhile.
   * @param {(signal: AbortSignal) => Promise<Brought>} bring @param {Reading} how
   * @param {string} given what is said where it is given up @param {ColumnChoice & {names: string[]} | null} [before]
   * what was chosen of another reading
   * @returns {Promise<"read" | "given up" | "refused">}
   */
  async read(bring, how, given, before = null) {
    this.say("");
    try {
      const found = await this.progress.follow(async (signal) => {
        const brought = await bring(signal);
        const { kind, name, body } = brought;
        /** @type {Record<string, string>} */
        const instead = this.passing ? { instead_of: this.passing } : {};
        const about = kind === "table" ? { name, ...parametersOf(how), ...instead } : { name, ...this.keeping };
        const send = (/** @type {string} */ file) => {
          const [said, sent] = file ? [{ ...about, file }, new Blob()] : [about, body];
          return bringDataset(kind, said, sent, signal, (share) => this.progress.sent(share));
        };
        const kept = await send(this.sent?.body === body ? this.sent.file : "").catch((error) => {
          if (error.status !== 404) throw error;
          return send(""); // the server has it no more
        });
        this.sent = kept.file ? { body, file: kept.file } : null;
        return { brought, kept };
      });
      if (!found) {
        if (!this.progress.giveUp) this.say(`Cancelled. ${given}`); // else something else is on its way
        return "given up";
      }
      this.brought = { ...found.brought, kind: found.kept.kind === "table" ? "table" : found.brought.kind };
      this.how = how;
      if (found.kept.kind === "table") this.passing = found.kept.is_new ? found.kept.id : "";
      this.take(found.kept, found.brought.note, before);
      return "read";
    } catch (error) {
      this.say(/** @type {Error} */ (error).message, true);
      return "refused";
    }
  }

  /** Show something that is kept already. @param {string} id */
  async show(id) {
    this.brought = null;
    this.how = {};
    this.passing = "";
    try {
      this.take(await getDataset(id), "");
    } catch (error) {
      this.say(/** @type {Error} */ (error).message, true);
    }
  }

  /**
   * Show what was read, with what can be chosen.
   * @param {Dataset} kept @param {string} note @param {ColumnChoice & {names: string[]} | null} [before]
   */
  take(kept, note, before = null) {
    const { awaited } = this;
    if (awaited?.data.dataset === kept.id) {
      this.awaited = null;
      this.window.close();
      this.use(awaited, false);
      return;
    }
    this.tell([note, ...kept.notes].filter(Boolean));
    if (kept.kind === "images") this.showImages(kept);
    else this.showTable(kept, before);
  }

  /** @param {Table} table @param {ColumnChoice & {names: string[]} | null} [before] */
  showTable(table, before = null) {
    const { brought, how } = this;
    const chosen = () => ({ ...columns.chosen, names: table.columns.map(({ name }) => name) });
    const again = async (/** @type {Reading} */ other, /** @type {string} */ id) => {
      if (!brought) return;
      const found = await this.read(async () => brought, other, "The table stays as it was read.", chosen());
      if (found !== "read") this.showAgain(table, columns);
      /** @type {HTMLElement | null} */ (this.body.querySelector(`#${id}`))?.focus();
    };
    const retype = (/** @type {Record<number, string>} */ kinds, /** @type {string} */ id) =>
      again({ ...how, kinds }, id);
    const columns = new Columns(table, this.choiceOf(table, before), () => judge(), how.kinds, brought ? retype : null);
    const train = this.trainButton(() => this.use(this.chosenFor(columns.chosen.task, columns.data), true));
    const why = make("span", { className: "muted" });
    why.setAttribute("role", "status");
    const judge = () => {
      why.textContent = sentence(columns.refused());
      train.disabled = Boolean(columns.refused());
    };
    const about = make(
      "p",
      { className: "data-about" },
      make("b", { textContent: table.name }),
      ` ${count(table.rows)} rows, ${count(columns.groups.length)} columns `,
      brought
        ? ""
        : make("span", { className: "muted", textContent: "to read it in another way, bring the file again" }),
    );
    const controls = brought ? readingControls(table, how, again) : "";
    this.body.replaceChildren(about, controls, columns.element, this.actionsRow(why, train));
    judge();
    this.begin(train);
  }

  /** Show a table as it was before another reading failed. @param {Table} table @param {Columns} columns */
  showAgain(table, columns) {
    this.showTable(table, { ...columns.chosen, names: table.columns.map(({ name }) => name) });
  }

  /**
   * Give what is chosen of a table: what the page has chosen, or was chosen of the same columns, or what suits.
   * @param {Table} table @param {ColumnChoice & {names: string[]} | null} before @returns {ColumnChoice}
   */
  choiceOf(table, before) {
    const { chosen, task } = this.store;
    const { dataset, features, missing_cells: cells, target_column: target } = chosen.data;
    if (before) {
      const place = table.columns.findIndex(({ name }) => name === before.names[before.target]);
      const column = table.columns[place];
      if (!column || (before.task === "table" ? column.no_class : column.no_number)) return table.suggestion;
      const read = table.columns.map(({ name, no_feature: no }, k) => {
        const old = before.names.indexOf(name);
        if (k === place || no) return false;
        return old < 0 ? table.suggestion.features.includes(k) : before.features.includes(old);
      });
      return { ...table.suggestion, ...before, target: place, features: [...read.keys()].filter((k) => read[k]) };
    }
    if (dataset !== table.id || task.group !== "tables" || target === null || !features) return table.suggestion;
    return { task: task.name, target, features: placesIn(features), missing_cells: cells ?? "leave out" };
  }

  /** @param {Images} images */
  showImages(images) {
    const train = this.trainButton(() =>
      this.use(this.chosenFor(images.suggestion.task, { dataset: images.id }), true),
    );
    const { brought, keeping } = this;
    this.images = images.id;
    const again = async (/** @type {Keeping} */ choice, /** @type {string} */ id) => {
      if (!brought) return;
      this.keeping = { ...keeping, ...choice };
      const found = await this.read(async () => brought, {}, "The images stay as they were read.");
      if (found !== "read") {
        this.keeping = keeping;
        this.showImages(images);
      }
      /** @type {HTMLElement | null} */ (this.body.querySelector(`#${id}`))?.focus();
      if (found === "read" && this.images !== images.id && !this.known.has(images.id)) {
        await deleteDataset(images.id).catch(this.actions.failed); // it was tried only
      }
    };
    const choices = aboutImages(images, brought?.kind === "images" ? again : null);
    this.body.replaceChildren(...choices, classesOf(images), this.actionsRow(train));
    this.begin(train);
  }

  /** Let Enter train, and show what was said from its beginning. @param {HTMLElement} train */
  begin(train) {
    train.focus({ preventScroll: true });
    const scroller = this.words.closest(".scroller");
    if (scroller) scroller.scrollTop = 0;
  }

  /** Take what was chosen, or say why not. @param {Chosen} chosen @param {boolean} start whether it trains at once */
  use(chosen, start) {
    const refused = (/** @type {Error} */ { message }) => {
      this.say(message, true);
      if (!this.window.open) this.window.showModal();
    };
    this.actions.use(chosen, refused, start);
  }

  /** Complete a task's choices for data of one's own. @param {string} task @param {Chosen["data"]} data */
  chosenFor(task, data) {
    const defaults = this.store.defaultsOf(task);
    return { ...defaults, data: { ...defaults.data, ...data } };
  }

  /** @param {() => void} act */
  trainButton(act) {
    const button = make("button", {
      type: "button",
      id: "use-data",
      className: "primary",
      textContent: "Train on it",
    });
    button.onclick = () => {
      this.passing = "";
      this.window.close();
      byId("train").focus({ preventScroll: true }); // so that Space pauses, and opens no window again
      act();
    };
    return button;
  }

  /** @param {HTMLElement[]} acts */
  actionsRow(...acts) {
    const other = make("button", { type: "button", className: "quiet", textContent: "Other data" });
    other.onclick = () => this.open();
    return make("p", { className: "data-actions" }, other, ...acts);
  }

  /** @param {DatasetEntry} one */
  async delete(one) {
    await deleteDataset(one.id).catch(this.actions.failed);
    const lost = one.runs === 1 ? "run" : `${one.runs} runs`;
    const words = `Deleted ${one.name}${one.runs ? `; the ${lost} on it cannot go on` : ""}`;
    this.undo.offer(words, async () => {
      await restoreDataset(one.id).catch(this.actions.failed);
      await this.list();
    });
    await this.list();
  }
}

/** Say how much a dataset holds. @param {DatasetEntry} one */
function amount(one) {
  return one.classes ? `${count(one.rows)} images, ${one.classes.length} classes` : `${count(one.rows)} rows`;
}
