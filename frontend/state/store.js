/**
 * What the page knows: the catalog, what is chosen, the run it shows with its rows; and who wants to hear of changes.
 */

import { firstValues, named } from "./catalog.js";
import { Limits, PARTS } from "./parts.js";

/** @import {Catalog, Choice, Chosen, Finding, FoundAt, MetricsColumns, MetricsRow, MetricsRows} from "./types.js" */
/** @import {OptimizerChange, PartTable, Run, TaskEntry} from "./types.js" */
/** @import {PageArea} from "./parts.js" */

const MOST_ROWS = 30000; // then they are asked for again, thinned by the server

/**
 * What there is to hear:
 *  - "catalog": it is there,
 *  - "task": another task is laid out, "choices": what is chosen was changed, but not on the controls,
 *  - "connection": to the server it was lost, is tried again, or is there again,
 *  - "run": another run is on the page, "news": more is known about it (with the status that it had before),
 *  - "rows": of its metrics, "look": another step of its history is looked at,
 *  - "findings": the doctor found something else, "finding": of all that, something else is shown,
 *  - "edited": something was chosen while looking back,
 *  - "example": a picture shows another example, "tracked": the example whose history is shown is another,
 *  - "runs": the list of runs is another, "charts": there is another chart, "drawing": something was drawn on the data,
 *  - "undo": a person asked for that on a picture, "hand": that something be done to the network (with what),
 *  - "shape": that a layer be wider or narrower, or the network deeper or less deep,
 *  - "limits": a lesson hides or locks other parts, "lesson": another lesson is open, or none,
 *  - "seen": pictures are looked at in another way,
 *  - "touched": what is pointed at in a picture, or held, is another,
 *  - "numbers": a person asks to see something in numbers (with where).
 * @typedef {"catalog" | "task" | "choices" | "run" | "news" | "rows" | "look"} MainHappening
 * @typedef {MainHappening | "edited" | "example" | "tracked" | "runs" | "charts" | "drawing"} OtherHappening
 * @typedef {OtherHappening | "connection" | "findings" | "finding" | "undo" | "hand" | "shape"} LateHappening
 * @typedef {LateHappening | "limits" | "lesson" | "touched" | "seen" | "numbers"} Happening
 */

/** What tells how the page is, and is no order or deed. @type {Happening[]} */
const LASTING = ["catalog", "task", "connection", "run", "news", "rows", "look", "findings", "finding", "example"];
LASTING.push("tracked", "runs", "limits", "lesson", "touched");

/**
 * A part of a picture that a person points at: a neuron, a filter, a gate or a head; `from` where it is the line from
 * that neuron of the column before, or with −1 its bias.
 * @typedef {{picture: string, column: number, unit: number, from: number | null}} Touched
 */

/**
 * A number of one step of the run: of the snapshot after a step (null is the newest), of an example of the batch. Named
 * by its stop, symbol and index, or by the unit of a layer that it belongs to.
 * @typedef {object} NumberPlace
 * @property {number | null} [step]
 * @property {boolean} [isNear] whether the nearest snapshot is meant
 * @property {number} [example]
 * @property {string} [stop]
 * @property {number} [layer]
 * @property {number} [unit]
 * @property {string} [symbol]
 * @property {number[]} [index]
 * @property {number} [level] from 1, a sentence, to 5, the engine's lines
 */

export class Store {
  /**
   * @param {Catalog} [catalog]
   * @param {Chosen} [chosen] both are there before anything is drawn, but not when the page is put together
   */
  constructor(catalog, chosen) {
    this.catalog = /** @type {Catalog} */ (catalog ?? null);
    /** the configuration on the controls */
    this.chosen = /** @type {Chosen} */ (chosen ?? null);
    /** @type {Run | null} the run that is shown */
    this.run = null;
    /** @type {Run["layers"]} those of a recording, which has no run */
    this.recorded = [];
    /** @type {number | null} the step of its history that is looked at; null is now */
    this.at = null;
    /** @type {MetricsColumns} its rows */
    this.columns = { step: [], time: [] };
    /** the number of the row that comes next */
    this.next = 0;
    /** @type {OptimizerChange[]} the optimizer from each step on, where it was changed */
    this.changes = [];
    /** @type {MetricsColumns | null} the rows of the run that this one went on from */
    this.parent = null;
    /** @type {FoundAt[]} what the doctor found in the run, by steps; the last is what it finds now */
    this.found = [];
    /** @type {Finding | null} what of that is shown */
    this.finding = null;
    /** @type {string | null} what was drawn on the sheet, where that is too little for a run to learn from */
    this.sheet = null;
    /** how points of the plane are looked at: with those of the test, and with what is answered in steps; in any run */
    this.seen = { test: true, steps: false };
    this.limits = new Limits(); // what a lesson hides and locks
    this.lesson = ""; // the lesson that is open, as it stands in the address
    this.numbers = ""; // the number that is open in the glass box, as it stands in the address
    /** @type {Record<string, string>} how the table of all runs is looked at, as it stands in the address */
    this.table = {};
    this.compared = ""; // the ids of the runs that are shown side by side, as they stand in the address
    this.example = 0; // the one that pictures show
    /** @type {number | null} the example whose history is shown */
    this.tracked = null;
    /** @type {Touched | null} what is pointed at in a picture, as long as it is */
    this.pointedAt = null;
    /** @type {Touched | null} what a person has taken in hand, until he lets it go */
    this.held = null;
    /** @type {{until: number} | null} where the connection is lost, when it is tried again, as performance counts */
    this.lost = null;
    /** @type {Map<string, Choice>} optimizers as a person set them, by task and name */
    this.optimizers = new Map();
    /** @type {Map<Happening, Set<(detail: any) => void>>} */
    this.listeners = new Map();
    /** @type {Map<Happening, any>} what was told last of how the page is */
    this.told = new Map();
    /** @type {() => void} says that all is there */
    this.begun = () => {};
    /** @type {Promise<void>} what is clicked before then waits for it */
    this.ready = new Promise((resolve) => {
      this.begun = resolve;
    });
    this.clearRows();
  }

  /**
   * @param {Happening} what @param {(detail: any) => void} listener
   * @returns {() => void} ends that it hears
   */
  on(what, listener) {
    if (!this.listeners.has(what)) this.listeners.set(what, new Set());
    this.listeners.get(what)?.add(listener);
    return () => this.listeners.get(what)?.delete(listener);
  }

  /**
   * Tell all who listen.
   * @param {Happening} what @param {any} [detail] of the news the status that was before, of a chart its card
   */
  emit(what, detail) {
    if (LASTING.includes(what)) this.told.set(what, detail);
    for (const listener of this.listeners.get(what) ?? []) listener(detail);
  }

  /**
   * Let parts join that were not there from the beginning: what they would have heard of how the page is, they hear
   * now.
   * @template T @param {() => T} make @returns {T}
   */
  join(make) {
    const before = new Map([...this.listeners].map(([what, all]) => [what, new Set(all)]));
    const made = make();
    for (const what of LASTING) {
      if (!this.told.has(what)) continue;
      for (const listener of this.listeners.get(what) ?? [])
        if (!before.get(what)?.has(listener)) listener(this.told.get(what));
    }
    return made;
  }

  /** The layers of what is shown. */
  get layers() {
    return this.run?.layers ?? this.recorded;
  }

  /** @param {string} name */
  taskCalled(name) {
    // a run of another version may be of a task that this one does not have
    const unknown = { ...this.catalog.tasks[0], name, title: name };
    return /** @type {TaskEntry} */ (named(this.catalog.tasks, name) ?? unknown);
  }

  get task() {
    return this.taskCalled(this.chosen.task);
  }

  get looksBack() {
    return this.at !== null;
  }

  /** Hide and lock other parts of the page. @param {Limits} limits */
  limit(limits) {
    this.limits = limits;
    this.emit("limits");
  }

  /**
   * Say why a person may not use some parts of the page; the empty string where all may be used. A visitor who only
   * watches changes nothing.
   * @param {PageArea[]} parts
   */
  whyNot(...parts) {
    const changes = parts.some((name) => !(/** @type {import("./parts.js").PagePart} */ (PARTS[name]).looks));
    if (changes && this.catalog?.view_only) return "You can watch here; the teacher trains.";
    return this.limits.words(parts);
  }

  /**
   * Whether a person may use some parts of the page: click, key, drop, address and link ask here.
   * @param {PageArea[]} parts
   */
  allowed(...parts) {
    return !this.whyNot(...parts);
  }

  /** Look at another step of the run's history. @param {number | null} step null is now */
  look(step) {
    if (step === this.at || (step !== null && !this.allowed("timeline"))) return;
    this.at = step;
    this.emit("look");
  }

  /** What is pointed at or, where nothing is, held. @returns {Touched | null} */
  get touched() {
    return this.pointedAt ?? this.held;
  }

  /** Point at a part of a picture. @param {Touched | null} at null where it is left */
  point(at) {
    if (isSamePart(at, this.pointedAt)) return;
    this.pointedAt = at;
    this.emit("touched");
  }

  /** Take a part of a picture in hand. @param {Touched | null} part null lets it go */
  hold(part) {
    if (isSamePart(part, this.held)) return;
    this.held = part;
    this.emit("touched");
  }

  /** All that the doctor finds in the run now. @returns {Finding[]} */
  get findings() {
    return this.found.at(-1)?.findings ?? [];
  }

  /** Take in what the doctor finds from a step on. @param {FoundAt} news */
  addFindings({ step, findings }) {
    this.found.push({ step, findings });
    this.emit("findings");
  }

  /** Take in what was changed in the run, whose flags stand in the charts. @param {OptimizerChange[]} changes */
  takeChanges(changes) {
    const isNew = changes.length !== this.changes.length;
    this.changes = changes;
    if (isNew) this.emit("rows");
  }

  /** Have a column for the step, for all that the catalog says is measured, and for the time. */
  clearRows() {
    const measured = (this.catalog?.columns ?? []).map(({ name }) => [name, []]);
    this.columns = { ...Object.fromEntries(measured), step: [], time: [] };
    this.next = 0;
  }

  /**
   * Take in rows; the numbers say where they belong (a long log lacks some of its old rows).
   * @param {MetricsRows} message
   * @returns {boolean} false where they do not follow on those that are here, or where those have
   * become too many
   */
  addRows({ since, next, columns }) {
    if (since !== this.next) return false;
    for (const [name, values] of Object.entries(this.columns))
      for (const value of columns[name]) values.push(/** @type {number} */ (value));
    this.next = next;
    this.emit("rows");
    if (this.columns.step.length < MOST_ROWS) return true;
    this.clearRows();
    return false;
  }

  /**
   * Give the last row at or before a step; the newest where no step is said.
   * @param {number} [step] @returns {MetricsRow}
   */
  rowAt(step = Infinity) {
    let i = this.columns.step.length - 1;
    while (i > 0 && this.columns.step[i] > step) i--;
    return Object.fromEntries(Object.entries(this.columns).map(([name, values]) => [name, values[i] ?? null]));
  }

  /**
   * Complete a task's defaults, as the server would.
   * @param {string} name @param {Partial<Chosen>} [preset] @returns {Chosen}
   */
  defaultsOf(name, preset = {}) {
    const task = this.taskCalled(name);
    const said = structuredClone({ ...task.defaults, ...preset });
    const complete = (/** @type {PartTable} */ table, /** @type {Choice | null | undefined} */ choice) =>
      choice && { ...firstValues(named(this.catalog[table], choice.name)?.fields ?? []), ...choice };
    return /** @type {Chosen} */ ({
      task: name,
      data: { ...firstValues(task.fields), ...said.data },
      network: said.network,
      optimizer: complete("optimizers", said.optimizer),
      schedule: complete("schedules", said.schedule ?? { name: "Constant" }),
      loss: complete("losses", said.loss),
      regularizer: complete("regularizers", said.regularizer ?? null),
      ...Object.fromEntries(this.catalog.run.map((f) => [f.name, said[/** @type {"steps"} */ (f.name)] ?? f.default])),
      speed: said.speed !== undefined ? said.speed : Object.keys(preset).length ? null : task.watching_speed,
    });
  }
}

/** @param {Touched | null} a @param {Touched | null} b */
const isSamePart = (a, b) =>
  a?.picture === b?.picture && a?.column === b?.column && a?.unit === b?.unit && a?.from === b?.from;
