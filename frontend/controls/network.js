/** The layers as a list of cards: add, remove, reorder, choose; each card says the shape that comes out of it. */

import { control } from "./field.js";

/** A shape as a person reads it. @param {number[]} shape */
const times = (shape) => shape.join(" × ");

export class NetworkEditor {
  /** @param {import("../store.js").Store} store @param {() => void} changed */
  constructor(store, changed) {
    this.store = store;
    this.changed = changed;
    this.element = document.createElement("div");
    this.element.className = "layers";
    this.element.dataset.path = "network";
  }

  get layers() {
    return this.store.chosen.network;
  }

  build() {
    const refusal = document.createElement("p");
    refusal.className = "refusal";
    refusal.hidden = true;
    const input = document.createElement("p");
    input.className = "layer-shape input-shape";
    this.element.replaceChildren(input, ...this.layers.map((/** @type {any} */ _, /** @type {number} */ i) => this.card(i)), this.adder(), refusal);
    this.showShapes();
  }

  /** @param {number} i */
  card(i) {
    const layer = this.layers[i];
    const owner = this.store.catalog.layers.find((/** @type {any} */ l) => l.name === layer.layer);
    const isOutput = i === this.layers.length - 1 && layer.layer === "Dense";
    const card = document.createElement("div");
    card.className = `layer${owner.activation ? " activation" : ""}`;
    card.dataset.path = `network.${i}`;
    const head = document.createElement("div");
    head.className = "layer-head";
    const name = document.createElement("b");
    name.textContent = isOutput ? "Dense (output)" : layer.layer;
    name.title = owner.help;
    const shape = document.createElement("span");
    shape.className = "layer-shape";
    head.append(name, shape, this.button("↑", `Move ${layer.layer} up`, i === 0, () => this.move(i, -1)),
      this.button("↓", `Move ${layer.layer} down`, i === this.layers.length - 1, () => this.move(i, 1)),
      this.button("✕", `Remove ${layer.layer}`, this.layers.length === 1, () => this.edit(() => this.layers.splice(i, 1))));
    card.append(head);
    const fields = owner.fields.filter((/** @type {any} */ f) => !(isOutput && f.name === "units"));
    const rows = fields.map((/** @type {any} */ f) => control(f, layer[f.name] ?? f.default, `network.${i}.${f.name}`, (v) => { layer[f.name] = v; this.changed(); }));
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

  /** @param {string} sign @param {string} label @param {boolean} disabled @param {() => void} act */
  button(sign, label, disabled, act) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "quiet tiny", textContent: sign, disabled, onclick: act, title: label });
    button.setAttribute("aria-label", label);
    return button;
  }

  adder() {
    const input = document.createElement("select");
    input.className = "adder";
    input.setAttribute("aria-label", "Add a layer before the output");
    input.add(new Option("+ add a layer before the output …", ""));
    for (const { name } of this.store.catalog.layers) input.add(new Option(name, name));
    input.onchange = () => { if (input.value) this.add(input.value); };
    return input;
  }

  /** @param {string} name */
  add(name) {
    const owner = this.store.catalog.layers.find((/** @type {any} */ l) => l.name === name);
    const layer = { layer: name, ...Object.fromEntries(owner.fields.map((/** @type {any} */ f) => [f.name, f.default])) };
    this.edit(() => this.layers.splice(this.layers.length - 1, 0, layer));
  }

  /** @param {number} i @param {number} by */
  move(i, by) {
    const [layer] = this.layers.slice(i, i + 1);
    const last = this.layers.length - 1;
    // a Dense that leaves the end needs units of its own, one that comes to the end takes the task's
    this.edit(() => {
      this.layers.splice(i, 1);
      this.layers.splice(i + by, 0, layer);
      if (i === last || i + by === last) for (const l of this.layers.slice(0, -1)) if (l.layer === "Dense") l.units ??= 12;
    });
  }

  /** @param {() => void} edit */
  edit(edit) {
    edit();
    const last = this.layers.at(-1);
    if (last?.layer === "Dense") delete last.units;
    this.build();
    this.changed();
  }

  /** Write beside each card what comes out of it, from the run that has just these layers. */
  showShapes() {
    const { run } = this.store;
    const fits = run?.layers?.length === this.layers.length && run.layers.every((/** @type {any} */ l, /** @type {number} */ i) => l.name === this.layers[i].layer);
    const [input] = this.element.getElementsByClassName("input-shape");
    input.textContent = fits ? `input ${times(run.input_shape)} · ${run.parameters.toLocaleString("en")} parameters` : "";
    [...this.element.querySelectorAll(".layer .layer-head .layer-shape")].forEach((shape, i) => {
      shape.textContent = fits ? times(run.layers[i].output_shape) : "";
      shape.setAttribute("title", fits ? `output ${times(run.layers[i].output_shape)}, ${run.layers[i].parameters.toLocaleString("en")} parameters` : "");
    });
  }
}
