/**
 * All runs in a window of their own, as a table: any column, filtered, sorted, grouped; opened, named, tagged,
 * exported, deleted and brought back, one or many.
 */

import { changeRun, Refusal } from "../server/api.js";
import { changeRuns, deleteRuns, listColumns, listRows, listRunGroups, restoreRuns } from "../server/run_table.js";
import { count } from "../state/numbers.js";
import { dialog } from "../ui/dialog.js";
import { download } from "../ui/download.js";
import { make } from "../ui/element.js";
import { opens } from "../ui/menu.js";
import { isNumber, NEEDED, nameOf, titleOf, unknownColumn, usualWidth, withWritable } from "./cells.js";
import { Chooser } from "./chooser.js";
import { csv } from "./csv.js";
import { Deletions } from "./deletions.js";
import { FilterLine } from "./filter/line.js";
import { QuickFilters } from "./filter/quick.js";
import { Grid } from "./grid.js";
import { Imports } from "./imports.js";
import { Lines } from "./lines.js";
import { Selection } from "./selection.js";
import { listed, SelectionBar } from "./selection_bar.js";
import * as views from "./view.js";

/** @import {Refused, RunColumn} from "../server/run_table.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Deletion} from "./deletions.js" */
/** @import {Row} from "./pages.js" */
/** @import {View} from "./view.js" */

const EVERY = 1000; // milliseconds from one look at what is new to the next
const SOON = 60; // milliseconds in which rows come without anybody having seen that they were missing
const RARELY = 10_000; // and at which columns there are
const EARLIER = 5; // seconds before the server forgets for good
const IMPORTED = "imported"; // the task of runs that trained elsewhere
const AT_ONCE = 10_000; // rows of one answer at the most

/**
 * What the window asks of the page.
 * @typedef {object} Actions
 * @property {(id: string) => void} open shows a run
 * @property {() => void} address says how the runs are looked at
 * @property {(error: unknown) => void} failed
 * @property {(ids: string[]) => void} [compare] shows some runs side by side; where it is not there, its button is not
 */

/** @param {number} n */
const runs = (n) => `${count(n)} ${n === 1 ? "run" : "runs"}`;

export class RunsWindow {
  /** @param {Store} store @param {Actions} actions */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    this.failed = actions.failed;
    /** @type {View} */
    this.view = views.keptView(localStorage);
    /** @type {RunColumn[]} */
    this.all = [];
    this.columnsAt = -RARELY;
    this.everything = 0; // how many runs there are, whatever the filter
    this.timer = 0;
    this.offerTimer = 0;
    this.wish = 0;
    this.isAway = false; // whether the server did not answer the last time
    this.deletions = new Deletions(localStorage);
    this.selection = new Selection(() => this.showSelection());
    this.lines = new Lines(
      listRows,
      () => this.draw(),
      (error) => this.lose(error),
    );
    this.grid = new Grid(this.lines, this.selection, store, {
      open: (row) => this.openRun(row),
      write: (row, field, value) => this.write(row, field, value),
      sort: (name, more) => this.sort(name, more),
      widen: (name, width, done) => this.widen(name, width, done),
      move: (name, to) => this.choose(views.moved(this.columns, name, to)),
      remove: () => this.remove(),
      failed: this.failed,
    });
    this.filter = new FilterLine((text) => this.look({ filter: text }));
    this.quick = new QuickFilters(
      store,
      () => this.filter.input.value,
      (text) => {
        this.filter.show(text);
        this.filter.ask(true).catch(this.failed);
      },
    );
    this.chooser = new Chooser((columns) => this.choose(columns));
    this.bar = new SelectionBar({
      all: () => this.selection.takeAll(),
      clear: () => this.selection.clear(),
      compare: actions.compare ? () => this.compare() : null,
      open: (row) => this.openRun(row),
      rename: (row, name) => this.write(row, "name", name),
      change: (changes) => this.change(changes),
      remove: () => this.remove(),
      isReading: store.catalog.view_only,
      tags: () => this.valuesOf("tags"),
      ownTags: () => this.tagsOfSelected(),
    });
    this.imports = new Imports({ say: (words) => this.say(words), changed: () => this.changed() });
    this.said = make("span", { className: "runs-count" });
    this.again = make("button", { type: "button", className: "quiet", textContent: "Sort again", hidden: true });
    this.group = make("select");
    this.sorter = make("select", { className: "runs-sorter" });
    this.deleted = make("ul", { className: "deleted-runs" });
    this.empty = make("div", { className: "runs-empty", hidden: true });
    this.lost = make("p", { className: "runs-lost", hidden: true });
    this.window = this.build();
    store.on("run", () => this.draw());
  }

  // ── what it is made of ──

  /** @returns {HTMLDialogElement} */
  build() {
    const bring = make("input", {
      type: "file",
      accept: ".csv,text/csv",
      multiple: true,
      className: "visually-hidden",
    });
    bring.onchange = () => {
      this.imports.bring([...(bring.files ?? [])]);
      bring.value = "";
    };
    const file = make("label", { className: "button" }, "Import CSV", bring);
    file.title = "Rows of a run that trained elsewhere: step, loss, …";
    const isReading = this.store.catalog.view_only;
    const save = make("button", { type: "button", textContent: "Export CSV", onclick: () => this.export() });
    const choose = make("button", { type: "button", textContent: "Columns" });
    opens(choose, this.chooser.element, () => this.chooser.opened());
    this.group.add(new Option("No groups", ""));
    for (const by of views.GROUPS) this.group.add(new Option(`By ${by}`, by));
    this.group.setAttribute("aria-label", "Group by");
    this.group.onchange = () => this.look({ group: this.group.value }).catch(this.failed);
    this.sorter.setAttribute("aria-label", "Sort by");
    this.sorter.onchange = () => this.look({ order: this.sorter.value }).catch(this.failed);
    this.again.title = "Since they were sorted, values have changed";
    this.again.onclick = () => this.look({}).catch(this.failed);
    this.deleted.setAttribute("aria-label", "Deleted just now");
    this.deleted.setAttribute("aria-live", "polite");
    for (const words of [this.said, this.lost]) words.setAttribute("role", "status");
    const choices = [this.filter.element, this.quick.element, this.group, this.sorter, choose];
    const bar = make("div", { className: "runs-bar" }, ...choices);
    const { element } = this.grid;
    const parts = [
      bar,
      this.lost,
      this.imports.element,
      this.deleted,
      element,
      this.empty,
      this.bar.element,
      this.chooser.element,
    ];
    const made = dialog(
      "library",
      "run-table",
      "All runs",
      [this.said, this.again, ...(isReading ? [] : [file]), save],
      parts,
    );
    made.addEventListener("close", () => this.closed());
    made.addEventListener("keydown", (event) => this.key(event));
    for (const what of /** @type {const} */ (["dragover", "drop"]))
      made.addEventListener(what, (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        event.stopPropagation(); // it is no data to learn from
        if (what === "drop" && !isReading) this.imports.bring([...event.dataTransfer.files]);
      });
    return made;
  }

  // ── opened and closed ──

  /** @param {string} [search] of an address that says how they are looked at */
  async open(search = "") {
    const asked = views.readView(new URLSearchParams(search));
    if (asked && !views.isPlain(asked)) this.view = { ...views.plainView(), ...asked };
    const known = listColumns().then(
      (all) => this.know(all),
      (error) => this.lose(error),
    );
    this.filter.show(this.view.filter);
    if (!this.window.open) this.window.showModal();
    this.offer();
    if (!this.all.length) await known;
    await this.look({}).catch((error) => this.refuse(error));
    this.follow();
    const isElsewhere = this.grid.element.parentElement?.contains(document.activeElement); // a person was faster
    if (!isElsewhere) this.grid.go(0, 1);
  }

  close() {
    this.window.close();
  }

  closed() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.say("");
    this.imports.clear();
    this.selection.clear();
    this.store.table = {};
    this.actions.address();
  }

  /**
   * A filter of an address may be wrong: it stands there, with what is wrong; so may the order: then it is the usual.
   * @param {unknown} error
   */
  async refuse(error) {
    this.lose(error);
    const field = error instanceof Refusal ? error.field : "";
    if (field === "order") {
      this.view.order = "";
      await this.look({}).catch((again) => this.refuse(again));
      return;
    }
    if (!this.view.filter) return;
    this.filter.taken = "?";
    await this.filter.ask(true);
    this.view.filter = "";
    await this.look({}).catch((again) => this.refuse(again));
  }

  /** Look at what is new, again and again as long as the window is open. */
  follow() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(async () => {
      try {
        if (!document.hidden) await this.renew();
      } catch (error) {
        this.isAway = true; // until it answers again
        this.lose(error);
      }
      if (this.window.open) this.follow();
    }, EVERY);
  }

  async renew() {
    const { lines } = this;
    if (!this.all.length) this.know(await listColumns()); // the server was away as it was opened
    if (!lines.isKnown) await this.look({});
    const before = lines.total;
    const top = this.grid.anchor();
    const isNew = await lines.renew();
    if (this.isAway) this.say("");
    this.isAway = false;
    if (isNew) this.grid.stay(top);
    const { rows } = lines;
    if (isNew && !lines.by && rows.length === lines.total) this.selection.keep(rows.map(({ id }) => id));
    const isRare = performance.now() - this.columnsAt > RARELY;
    if (isNew && (isRare || lines.total !== before)) this.know(await listColumns());
    if (lines.by && isRare) lines.regroup(await listRunGroups(lines.by, this.view.filter));
  }

  /** Say something above the table. @param {string} words the empty string takes it back */
  say(words) {
    this.lost.textContent = words;
    this.lost.hidden = !words;
  }

  /** Say what went wrong. @param {unknown} error */
  lose(error) {
    this.say(error instanceof Error ? error.message : String(error));
  }

  /** Say to how many runs something could not be done. @param {Refused} refused */
  tell(refused) {
    if (refused.length) this.lose(`${runs(refused.length)} stayed as they were: ${refused[0].message}`);
  }

  // ── how they are looked at ──

  get columns() {
    const usual = this.view.columns.length ? this.view.columns : views.usualColumns(this.all);
    return usual.length ? usual : ["name"];
  }

  /** @param {string} name */
  column(name) {
    return this.all.find((one) => one.name === name) ?? unknownColumn(name);
  }

  /** @param {string} name @returns {any[]} */
  valuesOf(name) {
    return this.all.find((one) => one.name === name)?.values ?? [];
  }

  /** Take in which columns there are. @param {RunColumn[]} all */
  know(all) {
    const isFirst = !this.all.length;
    const before = this.columns.join();
    this.all = withWritable(all);
    this.columnsAt = performance.now();
    this.filter.columns = this.all;
    this.quick.offer(this.all);
    if (!isFirst && this.columns.join() !== before && !this.grid.isWritten) this.look({}).catch(this.failed);
    else this.chooser.show(this.all, this.columns);
  }

  /** Look at the runs otherwise. @param {Partial<View>} change */
  async look(change) {
    const view = { ...this.view, ...change };
    const wish = ++this.wish;
    const known = this.columns.filter((name) => this.all.some((one) => one.name === name));
    const names = [...new Set([...NEEDED, ...(view.columns.length ? view.columns : known)])];
    const columns = this.all.length ? names.filter((name) => this.all.some((one) => one.name === name)) : names;
    const isOtherFilter = view.filter !== this.view.filter;
    const groups = view.group ? await listRunGroups(view.group, view.filter) : [];
    if (wish !== this.wish) return;
    const before = this.view;
    this.view = view;
    try {
      const order = view.order || "-created";
      const shown = this.lines.show({ columns, filter: view.filter, order }, view.group, groups);
      const late = this.grid.columns.length ? 0 : setTimeout(() => this.lay(), SOON); // heads, and lines that wait
      await shown.finally(() => clearTimeout(late));
    } catch (error) {
      if (wish === this.wish) this.view = before;
      throw error;
    }
    if (wish !== this.wish) return;
    if (isOtherFilter) this.selection.clear();
    if (!view.filter) this.everything = this.lines.total;
    else if (isOtherFilter || !this.everything)
      this.everything = (await listRows({ columns: ["id"], limit: 1 }))?.total ?? 0;
    this.filter.taken = view.filter;
    views.keepView(localStorage, view);
    this.lay();
    if (isOtherFilter || change.order !== undefined || change.group !== undefined) this.grid.element.scrollTop = 0;
  }

  /** Lay the table out as the view has it. */
  lay() {
    const { view, columns } = this;
    const shown = columns.map((name) => this.column(name));
    const isStretched = view.widths[columns[0]] === undefined;
    const widths = shown.map((column) => view.widths[column.name] ?? usualWidth(column));
    this.grid.lay(shown, widths, view.order, isStretched);
    this.chooser.show(this.all, columns);
    this.quick.show();
    this.group.value = view.group;
    this.showSorter(shown);
    this.stand();
    this.draw();
  }

  /** On a phone there are no heads: a list says the order. @param {RunColumn[]} shown */
  showSorter(shown) {
    const { order } = this.view;
    const options = [
      new Option("Newest first", ""),
      ...shown.flatMap((column) => {
        const first = views.sorted("", column.name, isNumber(column), false);
        const second = views.sorted(first, column.name, isNumber(column), false);
        const word = (/** @type {string} */ one) => (one.startsWith("-") ? "down" : "up");
        return [first, second].map((one) => new Option(`${titleOf(column)}, ${word(one)}`, one));
      }),
    ];
    if (!options.some(({ value }) => value === order)) options.push(new Option("By several", order));
    this.sorter.replaceChildren(...options);
    this.sorter.value = order;
  }

  /** Let the address say how they are looked at. */
  stand() {
    if (!this.window.open) return;
    this.store.table = views.writeView(this.view);
    this.actions.address();
  }

  /** @param {string[]} columns */
  choose(columns) {
    this.look({ columns }).catch(this.failed);
  }

  /** @param {string} name @param {boolean} more */
  sort(name, more) {
    const order = views.sorted(this.view.order, name, isNumber(this.column(name)), more);
    this.look({ order }).catch(this.failed);
  }

  /** @param {string} name @param {number} width in rem @param {boolean} done */
  widen(name, width, done) {
    const kept = Math.round(4 * Math.max(views.NARROWEST, Math.min(views.WIDEST, width))) / 4;
    this.view.widths = { ...this.view.widths, [name]: kept };
    this.grid.widths[this.columns.indexOf(name)] = kept;
    this.grid.fit();
    if (!done) return;
    views.keepView(localStorage, this.view);
    this.lay();
  }

  draw() {
    const { lines, view } = this;
    this.grid.draw();
    const n = lines.total;
    const all = Math.max(n, this.everything);
    const isKnown = lines.sections.every(({ group, pages }) => group || pages.isKnown);
    this.said.textContent = !isKnown ? "" : view.filter ? `${count(n)} of ${runs(all)}` : runs(n);
    this.again.hidden = !lines.isOutOfOrder;
    const isEmpty = isKnown && n === 0;
    this.grid.element.hidden = isEmpty;
    if (isEmpty !== !this.empty.hidden || isEmpty) this.sayEmpty(isEmpty);
    this.showSelection();
  }

  /** @param {boolean} isEmpty */
  sayEmpty(isEmpty) {
    this.empty.hidden = !isEmpty;
    if (!isEmpty) return;
    const { filter } = this.view;
    const words = filter
      ? "No run matches this filter."
      : "No run has taken a step yet. Press Train, and it stands here; or drop a CSV with the rows of a run of yours.";
    if (this.empty.firstElementChild?.textContent === words) return;
    const clear = make("button", {
      type: "button",
      textContent: "Clear the filter",
      onclick: () => this.filter.clear.click(),
    });
    this.empty.replaceChildren(make("p", { textContent: words }), ...(filter ? [clear] : []));
  }

  // ── what is selected ──

  /** The only one that is selected, where it is here. @returns {Row | undefined} */
  get one() {
    const { selection, lines } = this;
    if (selection.all || selection.ids.size !== 1) return undefined;
    return lines.rows.find(({ id }) => selection.has(id));
  }

  showSelection() {
    const { selection, lines } = this;
    this.grid.showSelection();
    this.bar.show(selection.count(lines.total), lines.total, this.one);
  }

  async compare() {
    try {
      const ids = await this.chosen();
      this.close();
      this.actions.compare?.(ids);
    } catch (error) {
      this.lose(error);
    }
  }

  /** The ids of all that are selected. */
  async chosen() {
    const { selection, view } = this;
    if (!selection.all) return [...selection.ids];
    /** @type {string[]} */
    const found = [];
    for (let total = 1; found.length < total; ) {
      const answer = await listRows({ columns: ["id"], filter: view.filter, offset: found.length, limit: AT_ONCE });
      if (!answer?.columns.id.length) break;
      total = answer.total;
      found.push(...answer.columns.id);
    }
    return found.filter((id) => selection.has(id));
  }

  tagsOfSelected() {
    const tags = this.lines.rows.filter(({ id }) => this.selection.has(id)).flatMap(({ tags: own }) => own ?? []);
    return [...new Set(this.selection.all ? this.valuesOf("tags") : tags)].sort();
  }

  /** Change all that are selected. @param {object} changes */
  async change(changes) {
    this.say("");
    try {
      this.tell((await changeRuns(await this.chosen(), changes)).refused);
    } catch (error) {
      this.lose(error);
    }
    await this.changed();
  }

  /** @param {Row} row @param {string} field @param {string} value */
  async write(row, field, value) {
    try {
      await changeRun(row.id, { [field]: field === "tags" ? listed(value) : value });
    } catch (error) {
      this.lose(error);
    }
    await this.changed();
  }

  /** @param {Row} row */
  openRun(row) {
    if (row.task === IMPORTED) {
      this.say(`\u2068${nameOf(row)}\u2069 trained elsewhere: its rows are here, its network is not.`);
      return;
    }
    this.close();
    if (row.id !== this.store.run?.id) this.actions.open(row.id);
  }

  /** Delete all that are selected, but the one on the page. */
  async remove() {
    this.say("");
    const here = this.store.run?.id;
    try {
      const ids = await this.chosen();
      const wanted = ids.filter((id) => id !== here);
      if (wanted.length < ids.length) this.say("The run on the page stays: open another one first.");
      if (!wanted.length) return;
      const rows = this.lines.rows.filter(({ id }) => wanted.includes(id));
      const { deleted, refused } = await deleteRuns(wanted);
      this.tell(refused);
      const words = deleted.length === 1 && rows[0] ? wordsOf(rows[0]) : runs(deleted.length);
      const seconds = Math.max(1, this.store.catalog.limits.undo_seconds - EARLIER);
      if (deleted.length) this.deletions.add({ ids: deleted, words, until: Date.now() + 1000 * seconds });
      this.selection.clear();
    } catch (error) {
      this.lose(error);
    }
    await this.changed();
  }

  /** Offer to bring back what was deleted just now. */
  offer() {
    const { all } = this.deletions;
    this.deleted.replaceChildren(
      ...all.map((deletion) => {
        const back = make("button", { type: "button", textContent: "Undo" });
        back.setAttribute("aria-label", `Undo: bring back ${deletion.words}`);
        back.onclick = () => this.restore(deletion);
        return make("li", {}, "Deleted ", make("bdi", { textContent: deletion.words }), " ", back);
      }),
    );
    clearTimeout(this.offerTimer);
    if (!all.length) return;
    const first = Math.min(...all.map(({ until }) => until));
    this.offerTimer = window.setTimeout(() => this.offer(), Math.min(2 ** 31 - 1, first - Date.now() + 50));
  }

  /** @param {Deletion} deletion */
  async restore(deletion) {
    this.deletions.remove(deletion);
    try {
      this.tell((await restoreRuns(deletion.ids)).refused);
    } catch (error) {
      this.deletions.add(deletion); // the next time may bring them back
      this.lose(error);
    }
    await this.changed();
  }

  /** Something was done to the runs. */
  async changed() {
    this.offer();
    try {
      this.know(await listColumns());
      if (this.lines.by) await this.look({});
      else await this.renew();
    } catch (error) {
      this.lose(error);
    }
    this.store.emit("runs");
  }

  // ── files ──

  /** Write what is selected, or else all that match, as a table. */
  async export() {
    const { columns, selection, view } = this;
    const names = ["id", ...columns.filter((name) => this.all.some((one) => one.name === name))];
    /** @type {Record<string, any>[]} */
    const rows = [];
    try {
      for (let total = 1; rows.length < total; ) {
        const order = view.order || "-created";
        const answer = await listRows({
          columns: names,
          filter: view.filter,
          order,
          offset: rows.length,
          limit: AT_ONCE,
        });
        if (!answer?.columns.id.length) break;
        total = answer.total;
        answer.columns.id.forEach((_, k) => {
          rows.push(Object.fromEntries(names.map((name) => [name, answer.columns[name][k]])));
        });
      }
      const wanted = selection.count(this.lines.total) ? rows.filter(({ id }) => selection.has(id)) : rows;
      download(new Blob([csv(names, wanted)], { type: "text/csv" }), "runs.csv");
    } catch (error) {
      this.lose(error);
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.defaultPrevented) return;
    const isTyped = /** @type {Element} */ (event.target).closest("input[type=text]");
    if (
      event.key === "Escape" &&
      this.selection.count(this.lines.total) &&
      !this.window.querySelector(":popover-open")
    ) {
      event.preventDefault();
      this.selection.clear();
    }
    const [last] = this.deletions.all;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !isTyped && last) {
      event.preventDefault();
      this.restore(last);
    }
  }
}

/** Say which run it was. @param {Row} row */
const wordsOf = (row) => row.name || `${nameOf(row)}, ${count(row.step ?? 0)} steps`;
