/** One hyperparameter as a control: closed where it can be, and refused in place, in words, where it cannot. */

import { isNumeric, isWhole, readable, symbol } from "../state/catalog.js";
import { ownMark, typedForm, understand, understandList } from "../state/typed.js";
import { make } from "./element.js";

/** @import {Field} from "../state/types.js" */

/**
 * What a control needs: its field, its id, whom it tells an allowed value, and where it says why another one is
 * refused.
 * @typedef {object} Setting
 * @property {Field} field
 * @property {string} id
 * @property {HTMLElement} row
 * @property {(value: any) => void} change
 * @property {(words: string) => void} say
 */

/**
 * A number that can be turned by a slider, for whoever shows it in another place too.
 * @typedef {object} Knob
 * @property {string} path
 * @property {string} title
 * @property {Field} field
 * @property {HTMLElement} row where it stands on the controls
 * @property {() => number} value
 * @property {(value: number) => void} change
 */

let serial = 0;

/** Fields of data that the page has better ways to choose than typing. */
export const NOT_TYPED = ["drawing", "dataset", "target_column", "features", "missing_cells"];

/** Whether a field is a seed: a number without size, which no slider turns. @param {Field} field */
const isSeed = ({ name }) => name.endsWith("seed");

/** Write a field's value as it would be typed. @param {Field} field @param {number} v */
const written = (field, v) => (isSeed(field) ? String(v) : typedForm(v, isWhole(field), ownMark()));

/** Say a field's value with its unit, without an exponent, which is no word. @param {Field} field @param {number} v */
export const said = (field, v) =>
  `${isWhole(field) ? typedForm(v, true, ".") : plainly(v)}${field.unit ? ` ${field.unit}` : ""}`;

/** Write a number with all its zeros: 0.00001. @param {number} v */
const plainly = (v) =>
  Number(v.toPrecision(12)).toLocaleString("en", { maximumFractionDigits: 20, useGrouping: false });

/** A name at the beginning of a line: "Learning rate". @param {string} name */
export const titled = (name) => readable(name).replace(/^./, (first) => first.toUpperCase());

/** What a number's input says when nothing is wrong with it. @type {WeakMap<HTMLInputElement, string>} */
const accepted = new WeakMap();

/** How the control of a field shows another value. @type {WeakMap<HTMLElement, (value: number) => void>} */
const shows = new WeakMap();

/**
 * Where a value stands on a slider, and back: on one of 0 … 1000 where the scale is logarithmic, else by its own value.
 * @param {Field} field
 */
function slider(field) {
  const whole = isWhole(field);
  const [low, high] = [field.minimum, field.maximum];
  if (field.scale !== "log") {
    const digits = high - low > 5 ? 1 : 3;
    const step = whole ? 1 : 10 ** -digits;
    const from = (/** @type {number} */ t) => Math.min(high, whole ? t : Number(t.toFixed(digits)));
    return {
      low,
      high: whole ? high : Number((Math.ceil(high / step) * step).toFixed(digits)),
      step,
      to: (/** @type {number} */ v) => v,
      from,
    };
  }
  // a logarithmic slider whose limit is 0 keeps its left end for the 0
  const [a, b] = [Math.log10(low || 1e-6), Math.log10(high)];
  const round = (/** @type {number} */ v) => Number(v.toPrecision(whole && v >= 100 ? 3 : 2));
  return {
    low: 0,
    high: 1000,
    step: 1,
    to: (/** @type {number} */ v) => (v <= 0 ? 0 : Math.max(low ? 0 : 10, (1000 * (Math.log10(v) - a)) / (b - a))),
    from: (/** @type {number} */ t) => {
      if (t < 10 && low === 0) return 0;
      const v = round(10 ** (a + ((b - a) * t) / 1000));
      return Math.max(low, Math.min(high, whole ? Math.round(v) : v));
    },
  };
}

/**
 * Make the control of a field.
 * @param {Field} field @param {any} value @param {string} path as in the server's refusals
 * @param {(value: any) => void} change called with allowed values only
 */
export function control(field, value, path, change) {
  const id = `field-${++serial}`;
  const label = make("label", { htmlFor: id, textContent: titled(field.name) });
  label.dataset.term = `chosen/${path}`;
  const row = make("div", { className: "field" }, label);
  row.append(...inputsOf({ field, id, change, say: (words) => refuseTyped(row, words), row }, value), refusal());
  row.dataset.path = path;
  row.dataset.field = field.name;
  return row;
}

/**
 * Make a number with a button on each side; its label is for those who cannot see where it stands.
 * @param {Field} field @param {number} value @param {string} path @param {(value: number) => void} change
 * @param {string} label
 */
export function stepper(field, value, path, change, label) {
  const row = make("div", { className: "stepper" });
  let now = value;
  const take = (/** @type {number} */ v) => {
    now = v;
    less.disabled = v <= field.minimum;
    more.disabled = v >= field.maximum;
    less.title = less.disabled ? `${field.minimum} is the least` : `Less: ${readable(field.name)}`;
    more.title = more.disabled ? `${field.maximum} is the most` : `More: ${readable(field.name)}`;
  };
  const setting = {
    field,
    id: `field-${++serial}`,
    row,
    say: (/** @type {string} */ words) => refuseTyped(row, words),
  };
  const typed = number(
    {
      ...setting,
      change: (v) => {
        take(v);
        change(v);
      },
    },
    value,
  );
  typed.setAttribute("aria-label", `${label}: ${field.help}`);
  typed.title = `${titled(field.name)}: ${field.help}`;
  const button = (/** @type {string} */ sign, /** @type {string} */ words, /** @type {-1 | 1} */ by) => {
    const made = make("button", { type: "button", className: "by", textContent: sign });
    made.setAttribute("aria-label", `${label}: ${words}`);
    made.onclick = () => {
      take(neighbour(field, now, by));
      accept(typed, field, now);
      setting.say("");
      change(now);
    };
    return made;
  };
  const [less, more] = [button("−", "less", -1), button("+", "more", 1)];
  take(value);
  shows.set(row, (v) => {
    take(v);
    accept(typed, field, v);
  });
  row.append(make("span", { className: "steps" }, less, typed, more), refusal());
  row.dataset.path = path;
  return row;
}

/**
 * The next value of a stepper: by ones up to 16, then by an eighth of the power of two below.
 * @param {Field} field @param {number} v @param {-1 | 1} by
 */
export function neighbour(field, v, by) {
  if (!isWhole(field)) return Math.max(field.minimum, Math.min(field.maximum, Number((v + by * 0.05).toFixed(2))));
  const at = by > 0 ? v : v - 1;
  const step = at < 16 ? 1 : 2 ** (Math.floor(Math.log2(at)) - 3);
  const next = by > 0 ? (Math.floor(v / step) + 1) * step : (Math.ceil(v / step) - 1) * step;
  return Math.max(field.minimum, Math.min(field.maximum, next));
}

/** Let a control show another value, as if it had been chosen there. @param {HTMLElement} row @param {number} value */
export function show(row, value) {
  shows.get(row)?.(value);
  refuseTyped(row, "");
}

/** Let an input say a value that is allowed. @param {HTMLInputElement} input @param {Field} field @param {number} v */
function accept(input, field, v) {
  input.value = written(field, v);
  input.style.setProperty("--chars", String(input.value.length));
  accepted.set(input, input.value);
}

/** The place where a refusal is shown. */
export const refusal = () => make("p", { className: "refusal", id: `refusal-${++serial}`, hidden: true });

/**
 * Show why a value was refused, next to its field. The empty string takes it back.
 * @param {HTMLElement} row @param {string} words
 */
export function refuse(row, words) {
  const place = /** @type {HTMLElement} */ (row.querySelector(":scope > .refusal"));
  place.textContent = words;
  place.hidden = !words;
  for (const input of row.querySelectorAll(":is(input, select):not(.chooser)")) {
    if (words) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", place.id);
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
  }
}

/**
 * Refuse what was typed and is in no choice: its text stays as long as the words do.
 * @param {HTMLElement} row @param {string} words
 */
function refuseTyped(row, words) {
  if (words) row.dataset.typed = "";
  else if (row.dataset.typed !== undefined) {
    delete row.dataset.typed;
    for (const input of row.querySelectorAll("input")) input.value = accepted.get(input) ?? input.value;
  }
  refuse(row, words);
}

/** @param {Setting} setting @param {any} value @returns {HTMLElement[]} */
function inputsOf(setting, value) {
  const { field, id, change } = setting;
  if (field.type === "names") return [several(setting, value)];
  if (field.type.includes("bool")) return [checkbox(value, id, change)];
  if (field.among.length && isNumeric(field)) return [select([...field.among, 0, 1, 2, 3, 4, 5, 6], value, id, change)];
  if (field.among.length) return [select(field.among, value, id, change)];
  if (isNumeric(field) && field.type.includes("null") && !field.type.includes("list"))
    return [optional(setting, value)];
  if (/list|numbers|null/.test(field.type)) return [sizes(setting, value)];
  return isSeed(field) ? [number(setting, value)] : range(setting, value);
}

/** @param {boolean} checked @param {string} id @param {(value: boolean) => void} change */
function checkbox(checked, id, change) {
  const input = make("input", { type: "checkbox", id, checked });
  input.onchange = () => change(input.checked);
  return input;
}

/**
 * Some of a closed list of names, in its order; one stays at least.
 * @param {Setting} setting @param {string[]} value
 */
function several({ field, id, change, row }, value) {
  row.classList.add("of-names");
  const group = make("div", { id, className: "names" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `${titled(field.name)}: ${field.help}`);
  const names = /** @type {string[]} */ (field.among);
  let now = value;
  const boxes = names.map((name) => make("input", { type: "checkbox", value: name, checked: now.includes(name) }));
  const keep = () => {
    for (const box of boxes) {
      box.disabled = box.checked && now.length === 1;
      box.title = box.disabled ? "One must stay" : "";
    }
  };
  for (const box of boxes)
    box.onchange = () => {
      now = names.filter((_, i) => boxes[i].checked);
      keep();
      change(now);
    };
  keep();
  group.append(...names.map((name, i) => make("label", { title: name }, boxes[i], symbol(name))));
  return group;
}

/**
 * A closed list, with what is chosen now even where it is not in it.
 * @template {string | number} T
 * @param {readonly T[]} options @param {T} value @param {string} id @param {(value: T) => void} change
 */
export function select(options, value, id, change) {
  const input = make("select", { id });
  const offered = options.includes(value) ? options : [value, ...options];
  for (const option of offered) input.add(new Option(String(option), String(option), false, option === value));
  input.onchange = () => change(offered[input.selectedIndex]);
  return input;
}

/**
 * An input for a number. What it cannot understand stays in it, with words that say why; Escape brings back what was.
 * @param {Setting} setting @param {number | null} value
 */
function number({ field, id, change, say }, value) {
  const input = make("input", { type: "text", inputMode: isWhole(field) ? "numeric" : "decimal", id });
  input.className = "number";
  input.autocomplete = "off";
  if (value !== null) accept(input, field, value);
  input.onchange = () => {
    const { value: typed, words } = understand(input.value, field, ownMark());
    if (typed === null) {
      say(words);
      return;
    }
    accept(input, field, typed);
    say("");
    change(typed);
  };
  input.onkeydown = (event) => {
    if (event.key !== "Escape" || input.value === (accepted.get(input) ?? "")) return;
    event.stopPropagation(); // it closes nothing around the field
    input.value = accepted.get(input) ?? "";
    say("");
  };
  return input;
}

/** @param {Setting} setting @param {number} value */
function range(setting, value) {
  const { field, change, say, row } = setting;
  const { low, high, step, to, from } = slider(field);
  const bar = make("input", { type: "range", min: String(low), max: String(high), step: String(step) });
  bar.setAttribute("aria-label", `${titled(field.name)}: ${field.help}`);
  // where the scale is logarithmic, the slider's own value is its place; and ARIA knows no 1e-8
  const tell = (/** @type {string} */ what, /** @type {number} */ v) =>
    bar.setAttribute(`aria-value${what}`, plainly(v));
  tell("min", from(low));
  tell("max", from(high));
  const paint = (/** @type {number} */ v) => {
    fill(bar, said(field, v));
    tell("now", v);
  };
  const put = (/** @type {number} */ v) => {
    bar.value = String(to(v));
    paint(v);
  };
  put(value);
  const typed = number(
    {
      ...setting,
      change: (v) => {
        put(v);
        change(v);
      },
    },
    value,
  );
  bar.oninput = () => {
    const v = from(Number(bar.value));
    accept(typed, field, v);
    paint(v);
    say("");
    change(v);
  };
  shows.set(row, (v) => {
    put(v);
    accept(typed, field, v);
  });
  return [bar, typed];
}

/** Paint a slider up to its value, and let it say it. @param {HTMLInputElement} bar @param {string} words */
export function fill(bar, words) {
  const [low, high] = [Number(bar.min), Number(bar.max)];
  bar.style.setProperty("--part", String((Number(bar.value) - low) / (high - low || 1)));
  bar.setAttribute("aria-valuetext", words);
}

/** A number, or nothing. @param {Setting} setting @param {number | null} value */
function optional(setting, value) {
  const { change, say } = setting;
  const input = number(setting, value);
  input.placeholder = "none";
  const typed = input.onchange;
  input.onchange = (event) => {
    if (input.value.trim()) {
      typed?.call(input, event);
      return;
    }
    accepted.delete(input);
    say("");
    change(null);
  };
  return input;
}

/**
 * Sizes such as "28, 28, 1", weights such as "1, 0.5", or a number, or nothing where that is allowed.
 * @param {Setting} setting @param {number | number[] | null} value
 */
function sizes({ field, id, change, say }, value) {
  const mayBeNothing = field.type.includes("null");
  const input = make("input", { type: "text", id, className: "number", autocomplete: "off" });
  input.placeholder = mayBeNothing ? (field.type.includes("numbers") ? "none" : "auto") : "";
  const take = (/** @type {string} */ text) => {
    input.value = text;
    accepted.set(input, text);
  };
  take(value === null ? "" : [value].flat().join(", "));
  input.onchange = () => {
    const { values, words } = understandList(input.value, field, ownMark());
    if (!input.value.trim() && mayBeNothing) {
      take("");
      say("");
      change(null);
    } else if (!values) say(words);
    else {
      take(values.join(", "));
      say("");
      change(values.length === 1 && field.type.includes("int") ? values[0] : values);
    }
  };
  return input;
}
