/** The layers as a list of cards: add, remove, reorder, choose; each card says the shape that comes out of it. */

import { getFits } from "../server/api.js";
import { firstValues, leaveUnitsToTask, named } from "../state/catalog.js";
import { count } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { control, refusal } from "../ui/field.js";

/** @import {Store} from "../state/store.js" */
/** @import {Field, Fits, Layer, Owner} from "../state/types.js" */

const OFFER_AFTER = 200;

/** A shape as a person reads it. @param {number[]} shape */
const times = (shape) => shape.join(" × ");

export class LayerList {
  /**
   * @param {Store} store @param {() => Layer[]} layers the list that is edited @param {string} path as in refusals
   * @param {() => void} changed
   */
  constructor(store, layers, path, changed) {
    this.store = store;
    this.list = layers;
    this.path = path;
    this.changed = changed;
    /** @type {Fits | null} */
    this.fits = null;
    this.asking = 0;
    this.isNetwork = path === "network";
    this.input = make("p", { className: "layer-shape input-shape" });
    this.element = make("div", { className: "layers" });
    this.element.dataset.path = path;
  }

  get layers() {
    return this.list();
  }

  build() {
    const cards = this.layers.map((_, i) => this.card(i));
    this.element.replaceChildren(...(this.isNetwork ? [this.input] : []), ...cards, this.adder(), refusal());
    this.showShapes();
  }

  /** @param {string} layer */
  owner(layer) {
    return /** @type {Owner} */ (named(this.store.catalog.layers, layer));
  }

  /** @param {number} i */
  card(i) {
    const layer = this.layers[i];
    const owner = this.owner(layer.layer);
    const isLast = i === this.layers.length - 1;
    const isOutput = this.isNetwork && isLast && layer.layer === "Dense";
    const head = make(
      "div",
      { className: "layer-head" },
      make("b", { textContent: isOutput ? "Dense (output)" : layer.layer, title: owner.help }),
      make("span", { className: "layer-shape" }),
      this.button("↑", `Move ${layer.layer} up`, i === 0, () => this.move(i, -1)),
      this.button("↓", `Move ${layer.layer} down`, isLast, () => this.move(i, 1)),
      this.button("✕", `Remove ${layer.layer}`, this.layers.length === 1, () =>
        this.edit(() => this.layers.splice(i, 1)),
      ),
    );
    const known = owner.fields.filter((f) => !(isOutput && f.name === "units"));
    const fields = [...known.filter((f) => f.required), ...known.filter((f) => !f.required)];
    const rows = fields.map((f) => this.row(f, layer, `${this.path}.${i}.${f.name}`));
    const main = fields.filter((f) => f.required).length || (owner.activation ? fields.length : 0);
    const card = make("div", { className: `layer${owner.activation ? " activation" : ""}` }, head);
    card.append(...rows.slice(0, main));
    if (rows.length > main) {
      const summary = make("summary", { textContent: "more" });
      summary.setAttribute("aria-label", `More about ${layer.layer}`);
      card.append(make("details", {}, summary, ...rows.slice(main)));
    }
    card.append(refusal());
    card.dataset.layer = layer.layer;
    card.dataset.path = `${this.path}.${i}`;
    return card;
  }

  /**
   * The control of one field; layers inside are a list of cards of their own.
   * @param {Field} field @param {Layer} layer @param {string} path
   */
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
    const button = make("button", {
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
    const before = this.isNetwork ? " before the output" : " inside";
    const input = make("select", { className: "adder" });
    input.setAttribute("aria-label", `Add a layer${before}`);
    input.add(new Option(`+ add a layer${before} …`, ""));
    for (const { name } of this.store.catalog.layers) input.add(new Option(name, name));
    input.onchange = () => {
      if (input.value) this.add(input.value);
    };
    return input;
  }

  /**
   * Ask which layers would fit before the output, when the run has been on the page for a moment, and offer only those.
   */
  offerSoon() {
    clearTimeout(this.asking);
    this.asking = window.setTimeout(async () => {
      const { run, task, catalog } = this.store;
      if (!run || task.fixed_network || catalog.view_only) return;
      const fits = await getFits(run.id, run.configuration.network.length - 1).catch(() => null);
      if (fits && this.store.run?.id === run.id) this.offer(fits);
    }, OFFER_AFTER);
  }

  /** Say of each layer whether it fits before the output, and why not. @param {Fits} fits */
  offer(fits) {
    this.fits = fits;
    /** @type {NodeListOf<HTMLOptionElement>} */
    const options = this.element.querySelectorAll(":scope > .adder option");
    for (const option of options) {
      const { value } = option;
      if (!value || !(value in fits)) continue;
      const { reason } = fits[value];
      option.disabled = reason !== undefined;
      option.textContent = reason === undefined ? value : `${value}: ${reason}`;
    }
  }

  /** @param {string} name */
  add(name) {
    const fitting = this.fits?.[name]?.layer;
    const layer = fitting ? structuredClone(fitting) : { layer: name, ...firstValues(this.owner(name).fields) };
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
        for (const l of this.layers.slice(0, -1))
          if (l.layer === "Dense") l.units ??= firstValues(this.owner("Dense").fields).units;
    });
  }

  /** @param {() => void} edit */
  edit(edit) {
    edit();
    if (this.isNetwork) leaveUnitsToTask(this.layers);
    this.build();
    this.changed();
  }

  /** Write beside each card what comes out of it, from the run that has just these layers. */
  showShapes() {
    if (!this.isNetwork || this.store.task.fixed_network) return;
    const { run } = this.store;
    const isThis =
      run?.layers?.length === this.layers.length && run.layers.every((l, i) => l.name === this.layers[i].layer);
    this.input.textContent =
      run && isThis ? `input ${times(run.input_shape)} · ${count(run.parameters)} parameters` : "";
    /** @type {NodeListOf<HTMLElement>} */
    const shapes = this.element.querySelectorAll(":scope > .layer > .layer-head .layer-shape");
    shapes.forEach((shape, i) => {
      const layer = isThis ? run?.layers[i] : undefined;
      shape.textContent = layer ? times(layer.output_shape) : "";
      shape.title = layer ? `output ${times(layer.output_shape)}, ${count(layer.parameters)} parameters` : "";
    });
  }
}
