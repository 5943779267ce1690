/** What the page knows: the catalog, what is chosen, the run it shows with its rows; and who wants to hear of changes. */

const COLUMNS = ["step", "loss", "test_loss", "accuracy", "test_accuracy", "time"];

const MOST_ROWS = 30000; // then they are asked for again, thinned by the server

export class Store {
  constructor() {
    /** @type {any} */
    this.catalog = null;
    /** @type {any} the configuration on the controls */
    this.chosen = null;
    /** @type {any} the run that is shown, as the server describes it */
    this.run = null;
    /** @type {Record<string, (number | null)[]>} */
    this.columns = {};
    /** @type {Map<string, Set<(detail: any) => void>>} */
    this.listeners = new Map();
    /** @type {{step: number, optimizer: any}[]} the optimizer from each step on, where it was changed */
    this.changes = [];
    /** @type {Record<string, (number | null)[]> | null} the rows of the run that this one went on from */
    this.parent = null;
    this.example = 0;
    /** @type {number | null} the example whose story is told */
    this.witness = null;
    /** @type {() => void} says that all is there */
    this.begun = () => {};
    /** @type {Promise<void>} what is clicked before then waits for it */
    this.ready = new Promise((resolve) => {
      this.begun = resolve;
    });
    /** the number of the row that comes next */
    this.next = 0;
    this.clearRows();
  }

  /** Listen for "rows", "example", "witness", "charts" or "drawing". @param {string} what @param {(detail: any) => void} listener */
  on(what, listener) {
    if (!this.listeners.has(what)) this.listeners.set(what, new Set());
    this.listeners.get(what)?.add(listener);
  }

  /** @param {string} what @param {any} [detail] */
  emit(what, detail) {
    for (const listener of this.listeners.get(what) ?? []) listener(detail);
  }

  get task() {
    return this.catalog.tasks.find((/** @type {any} */ t) => t.name === this.chosen.task);
  }

  clearRows() {
    this.columns = Object.fromEntries(COLUMNS.map((name) => [name, []]));
    this.next = 0;
  }

  /**
   * Take in rows from number `since` on; `next` is the number to go on with (a long log lacks some of its old rows).
   * @param {{since: number, next: number, columns: Record<string, (number | null)[]>}} message
   * @returns {boolean} false where they do not follow on those that are here, or where those have become too many
   */
  addRows({ since, next, columns }) {
    if (since !== this.next) return false;
    for (const name of COLUMNS) for (const value of columns[name]) this.columns[name].push(value);
    this.next = next;
    this.emit("rows");
    if (this.columns.step.length < MOST_ROWS) return true;
    this.clearRows();
    return false;
  }

  /** Complete a task's defaults, as the server would. @param {string} name @param {any} [preset] */
  defaultsOf(name, preset = {}) {
    const task = this.catalog.tasks.find((/** @type {any} */ t) => t.name === name);
    const said = structuredClone({ ...task.defaults, ...preset });
    const values = (/** @type {any[]} */ fields) => Object.fromEntries(fields.map((f) => [f.name, f.default]));
    /** @param {string} table @param {any} choice */
    const complete = (table, choice) =>
      choice && {
        ...values(this.catalog[table].find((/** @type {any} */ o) => o.name === choice.name).fields),
        ...choice,
      };
    return {
      task: name,
      data: { ...values(task.fields), ...said.data },
      network: said.network,
      optimizer: complete("optimizers", said.optimizer),
      schedule: complete("schedules", said.schedule ?? { name: "Constant" }),
      loss: complete("losses", said.loss),
      regularizer: complete("regularizers", said.regularizer ?? null),
      ...Object.fromEntries(this.catalog.run.map((/** @type {any} */ f) => [f.name, said[f.name] ?? f.default])),
      speed: "speed" in said ? said.speed : Object.keys(preset).length ? null : task.watching_speed,
    };
  }
}
