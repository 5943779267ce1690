/** The layers as a list of cards: add, remove, reorder, choose; each card says the shape that comes out of it. */

import { getFits } from "../server/api.js";
import { count } from "../state/numbers.js";
import { control } from "../ui/field.js";

const OFFER_AFTER = 200;

/** A shape as a person reads it. @param {number[]} shape */
const times = (shape) => shape.join(" × ");

export class LayerList {
  /**
   * @param {import("../state/store.js").Store} store @param {() => any[]} layers the list that is edited @param {string} path as in refusals
   * @param {() => void} changed
   */
  constructor(store, layers, path, changed) {
    this.store = store;
    this.list = layers;
    this.path = path;
    this.changed = changed;
    /** @type {Record<string, {layer?: any, reason?: string}> | null} */
    this.fits = null;
    this.asking = 0;
    this.isNetwork = path === "network";
    this.element = document.createElement("div");
    this.element.className = "layers";
    this.element.dataset.path = path;
  }

  get layers() {
    return this.list();
  }

  build() {
    const refusal = document.createElement("p");
    refusal.className = "refusal";
    refusal.hidden = true;
    const input = document.createElement("p");
    input.className = "layer-shape input-shape";
    const cards = this.layers.map((/** @type {any} */ _, /** @type {number} */ i) => this.card(i));
    this.element.replaceChildren(...(this.isNetwork ? [input] : []), ...cards, this.adder(), refusal);
    this.showShapes();
  }

  /** @param {number} i */
  card(i) {
    const layer = this.layers[i];
    const owner = this.store.catalog.layers.find((/** @type {any} */ l) => l.name === layer.layer);
    const isOutput = this.isNetwork && i === this.layers.length - 1 && layer.layer === "Dense";
    const card = document.createElement("div");
    card.className = `layer${owner.activation ? " activation" : ""}`;
    card.dataset.path = `${this.path}.${i}`;
    const head = document.createElement("div");
    head.className = "layer-head";
    const name = document.createElement("b");
    name.textContent = isOutput ? "Dense (output)" : layer.layer;
    card.dataset.layer = layer.layer;
    name.title = owner.help;
    const shape = document.createElement("span");
    shape.className = "layer-shape";
    head.append(
      name,
      shape,
      this.button("↑", `Move ${layer.layer} up`, i === 0, () => this.move(i, -1)),
      this.button("↓", `Move ${layer.layer} down`, i === this.layers.length - 1, () => this.move(i, 1)),
      this.button("✕", `Remove ${layer.layer}`, this.layers.length === 1, () =>
        this.edit(() => this.layers.splice(i, 1)),
      ),
    );
    card.append(head);
    const fields = owner.fields.filter((/** @type {any} */ f) => !(isOutput && f.name === "units"));
    const rows = fields.map((/** @type {any} */ f) => this.row(f, layer, `${this.path}.${i}.${f.name}`));
    const main = fields.filter((/** @type {any} */ f) => f.required).length || (owner.activation ? fields.length : 0);
    card.append(...rows.slice(0, main));
    if (rows.length > main) {
      const more = document.createElement("details");
      const summary = document.createElement("summary");
      summary.textContent = "more";
      summary.setAttribute("aria-label", `More about ${layer.layer}`);
      more.append(summary, ...rows.slice(main));
      card.append(more);
    }
    const refusal = document.createElement("p");
    refusal.className = "refusal";
    refusal.hidden = true;
    card.append(refusal);
    return card;
  }

  /** The control of one field; layers inside are a list of cards of their own. @param {any} field @param {any} layer @param {string} path */
  row(field, layer, path) {
    if (field.type !== "layers") {
      return control(field, layer[field.name] ?? field.default, path, (v) => {
        layer[field.name] = v;
        this.changed();
      });
    }
    const inner = new LayerList(this.store, () => layer[field.name], path, this.changed);
    inner.build();
    return inner.element;
  }

  /** @param {string} sign @param {string} label @param {boolean} disabled @param {() => void} act */
  button(sign, label, disabled, act) {
    const button = document.createElement("button");
    Object.assign(button, {
      type: "button",
      className: "quiet tiny",
      textContent: sign,
      disabled,
      onclick: act,
      title: label,
    });
    button.setAttribute("aria-label", label);
    return button;
  }

  adder() {
    const input = document.createElement("select");
    const before = this.isNetwork ? " before the output" : " inside";
    input.className = "adder";
    input.setAttribute("aria-label", `Add a layer${before}`);
    input.add(new Option(`+ add a layer${before} …`, ""));
    for (const { name } of this.store.catalog.layers) input.add(new Option(name, name));
    input.onchange = () => {
      if (input.value) this.add(input.value);
    };
    return input;
  }

  /** Ask which layers would fit before the output, when the run has been on the page for a moment, and offer only those. */
  offerSoon() {
    clearTimeout(this.asking);
    this.asking = window.setTimeout(async () => {
      const { run, task, catalog } = this.store;
      if (!run || task.fixed_network || catalog.view_only) return;
      const fits = await getFits(run.id, run.configuration.network.length - 1).catch(() => null);
      if (fits && this.store.run?.id === run.id) this.offer(fits);
    }, OFFER_AFTER);
  }

  /** Say of each layer whether it fits before the output, and why not. @param {Record<string, {layer?: any, reason?: string}>} fits */
  offer(fits) {
    this.fits = fits;
    for (const option of this.element.querySelectorAll(":scope > .adder option")) {
      const { value } = /** @type {HTMLOptionElement} */ (option);
      if (!value || !(value in fits)) continue;
      const { reason } = fits[value];
      /** @type {HTMLOptionElement} */ (option).disabled = reason !== undefined;
      option.textContent = reason === undefined ? value : `${value}: ${reason}`;
    }
  }

  /** @param {string} name */
  add(name) {
    const owner = this.store.catalog.layers.find((/** @type {any} */ l) => l.name === name);
    const layer = structuredClone(this.fits?.[name]?.layer) ?? {
      layer: name,
      ...Object.fromEntries(owner.fields.map((/** @type {any} */ f) => [f.name, structuredClone(f.default)])),
    };
    this.edit(() => this.layers.splice(this.layers.length - (this.isNetwork ? 1 : 0), 0, layer));
  }

  /** @param {number} i @param {number} by */
  move(i, by) {
    const [layer] = this.layers.slice(i, i + 1);
    const last = this.isNetwork ? this.layers.length - 1 : -1;
    // a Dense that leaves the end needs units of its own, one that comes to the end takes the task's
    this.edit(() => {
      this.layers.splice(i, 1);
      this.layers.splice(i + by, 0, layer);
      if (i === last || i + by === last)
        for (const l of this.layers.slice(0, -1)) if (l.layer === "Dense") l.units ??= 12;
    });
  }

  /** @param {() => void} edit */
  edit(edit) {
    edit();
    const last = this.layers.at(-1);
    if (this.isNetwork && last?.layer === "Dense") delete last.units;
    this.build();
    this.changed();
  }

  /** Write beside each card what comes out of it, from the run that has just these layers. */
  showShapes() {
    if (!this.isNetwork || this.store.task.fixed_network) return;
    const { run } = this.store;
    const fits =
      run?.layers?.length === this.layers.length &&
      run.layers.every((/** @type {any} */ l, /** @type {number} */ i) => l.name === this.layers[i].layer);
    const [input] = this.element.getElementsByClassName("input-shape");
    input.textContent = fits ? `input ${times(run.input_shape)} · ${count(run.parameters)} parameters` : "";
    [...this.element.querySelectorAll(":scope > .layer > .layer-head .layer-shape")].forEach((shape, i) => {
      shape.textContent = fits ? times(run.layers[i].output_shape) : "";
      shape.setAttribute(
        "title",
        fits ? `output ${times(run.layers[i].output_shape)}, ${count(run.layers[i].parameters)} parameters` : "",
      );
    });
  }
}
