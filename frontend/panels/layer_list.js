/** The layers as rows: add, remove, reorder, choose; each row says the shape that comes out of it. */

import { getFits } from "../server/api.js";
import { firstValues, isFrozen, leaveUnitsToTask, named, outputOf, readable } from "../state/catalog.js";
import { count } from "../state/numbers.js";
import { deedButtons, deedsOf, silencing } from "../touch/deeds.js";
import { make } from "../ui/element.js";
import { control, neighbour, refusal, refuse, stepper } from "../ui/field.js";
import { icon } from "../ui/icons.js";

/** @import {Store} from "../state/store.js" */
/** @import {Field, Fits, Layer, Owner} from "../state/types.js" */
/** @import {Deed} from "../touch/deeds.js" */
/** @import {Knob} from "../ui/field.js" */

const OFFER_AFTER = 200;
/** The number that counts most in a layer: the first of these that it has. */
const MAIN = ["units", "filters", "width", "heads", "pool_size", "groups", "rate", "kernel_size"];
/** Those that decide how many outputs a network has. */
const WIDTHS = ["units", "filters"];
/** Layers whose number needs its word and a line of its own. */
const TWO_LINES = ["TransformerBlock", "Bidirectional"];

/** A shape as a person reads it. @param {number[]} shape */
const times = (shape) => shape.join(" × ");

/** A shape with its channels left out where it is a square image. @param {number[]} shape */
const short = (shape) => (shape.length === 3 && shape[0] === shape[1] ? `${shape[0]}²` : times(shape));

/**
 * What goes into a layer and what comes out, as short as it can be told.
 * @param {number[]} before @param {number[]} after @param {boolean} learns whether the layer has weights
 */
export function passage(before, after, learns) {
  const [from, to] = [short(before), short(after)];
  const isShort = [before, after].every((shape) => shape.length === 1 || short(shape) !== times(shape));
  if (learns && isShort) return `${from} → ${to}`;
  return from === to ? to : `→ ${to}`;
}

export class LayerList {
  /**
   * @param {Store} store @param {() => Layer[]} layers the list that is edited @param {string} path as in refusals
   * @param {() => void} changed the layers are others, or one of their fields is
   * @param {(path: string, value: number) => void} [turned] a number that stands in a row is another
   */
  constructor(store, layers, path, changed, turned = () => {}) {
    this.store = store;
    this.list = layers;
    this.path = path;
    this.changed = changed;
    this.turned = turned;
    /** @type {Knob[]} the numbers in the rows */
    this.knobs = [];
    /** @type {Set<string>} kinds of layers that are known to have weights */
    this.learning = new Set();
    /** @type {Fits | null} */
    this.fits = null;
    this.asking = 0;
    this.isNetwork = path === "network";
    /** @type {WeakSet<Layer>} whose fields are shown */
    this.open = new WeakSet();
    this.dragged = -1;
    this.element = make("div", { className: "layers" });
    this.element.dataset.path = path;
  }

  get layers() {
    return this.list();
  }

  build() {
    this.knobs = [];
    const rows = this.layers.map((_, i) => this.row(i));
    this.element.replaceChildren(...rows, this.adder(), refusal());
    this.showShapes();
  }

  /** @param {string} layer */
  owner(layer) {
    return /** @type {Owner} */ (named(this.store.catalog.layers, layer));
  }

  /** The place of the output, before which layers are added; the end of a list that is inside another layer. */
  get end() {
    return this.isNetwork ? outputOf(this.layers, this.store.catalog) : this.layers.length;
  }

  /** Whether a layer is the last but activations, and decides how many outputs there are. @param {number} i */
  isOutput(i) {
    const layer = this.layers[i];
    const decides = layer && (layer.layer === "Dense" || WIDTHS.some((name) => name in layer));
    return this.isNetwork && i === this.end && Boolean(decides);
  }

  /** @param {number} i */
  row(i) {
    const layer = this.layers[i];
    const owner = this.owner(layer.layer);
    const path = `${this.path}.${i}`;
    const isOutput = this.isOutput(i);
    const name = make("b", { textContent: layer.layer, className: "layer-name", tabIndex: 0 });
    name.setAttribute("role", "button");
    name.dataset.term = `chosen/${path}`;
    const shape = make("span", { className: "layer-shape" }, make("span"));
    const main = this.main(layer, owner, isOutput);
    const fields = owner.fields.filter(
      (f) => f.name !== "silenced" && f !== main && !(isOutput && WIDTHS.includes(f.name)),
    );
    const row = make("div", { className: "layer" }, name, shape);
    row.append(...this.signs(layer), ...this.beside(layer, main, path, i), this.more(i, fields), refusal());
    row.dataset.layer = layer.layer;
    row.dataset.path = path;
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", `${layer.layer}, layer ${i + 1}`);
    row.onkeydown = (event) => {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key) || row.closest(".lesson-locked")) return;
      const by = event.key === "ArrowUp" ? -1 : 1;
      if (/** @type {HTMLElement} */ (event.target).closest(".layer") !== row) return;
      event.preventDefault();
      event.stopPropagation();
      if (!this.immovable(i, by)) this.move(i, by);
    };
    if (!isOutput) this.letDrag(name, row, i);
    return row;
  }

  /**
   * The number that stands in a layer's row, where it has one.
   * @param {Layer} layer @param {Owner} owner @param {boolean} isOutput
   */
  main(layer, owner, isOutput) {
    if (owner.activation || isOutput) return undefined;
    const found = MAIN.map((name) => named(owner.fields, name)).find((field) => field !== undefined);
    return found && typeof (layer[found.name] ?? found.default) === "number" ? found : undefined;
  }

  /**
   * What stands beside a layer's name: the number that counts most, or what is inside, or how many outputs there are.
   * @param {Layer} layer @param {Field | undefined} main @param {string} path @param {number} i
   */
  beside(layer, main, path, i) {
    if (this.isOutput(i)) {
      const lock = make("span", { className: "lock" }, icon("lock"), make("span", { className: "outputs" }));
      lock.title = "The task decides how many outputs there are";
      return [lock];
    }
    if (Array.isArray(layer.layers)) {
      const inside = layer.layers.map((/** @type {Layer} */ one) => one.layer).join(", ");
      return [make("p", { className: "inside", textContent: `its input + ${inside || "nothing"}` })];
    }
    if (!main) return [];
    const change = (/** @type {number} */ value) => {
      layer[main.name] = value;
      this.changed();
    };
    const word = readable(main.name);
    const value = () => layer[main.name] ?? main.default;
    const full = `${path}.${main.name}`;
    const turned = (/** @type {number} */ v) => {
      change(v);
      this.turned(full, v);
    };
    const made = stepper(main, value(), full, turned, `${layer.layer}, layer ${i + 1}: ${word}`);
    /** @type {Field} */
    const field = { ...main, scale: main.maximum > 100 ? "log" : "linear" }; // a slider for 1 … 4096
    this.knobs.push({ path: full, title: `Layer ${i + 1} ${word}`, field, row: made, value, change });
    if (!TWO_LINES.includes(layer.layer)) return [made];
    made.classList.add("worded");
    made.prepend(
      make("span", {
        className: "word",
        textContent: layer.cell ? `${layer.cell} both ways, ${word}` : word,
      }),
    );
    return [made];
  }

  /**
   * What opens under a layer's row: how it is moved and removed, and its other fields.
   * @param {number} i @param {Field[]} fields
   */
  more(i, fields) {
    const layer = this.layers[i];
    const summary = make("summary", { title: `Move (Alt+↑, Alt+↓), remove, and all fields of ${layer.layer}` });
    summary.setAttribute("aria-label", `More about ${layer.layer}`);
    const rows = fields.map((f) => this.field(f, layer, `${this.path}.${i}.${f.name}`));
    const made = make("details", { className: "layer-more", open: this.open.has(layer) }, summary);
    const { length } = this.layers;
    if (this.isOutput(i)) {
      const words = "The task decides how many outputs there are: this layer cannot be removed or moved.";
      made.append(make("p", { className: "locked", textContent: words }));
    } else {
      const only = length === 1 ? "A network needs a layer" : "";
      made.append(
        make(
          "div",
          { className: "layer-moves" },
          this.button("Up", `Move ${layer.layer} up`, this.immovable(i, -1), () => this.move(i, -1)),
          this.button("Down", `Move ${layer.layer} down`, this.immovable(i, 1), () => this.move(i, 1)),
          this.button("Remove", `Remove ${layer.layer}`, only, () => this.remove(i)),
        ),
      );
    }
    made.append(...this.byHand(i), ...rows);
    made.ontoggle = () => {
      if (made.open) this.open.add(layer);
      else this.open.delete(layer);
    };
    return made;
  }

  /**
   * Give a layer a neuron more or less, or the network a layer, as on the rows.
   * @param {number | null} i null for a layer @param {1 | -1} by
   */
  reshape(i, by) {
    if (!this.store.allowed("network")) return;
    if (i === null) {
      this.deepen(by);
      return;
    }
    const knob = this.knobs.find(({ path }) => WIDTHS.some((name) => path === `${this.path}.${i}.${name}`));
    const next = knob && neighbour(knob.field, Number(knob.value()), by);
    if (knob && next !== undefined && next !== knob.value())
      this.edit(() => {
        this.layers[i][knob.path.split(".").at(-1) ?? ""] = next;
      });
  }

  /** Add a layer as the last hidden one, with its activation, or take that one away. @param {1 | -1} by */
  deepen(by) {
    const { end } = this;
    const isActivation = (/** @type {Layer | undefined} */ layer) => layer && this.owner(layer.layer).activation;
    let last = end - 1;
    while (last >= 0 && !("units" in this.layers[last])) last--;
    const pair = last < 0 ? [] : this.layers.slice(last, isActivation(this.layers[last + 1]) ? last + 2 : last + 1);
    const usual = [{ ...firstValues(this.owner("Dense").fields), layer: "Dense", units: 8 }, { layer: "Tanh" }];
    if (by > 0) this.edit(() => this.layers.splice(end, 0, ...structuredClone(pair.length ? pair : usual)));
    else if (pair.length) this.edit(() => this.layers.splice(last, pair.length));
  }

  /**
   * What can be done to a layer by hand: freeze it, begin it anew, and let its silenced neurons speak again.
   * @param {number} i
   */
  byHand(i) {
    const { store } = this;
    const spec = this.layers[i];
    const held = { layer: i, spec, learns: Boolean(store.run?.layers[i]?.parameters), last: i };
    const silenced = /** @type {number[]} */ (spec.silenced ?? []);
    const deeds = [...deedsOf(held), ...silenced.map((unit) => silencing(held, unit, true, `neuron ${unit + 1}`))];
    if (!this.isNetwork || !deeds.length) return [];
    const made = make("div", { className: "layer-moves" });
    const refused = (/** @type {string} */ said) => refuse(made, said);
    const act = (/** @type {Deed} */ { edit, done }) => store.emit("hand", { edits: [edit], words: done, refused });
    made.append(...deedButtons(deeds, store.whyNot("network", "weights"), act), refusal());
    return [made];
  }

  /** The signs of what was done to a layer by hand. @param {Layer} layer */
  signs(layer) {
    const silenced = layer.silenced?.length ?? 0;
    const words = [isFrozen(layer) ? "frozen" : "", silenced ? `${silenced} silent` : ""].filter(Boolean);
    return words.map((textContent) => make("span", { className: "layer-sign", textContent }));
  }

  /** Why a layer cannot move; the empty string where it can. @param {number} i @param {number} by */
  immovable(i, by) {
    if (this.isOutput(i)) return "The output stays the last layer";
    if (i + by < 0) return "It is the first layer";
    if (i + by >= this.layers.length) return "It is the last layer";
    const isPassed = i < this.end && i + by >= this.end && this.isOutput(this.end);
    return isPassed && !this.owner(this.layers[i].layer).activation ? "Only activations may follow the output" : "";
  }

  /**
   * The control of one field; layers inside are a list of rows of their own.
   * @param {Field} field @param {Layer} layer @param {string} path
   */
  field(field, layer, path) {
    if (field.type !== "layers") {
      return control(field, layer[field.name] ?? field.default, path, (v) => {
        layer[field.name] = v;
        this.changed();
      });
    }
    const inner = new LayerList(
      this.store,
      () => layer[field.name],
      path,
      () => this.changed(),
    );
    inner.open = this.open;
    inner.build();
    return inner.element;
  }

  /** @param {string} words @param {string} label @param {string} why it is not offered @param {() => void} act */
  button(words, label, why, act) {
    const button = make("button", { type: "button", textContent: words, title: why || label });
    button.disabled = Boolean(why);
    button.onclick = act;
    button.setAttribute("aria-label", label);
    return button;
  }

  /**
   * Let a layer be dragged by its name to another place in the list.
   * @param {HTMLElement} name @param {HTMLElement} row @param {number} i
   */
  letDrag(name, row, i) {
    name.draggable = true;
    name.ondragstart = (event) => {
      this.dragged = i;
      event.dataTransfer?.setData("text/plain", this.layers[i].layer);
      event.dataTransfer?.setDragImage(row, 12, 16);
      event.stopPropagation();
    };
    name.ondragend = () => {
      this.dragged = -1;
      this.mark(null, false);
    };
    const isBelow = (/** @type {DragEvent} */ event) => {
      const { top, height } = row.getBoundingClientRect();
      return event.clientY > top + height / 2;
    };
    row.ondragover = (event) => {
      if (this.dragged < 0) return;
      event.preventDefault();
      event.stopPropagation();
      this.mark(row, isBelow(event));
    };
    row.ondrop = (event) => {
      if (this.dragged < 0) return;
      event.preventDefault();
      event.stopPropagation();
      const to = i + Number(isBelow(event));
      const from = this.dragged;
      this.dragged = -1;
      this.mark(null, false);
      this.move(from, (to > from ? to - 1 : to) - from);
    };
  }

  /** Show where a dragged layer would come to stand. @param {HTMLElement | null} row @param {boolean} below */
  mark(row, below) {
    for (const one of /** @type {HTMLElement[]} */ ([...this.element.children]))
      one.classList.remove("drop-above", "drop-below");
    row?.classList.add(below ? "drop-below" : "drop-above");
  }

  adder() {
    const input = make("select", { className: "adder" });
    input.setAttribute("aria-label", this.isNetwork ? "Add a layer before the output" : "Add a layer inside");
    input.add(new Option(this.isNetwork ? "+ Add a layer" : "+ Add a layer inside", ""));
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
      if (!run || task.fixed_network || !this.store.allowed("network")) return;
      const fits = await getFits(run.id, outputOf(run.configuration.network, catalog)).catch(() => null);
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
    if (Array.isArray(layer.layers)) this.open.add(layer); // one wants to choose what is inside
    this.edit(() => this.layers.splice(this.end, 0, layer));
  }

  /** @param {number} i @param {number} by */
  move(i, by) {
    const [layer] = this.layers.slice(i, i + 1);
    if (!by || this.immovable(i, by)) return;
    const before = this.isNetwork ? this.layers[this.end] : null;
    // a Dense that is the output no more needs units of its own, one that becomes it takes the task's
    this.edit(() => {
      this.layers.splice(i, 1);
      this.layers.splice(i + by, 0, layer);
      if (before && before !== this.layers[this.end] && before.layer === "Dense")
        before.units ??= firstValues(this.owner("Dense").fields).units;
    });
    const moves = `:scope > [data-path="${this.path}.${i + by}"] > .layer-more`;
    const way = by < 0 ? 1 : 2;
    /** @type {HTMLElement | null} */
    const again = this.element.querySelector(`${moves}[open] > .layer-moves > button:nth-child(${way}):not(:disabled)`);
    (again ?? /** @type {HTMLElement | null} */ (this.element.querySelector(`${moves} > summary`)))?.focus();
  }

  /** @param {number} i */
  remove(i) {
    this.edit(() => this.layers.splice(i, 1));
    /** @type {HTMLElement | null} */
    const next = this.element.querySelector(`:scope > [data-path="${this.path}.${i}"] > .layer-more > summary`);
    (next ?? /** @type {HTMLElement} */ (this.element.querySelector(":scope > .adder"))).focus();
  }

  /** @param {() => void} edit */
  edit(edit) {
    edit();
    if (this.isNetwork) leaveUnitsToTask(this.layers, this.store.catalog);
    this.build();
    this.changed();
  }

  /** Write into each row what goes in and what comes out, from the run that has just these layers. */
  showShapes() {
    if (!this.isNetwork || this.store.task.fixed_network) return;
    const { run } = this.store;
    const isThis =
      run?.layers?.length === this.layers.length && run.layers.every((l, i) => l.name === this.layers[i].layer);
    /** @type {NodeListOf<HTMLElement>} */
    const rows = this.element.querySelectorAll(":scope > .layer");
    rows.forEach((row, i) => {
      const layer = isThis ? run?.layers[i] : undefined;
      const before = (i ? run?.layers[i - 1]?.output_shape : run?.input_shape) ?? [];
      const shape = /** @type {HTMLElement} */ (row.querySelector(":scope > .layer-shape > span"));
      shape.textContent = layer ? passage(before, layer.output_shape, layer.parameters > 0) : "";
      const words = layer ? `in ${times(before)}, out ${times(layer.output_shape)}` : "";
      row.title = layer ? `${this.layers[i].layer}: ${words}, ${count(layer.parameters)} weights` : "";
      if (layer?.parameters) this.learning.add(layer.name);
      row.classList.toggle("learns", layer ? layer.parameters > 0 : this.learning.has(this.layers[i].layer));
      const outputs = row.querySelector(":scope > .lock > .outputs");
      if (outputs) outputs.textContent = layer ? outputsOf(layer.output_shape) : "";
    });
  }
}

/** Say how many outputs there are, and how many channels where they are an image. @param {number[]} shape */
function outputsOf(shape) {
  const n = shape.at(-1) ?? 0;
  return `${count(n)} ${shape.length === 3 ? "channel" : "output"}${n === 1 ? "" : "s"}`;
}
