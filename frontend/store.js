/** What the page knows: the catalog, what is chosen, the run it shows with its rows; and who wants to hear of changes. */

const COLUMNS = ["step", "loss", "test_loss", "accuracy", "test_accuracy", "time"];

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
    this.example = 0;
    this.clearRows();
  }

  /** Listen for "chosen", "run", "rows", "example" or "error". @param {string} what @param {(detail: any) => void} listener */
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

  get rows() {
    return this.columns.step.length;
  }

  clearRows() {
    this.columns = Object.fromEntries(COLUMNS.map((name) => [name, []]));
  }

  /**
   * Take in rows from number `since` on; what is known already is passed over.
   * @param {number} since @param {Record<string, (number | null)[]>} columns @returns {boolean} false where rows are missing before
   */
  addRows(since, columns) {
    if (since > this.rows) return false;
    const known = this.rows - since;
    for (const name of COLUMNS) for (const value of columns[name].slice(known)) this.columns[name].push(value);
    this.emit("rows");
    return true;
  }

  /** Complete a task's defaults, as the server would. @param {string} name @param {any} [preset] */
  defaultsOf(name, preset = {}) {
    const task = this.catalog.tasks.find((/** @type {any} */ t) => t.name === name);
    const said = structuredClone({ ...task.defaults, ...preset });
    const values = (/** @type {any[]} */ fields) => Object.fromEntries(fields.map((f) => [f.name, f.default]));
    /** @param {string} table @param {any} choice */
    const complete = (table, choice) => choice && { ...values(this.catalog[table].find((/** @type {any} */ o) => o.name === choice.name).fields), ...choice };
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
