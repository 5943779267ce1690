/** This run and the newest earlier ones as a table: what differs, and how far each came; all are in the library. */

import { firstOf } from "../doctor/findings.js";
import { badness, markOfFindings } from "../doctor/mark.js";
import { someRuns } from "../server/api.js";
import { listRows } from "../server/run_table.js";
import { CLASS_COLOURS } from "../state/constants.js";
import { settingsOf } from "../state/differences.js";
import { count, number, percent } from "../state/numbers.js";
import { resultOf } from "../state/result.js";
import { make } from "../ui/element.js";
import { css } from "../ui/palette.js";

/** @import {Store} from "../state/store.js" */
/** @import {Run} from "../state/types.js" */

const SHOWN = 12;
const READ = 40; // of which some may be of races
const WORTH_SHOWING = "step > 0 and not has sweep and task != imported";
const SHAPES = ["circle", "square", "triangle", "diamond"];
const AT_REST = 200; // milliseconds after which what is likely to be opened next is loaded
const OFTEN = 500; // milliseconds from one update of this run's numbers to the next
const WHEN = new Intl.DateTimeFormat([], { timeStyle: "short" }); // making one takes milliseconds

/**
 * What the list asks for.
 * @typedef {object} Actions
 * @property {(run: Run) => void} open shows a run
 * @property {() => void} all opens the table of all runs
 * @property {() => void} near hears that it may be opened in a moment
 */
/**
 * A column of a table of runs: its title, and by which value runs are sorted.
 * @typedef {{title: string, by: (run: Run) => string | number | null, isNumber?: boolean, term?: string}} Column
 */

/** A table of runs that is sorted by its heads. */
export class RunTable {
  /** @param {Column[]} columns @param {() => void} sorted hears that another order is wanted */
  constructor(columns, sorted) {
    this.columns = columns;
    this.by = -1; // the newest first
    this.isDescending = true;
    this.body = make("tbody");
    this.heads = columns.map(({ title, isNumber, term }, i) => {
      const head = make("th", { scope: "col", className: isNumber ? "number" : "" });
      if (!title) return head;
      const button = make("button", { type: "button", className: "quiet sorter", textContent: title });
      button.onclick = () => {
        this.isDescending = this.by === i ? !this.isDescending : Boolean(isNumber);
        this.by = i;
        this.say();
        sorted();
      };
      if (term) button.dataset.term = `terms/${term}`;
      head.append(button);
      return head;
    });
    this.element = make(
      "table",
      { className: "runs-table" },
      make("thead", {}, make("tr", {}, ...this.heads)),
      this.body,
    );
  }

  /** Say at its head by which column the table is sorted. */
  say() {
    this.heads.forEach((head, i) => {
      if (i === this.by) head.setAttribute("aria-sort", this.isDescending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  }

  /** Sort runs, the newest first where no column was chosen; those without a value come last. @param {Run[]} runs */
  sort(runs) {
    const by = this.columns[this.by]?.by ?? ((/** @type {Run} */ run) => run.created);
    return inOrder(runs, by, this.isDescending);
  }
}

/**
 * Sort by a value; what has none comes last, either way.
 * @template T @param {T[]} all @param {(one: T) => string | number | null} by @param {boolean} isDescending
 */
export function inOrder(all, by, isDescending) {
  return [...all].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === "string" ? x.localeCompare(String(y)) : x - Number(y);
    return isDescending ? -order : order;
  });
}

/**
 * Tell which run was made first of the newest ones that were read: the k-th, from 0. The two answers are of different
 * moments: a run that is worth showing since the total was said is among those that were read, but not in it.
 * @param {number | undefined} total undefined where nobody said it @param {number} read how many
 */
export const placeOfFirst = (total, read) => Math.max(0, (total ?? read) - read);

/** The colour and the shape of a run, the k-th that was made. @param {number} k */
export function markOf(k) {
  const mark = make("i", { className: `run-mark ${SHAPES[k % SHAPES.length]}` });
  mark.style.setProperty("--mark", css(CLASS_COLOURS[k % CLASS_COLOURS.length]));
  return mark;
}

export class RunList {
  /** @param {HTMLElement} element @param {Store} store @param {Actions} actions */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    this.all = make("button", { type: "button", id: "all-runs", textContent: "All runs", onclick: actions.all });
    this.all.onpointerenter = this.all.onfocus = actions.near;
    const watch = new IntersectionObserver((found) => {
      if (!found.some(({ isIntersecting }) => isIntersecting)) return;
      watch.disconnect();
      setTimeout(actions.near, AT_REST); // who sees the button may press it, and on a phone nothing announces that
    });
    watch.observe(this.all);
    /** @type {Run[]} */
    this.runs = [];
    this.first = 0; // how many there were before these
    this.updatedAt = 0;
    this.asked = 0; // how often
    this.isSeen = true; // whether it lies under an open tab: to ask for its size has the browser lay out the page
    new ResizeObserver(() => {
      this.isSeen = element.clientWidth > 0;
    }).observe(element);
    this.table = new RunTable(
      [
        { title: "Run", by: (run) => this.nameOf(run) },
        { title: "Steps", by: (run) => run.step, isNumber: true, term: "step" },
        { title: "Loss", by: (run) => run.metrics?.loss ?? null, isNumber: true, term: "loss" },
        { title: "Result", by: (run) => this.result(run), isNumber: true, term: "result" },
        { title: "Found", by: (run) => badness(firstOf(run.findings ?? [])), isNumber: true, term: "finding" },
      ],
      () => this.show(),
    );
    this.foot = make("p", { className: "runs-foot" });
    element.append(this.table.element, this.foot);
    store.on("runs", () => this.refresh());
    store.on("task", () => this.show());
    for (const what of /** @type {const} */ (["news", "findings"])) store.on(what, () => this.follow());
  }

  async refresh() {
    const { store } = this;
    const wish = ++this.asked;
    const asked = Promise.all([
      someRuns({ filter: WORTH_SHOWING, limit: READ }),
      listRows({ columns: ["id"], filter: WORTH_SHOWING, limit: 0 }),
    ]);
    const [found, all] = (await asked.catch(() => null)) ?? [];
    if (!found || wish !== this.asked) return; // an answer may come after a later one
    const { run } = store;
    const isThere = !run || found.some(({ id }) => id === run.id);
    this.runs = [...(isThere ? [] : [run]), ...found].reverse();
    this.first = placeOfFirst(all?.total, found.length);
    this.show();
  }

  /** Take over what is newer about this run, now and then. */
  follow() {
    const now = performance.now();
    if (now - this.updatedAt < OFTEN || !this.isSeen) return;
    this.updatedAt = now;
    const { store } = this;
    const { run } = store;
    const row = this.table.body.querySelector("tr.this");
    if (!run || !(row instanceof HTMLElement) || row.dataset.run !== run.id) return;
    const numbers = this.numbers(run);
    numbers.forEach((words, i) => {
      row.children[i + 1].textContent = words;
    });
    row.children[numbers.length + 1].replaceChildren(markOfFindings(store.findings));
  }

  /** What counts of a run, for those of this task. @param {Run} run */
  result(run) {
    const { kind } = this.store.taskCalled(run.task);
    return kind === this.store.task.kind && run.metrics ? resultOf(run.metrics, kind) : null;
  }

  /** @param {Run} run */
  nameOf(run) {
    if (run.name) return run.name;
    return run.id === this.store.run?.id
      ? "This run"
      : `${this.store.taskCalled(run.task).title}, ${WHEN.format(1000 * run.created)}`;
  }

  /** @param {Run} run */
  numbers(run) {
    const result = this.result(run);
    const isShare = this.store.task.kind === "classes";
    return [count(run.step), number(run.metrics?.loss), isShare ? percent(result) : number(result)];
  }

  show() {
    const { store, table, runs } = this;
    if (!store.catalog || !store.run) return;
    const places = new Map(runs.map((run, k) => [run.id, this.first + k]));
    const current = runs.find((run) => run.id === store.run?.id);
    const others = runs.filter((run) => run !== current && (!run.group || run.remedy)).reverse();
    const found = [...(current ? [current] : []), ...others].slice(0, SHOWN);
    const shown = table.by < 0 ? found : table.sort(found);
    const head = table.heads[3].firstElementChild;
    if (head) head.textContent = store.task.kind === "classes" ? "Accuracy" : "Test loss";
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.closest("tr")?.dataset.run;
    const settings = settingsOf(shown, store.run.id, store.catalog);
    table.body.replaceChildren(
      ...shown.map((run) => this.row(run, places.get(run.id) ?? 0, settings.get(run.id) ?? "")),
    );
    this.foot.replaceChildren(this.all);
    if (focused) table.body.querySelector(`tr[data-run="${focused}"] button`)?.dispatchEvent(new Event("refocus"));
  }

  /** @param {Run} run @param {number} k which one it was @param {string} settings what differs */
  row(run, k, settings) {
    const isThis = run.id === this.store.run?.id;
    const open = make(
      "button",
      { type: "button", className: "run-name" },
      make("bdi", { textContent: this.nameOf(run) }),
    );
    open.disabled = isThis;
    open.addEventListener("refocus", () => open.focus());
    const what = make("span", { className: "run-settings", textContent: settings });
    const name = make("th", { scope: "row" }, markOf(k), open, what);
    const cells = this.numbers(run).map((words) => make("td", { className: "number", textContent: words }));
    const found = make("td", { className: "number" }, markOfFindings(isThis ? this.store.findings : run.findings));
    const row = make("tr", { className: isThis ? "this" : "" }, name, ...cells, found);
    row.dataset.run = run.id;
    if (!isThis) row.onclick = () => this.actions.open(run);
    return row;
  }
}

/**
 * Let the runs stand in a card of their own where the screen is wide, else under a tab.
 * @param {import("../ui/tabs.js").Tabs} tabs @param {HTMLElement} runs @param {HTMLElement} card
 */
export function placeRuns(tabs, runs, card) {
  const wide = matchMedia("(min-width: 106.25em)");
  const place = () => {
    if (wide.matches) {
      tabs.remove("runs");
      for (const name of ["role", "aria-labelledby", "hidden"]) runs.removeAttribute(name);
      runs.classList.remove("tab-panel");
      card.append(runs);
    } else tabs.add("runs", "Runs", runs, "terms/runs");
    card.hidden = !wide.matches;
  };
  wide.addEventListener("change", place);
  place();
}
