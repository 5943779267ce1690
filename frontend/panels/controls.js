/** The controls under the toolbar: presets, data, network and training, all made from the catalog. */

import { firstChoice, named, PARTS } from "../state/catalog.js";
import { count } from "../state/numbers.js";
import { optimizerFor, rateWords } from "../state/optimizers.js";
import { make } from "../ui/element.js";
import { control, NOT_TYPED, refusal, refuse, select, titled } from "../ui/field.js";
import { LayerList } from "./layer_list.js";
import { MnistDownload } from "./mnist_download.js";

/** @import {Store} from "../state/store.js" */
/** @import {Knob} from "../ui/field.js" */
/** @import {Field, Owner, Part, TaskEntry, Value} from "../state/types.js" */

const RATE = "learning_rate";
const SEEDS = ["seed", "data_seed"];
const SELDOM = ["steps", ...SEEDS, "patience", "averaging", "batches_per_step", "clip_norm", "evaluate_every"];

/**
 * What the controls ask for.
 * @typedef {object} Actions
 * @property {() => void} renew a choice changed
 * @property {(changes: {optimizer: object}) => void} tune what may change while it trains
 * @property {(title: string) => void} preset
 * @property {(act: () => Promise<unknown>) => void} order does what a person asks for
 * @property {() => void} data opens the window of a person's own data
 * @property {HTMLElement} beforeTraining what can be tried before one trains
 * @property {(knobs: Knob[]) => void} built the controls were made anew
 * @property {(path: string, value: Value) => void} turned one of the knobs was
 */

/** What explains the head of a panel. @type {Record<string, string>} */
const TERMS = { Training: "terms/hyperparameter", Network: "terms/network", Data: "terms/data" };

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
      () => {
        this.built();
        actions.renew();
      },
      (path, value) => actions.turned(path, value),
    );
    this.download = new MnistDownload(actions.order);
    this.showsMore = false;
    this.choseOptimizer = false; // then its learning rate says where it is from
    this.weights = make("span", { className: "weights" });
    /** @type {Knob[]} */
    this.knobs = [];
    /** @type {Map<string, string>} what the server refused of what is chosen, by its path */
    this.refused = new Map();
    store.on("task", () => {
      this.refused.clear();
      this.choseOptimizer = false;
      this.weights.textContent = ""; // until there is a run of it
      this.build();
      if (this.has("source")) this.download.follow();
    });
    store.on("choices", () => {
      this.refused.clear();
      this.choseOptimizer = false;
      this.build();
    });
    store.on("run", () => {
      this.network.showShapes();
      this.network.offerSoon();
      this.weights.textContent = store.run ? `${count(store.run.parameters)} weights` : "";
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
      const heading = make("h2", { textContent: title });
      if (TERMS[title]) heading.dataset.term = TERMS[title];
      const summary = make("summary", {}, heading);
      if (title === "Network") summary.append(this.weights);
      const made = make("details", { className: "panel" }, summary, ...children);
      made.dataset.name = title;
      made.open = open.has(title) || (openAtFirst && !known.has(title));
      return [made];
    };
    this.knobs = [];
    this.element.replaceChildren(
      ...panel("Presets", this.presets(task), false),
      ...panel("Training", this.training()),
      ...(task.fixed_network ? [] : panel("Network", [this.network.element])),
      ...panel("Data", this.data(task)),
    );
    if (!task.fixed_network) this.network.build();
    for (const [path, words] of [...this.refused]) this.refuse(path, words, false);
    this.built();
    if (!focused) return;
    /** @type {HTMLElement | null} */
    const again = this.element.querySelector(`[data-path="${focused}"] :is(input, select, button)`);
    again?.focus();
  }

  /** Tell the knobs there are. */
  built() {
    this.actions.built([...this.knobs, ...(this.store.task.fixed_network ? [] : this.network.knobs)]);
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
      ...this.inSections(
        task.fields.filter((f) => !NOT_TYPED.includes(f.name)),
        (field) => this.control(field, data, `data.${field.name}`),
      ),
      ...(this.has("source") ? [this.download.element] : []),
    ];
  }

  /**
   * The controls of fields, those of a section together under its heading.
   * @param {Field[]} fields @param {(field: Field) => HTMLElement} made
   */
  inSections(fields, made) {
    return [...new Set(fields.map(({ section }) => section))].flatMap((section) => {
      const rows = fields.filter((field) => field.section === section).map(made);
      if (!section) return rows;
      const group = make("div", { className: "section" }, make("h3", { textContent: section }), ...rows);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", section);
      return [group];
    });
  }

  /** The learning rate, the optimizer and the batch size; then, folded, what is chosen more rarely. */
  training() {
    const { catalog, chosen, task } = this.store;
    const first = [];
    const rest = [];
    for (const [part, table, optional] of PARTS) {
      const owners = catalog[table].filter((o) => part !== "loss" || o.kinds?.includes(task.kind));
      const fields = (named(owners, chosen[part]?.name)?.fields ?? []).map((field) => this.ofPart(part, field));
      const row = this.choice(part, owners, optional);
      if (part === "optimizer") {
        const rate = fields.find((made) => made.dataset.field === RATE);
        rate?.classList.add("hero");
        first.push(...(rate ? [rate] : []), row, this.ofRun("batch_size"));
        rest.push(...fields.filter((made) => made !== rate));
      } else rest.push(row, ...fields);
    }
    return [...first, this.actions.beforeTraining, this.more([...rest, ...SELDOM.map((name) => this.ofRun(name))])];
  }

  /** The control of a field of what is chosen for a part. @param {Part} part @param {Field} field */
  ofPart(part, field) {
    const choice = /** @type {import("../state/types.js").Choice} */ (this.store.chosen[part]);
    const tuned = (/** @type {Value} */ value) => this.actions.tune({ optimizer: { [field.name]: value } });
    if (part !== "optimizer" || field.name !== RATE)
      return this.control(field, choice, `${part}.${field.name}`, part === "optimizer" ? tuned : undefined);
    const words = make("p", { className: "origin", id: "rate-words" });
    const say = () => {
      words.textContent = this.choseOptimizer ? rateWords(this.store) : "";
    };
    const row = this.control(field, choice, `${part}.${field.name}`, (value) => {
      say();
      tuned(value);
    });
    say();
    row.append(words);
    return row;
  }

  /** What is rarely chosen, folded away. @param {HTMLElement[]} rows */
  more(rows) {
    const summary = make("summary", { textContent: "More: schedule, regularizer, loss …" });
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
   * @param {(value: Value) => void} [changed] is told the new value; a new run where nobody is
   */
  control(field, owner, path, changed = () => this.actions.renew()) {
    const change = (/** @type {Value} */ value) => {
      owner[field.name] = value;
      changed(value);
    };
    const row = control(field, owner[field.name], path, (value) => {
      change(value);
      this.actions.turned(path, value);
    });
    if (row.querySelector("input[type=range]"))
      this.knobs.push({ path, title: titled(field.name), field, row, value: () => owner[field.name], change });
    return row;
  }

  /** @param {Part} part @param {Owner[]} owners @param {boolean} optional */
  choice(part, owners, optional) {
    const { chosen } = this.store;
    const now = chosen[part]?.name;
    const label = make("label", {
      textContent: titled(part),
      htmlFor: `choose-${part}`,
    });
    label.dataset.term = `chosen/${part}.name`;
    const names = [...(optional ? ["none"] : []), ...owners.map((o) => o.name)];
    const input = select(names, now ?? "none", `choose-${part}`, (name) => {
      const owner = named(owners, name);
      this.choseOptimizer ||= part === "optimizer";
      const begun = part === "optimizer" ? optimizerFor(this.store, name) : owner && firstChoice(owner);
      Object.assign(chosen, { [part]: begun ?? null });
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
   * Show a refusal next to the field that it names; false where there is no such field. It stands there until what is
   * chosen is allowed.
   * @param {string | null} path @param {string} words @param {boolean} [isNew]
   */
  refuse(path, words, isNew = true) {
    if (isNew) this.forgive();
    for (let name = path ?? ""; name; name = name.split(".").slice(0, -1).join(".")) {
      /** @type {HTMLElement | null} */
      const row = this.element.querySelector(`[data-path="${CSS.escape(name)}"]`);
      if (!row) continue;
      for (let fold = row.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null)
        fold.open = true;
      refuse(row, words);
      this.refused.set(path ?? "", words);
      if (isNew) (row.querySelector(".refusal:not([hidden])") ?? row).scrollIntoView({ block: "nearest" });
      return true;
    }
    return false;
  }

  /** Take back what the server refused. What was typed and never chosen stays, with its words. */
  forgive() {
    this.refused.clear();
    /** @type {NodeListOf<HTMLElement>} */
    const rows = this.element.querySelectorAll("[data-path]:not([data-typed]):has(> .refusal:not([hidden]))");
    for (const row of rows) refuse(row, "");
  }
}
