/** The controls under the toolbar: presets, data, network and training, all made from the catalog. */

import { firstChoice, named, PARTS, readable } from "../state/catalog.js";
import { make } from "../ui/element.js";
import { control, NOT_TYPED, refusal, refuse, select } from "../ui/field.js";
import { LayerList } from "./layer_list.js";
import { MnistDownload } from "./mnist_download.js";

/** @import {Store} from "../state/store.js" */
/** @import {Chosen, Field, Owner, Part, TaskEntry} from "../state/types.js" */

const AFTER_OPTIMIZER = ["batch_size", "seed", "steps"];
const SELDOM = ["patience", "averaging", "batches_per_step", "clip_norm", "evaluate_every"];

/**
 * What the controls ask for.
 * @typedef {object} Actions
 * @property {() => void} renew a choice changed
 * @property {(changes: {optimizer: object}) => void} tune what may change while it trains
 * @property {(title: string) => void} preset
 * @property {(act: () => Promise<unknown>) => void} order does what a person asks for
 * @property {() => void} data opens the window of a person's own data
 * @property {() => void} built the controls were made anew
 */

export class Controls {
  /** @param {HTMLElement} element @param {Store} store @param {Actions} actions */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    this.network = new LayerList(
      store,
      () => store.chosen.network,
      "network",
      () => actions.renew(),
    );
    this.download = new MnistDownload(actions.order);
    this.showsMore = false;
    store.on("task", () => {
      this.build();
      if (this.has("source")) this.download.follow();
    });
    store.on("choices", () => this.build());
    store.on("run", () => {
      this.network.showShapes();
      this.network.offerSoon();
    });
  }

  /** Whether the task's data have a field. @param {string} field */
  has(field) {
    return named(this.store.task.fields, field) !== undefined;
  }

  /** Build all controls for what is chosen. */
  build() {
    const { task } = this.store;
    const focused = document.activeElement?.closest("[data-path]")?.getAttribute("data-path");
    const open = new Set([...this.panels()].filter((panel) => panel.open).map((panel) => panel.dataset.name));
    const known = new Set([...this.panels()].map((panel) => panel.dataset.name));
    const panel = (/** @type {string} */ title, /** @type {HTMLElement[]} */ children, openAtFirst = true) => {
      if (!children.length) return [];
      const made = make("details", { className: "panel" }, make("summary", { textContent: title }), ...children);
      made.dataset.name = title;
      made.open = open.has(title) || (openAtFirst && !known.has(title));
      return [made];
    };
    this.element.replaceChildren(
      ...panel("Presets", this.presets(task), false),
      ...panel("Data", this.data(task)),
      ...(task.fixed_network ? [] : panel("Network", [this.network.element])),
      ...panel("Training", this.training()),
    );
    if (!task.fixed_network) this.network.build();
    this.actions.built();
    if (!focused) return;
    /** @type {HTMLElement | null} */
    const again = this.element.querySelector(`[data-path="${focused}"] :is(input, select, button)`);
    again?.focus();
  }

  /** @returns {NodeListOf<HTMLDetailsElement>} */
  panels() {
    return this.element.querySelectorAll("details.panel");
  }

  /** @param {TaskEntry} task */
  presets(task) {
    const titles = Object.keys(task.presets);
    return (titles.length ? ["The defaults", ...titles] : []).map((title) =>
      make("button", {
        type: "button",
        className: "preset",
        textContent: title,
        onclick: () => this.actions.preset(title),
      }),
    );
  }

  /** @param {TaskEntry} task */
  data(task) {
    const { data } = this.store.chosen;
    return [
      ...(this.has("dataset") ? [this.ownData(task)] : []),
      ...task.fields
        .filter((f) => !NOT_TYPED.includes(f.name))
        .map((field) => this.control(field, data, `data.${field.name}`)),
      ...(this.has("source") ? [this.download.element] : []),
    ];
  }

  /** Optimizer, schedule, regularizer and loss with their fields; then what belongs to the run. */
  training() {
    const { catalog, chosen, task } = this.store;
    const rows = [];
    for (const [part, table, optional] of PARTS) {
      const owners = catalog[table].filter((o) => part !== "loss" || o.kinds?.includes(task.kind));
      rows.push(this.choice(part, owners, optional));
      const choice = chosen[part];
      for (const field of named(owners, choice?.name)?.fields ?? []) {
        const path = `${part}.${field.name}`;
        const changed = (/** @type {any} */ value) => this.actions.tune({ optimizer: { [field.name]: value } });
        if (choice) rows.push(this.control(field, choice, path, part === "optimizer" ? changed : undefined));
      }
      if (part === "optimizer") rows.push(...AFTER_OPTIMIZER.map((name) => this.ofRun(name)));
    }
    return [...rows, this.more(SELDOM.map((name) => this.ofRun(name)))];
  }

  /** What is rarely chosen, folded away. @param {HTMLElement[]} rows */
  more(rows) {
    const summary = make("summary", { textContent: "more" });
    summary.setAttribute("aria-label", "More about training");
    const made = make("details", { className: "more", open: this.showsMore }, summary, ...rows);
    made.ontoggle = () => {
      this.showsMore = made.open;
    };
    return made;
  }

  /** The control of a field that belongs to no part. @param {string} name */
  ofRun(name) {
    const field = /** @type {Field} */ (named(this.store.catalog.run, name));
    return this.control(field, this.store.chosen, name);
  }

  /**
   * The control of a field of what is chosen.
   * @param {Field} field @param {Record<string, any>} owner where its value is kept @param {string} path
   * @param {(value: any) => void} [changed] is told the new value; a new run where nobody is
   */
  control(field, owner, path, changed = () => this.actions.renew()) {
    return control(field, owner[field.name], path, (value) => {
      owner[field.name] = value;
      changed(value);
    });
  }

  /** @param {Part} part @param {Owner[]} owners @param {boolean} optional */
  choice(part, owners, optional) {
    const { chosen } = this.store;
    const now = chosen[part]?.name;
    const label = make("label", {
      textContent: readable(part),
      htmlFor: `choose-${part}`,
      title: named(owners, now)?.help ?? "",
    });
    const names = [...(optional ? ["none"] : []), ...owners.map((o) => o.name)];
    const input = select(names, now ?? "none", `choose-${part}`, (name) => {
      const owner = named(owners, name);
      Object.assign(chosen, { [part]: owner ? firstChoice(owner) : null });
      this.build();
      this.actions.renew();
    });
    const row = make("div", { className: "field choice" }, label, input, refusal());
    row.dataset.path = `${part}.name`;
    return row;
  }

  /** The way to a person's own data. @param {TaskEntry} task */
  ownData(task) {
    const isThere = Boolean(this.store.chosen.data.dataset);
    const words =
      task.group === "images"
        ? ["Bring your own images …", "Other images …"]
        : ["Bring your own table …", "Columns, or another table …"];
    const button = make("button", {
      type: "button",
      id: "own-data",
      className: "preset",
      textContent: words[Number(isThere)],
      onclick: () => this.actions.data(),
    });
    const row = make("div", {}, button, refusal());
    row.dataset.path = "data.dataset";
    return row;
  }

  /**
   * Show a refusal next to the field that it names; false where there is no such field.
   * @param {string | null} path @param {string} words
   */
  refuse(path, words) {
    this.forgive();
    for (let name = path ?? ""; name; name = name.split(".").slice(0, -1).join(".")) {
      /** @type {HTMLElement | null} */
      const row = this.element.querySelector(`[data-path="${CSS.escape(name)}"]`);
      if (!row) continue;
      for (let fold = row.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null)
        fold.open = true;
      refuse(row, words);
      row.scrollIntoView({ block: "nearest" });
      return true;
    }
    return false;
  }

  forgive() {
    /** @type {NodeListOf<HTMLElement>} */
    const rows = this.element.querySelectorAll("[data-path]:has(> .refusal:not([hidden]))");
    for (const row of rows) refuse(row, "");
  }
}
