/** One hyperparameter as a control: closed where it can be, and refused in place, in words, where it cannot. */

import { isNumeric, isWhole, readable } from "../state/catalog.js";
import { choice } from "../state/numbers.js";
import { make } from "./element.js";

/** @import {Field} from "../state/types.js" */

/**
 * What a control needs: its field, its id, whom it tells an allowed value, and where it says why another one is
 * refused.
 * @typedef {{field: Field, id: string, change: (value: any) => void, say: (words: string) => void}} Setting
 */

let serial = 0;

/** Fields of data that the page has better ways to choose than typing. */
export const NOT_TYPED = ["drawing", "dataset", "target_column", "features"];

/** Where a value stands on a slider of 0 … 1000, and back. @param {Field} field */
function slider(field) {
  const whole = isWhole(field);
  const [low, high] = [field.minimum, field.maximum];
  if (field.scale !== "log") {
    const round = (/** @type {number} */ v) => (whole ? Math.round(v) : Number(v.toFixed(high - low > 5 ? 1 : 3)));
    return {
      to: (/** @type {number} */ v) => (1000 * (v - low)) / (high - low),
      from: (/** @type {number} */ t) => round(low + ((high - low) * t) / 1000),
    };
  }
  // a logarithmic slider whose limit is 0 keeps its left end for the 0
  const [a, b] = [Math.log10(low || 1e-6), Math.log10(high)];
  return {
    to: (/** @type {number} */ v) => (v <= 0 ? 0 : Math.max(low ? 0 : 10, (1000 * (Math.log10(v) - a)) / (b - a))),
    from: (/** @type {number} */ t) => {
      if (t < 10 && low === 0) return 0;
      const v = 10 ** (a + ((b - a) * t) / 1000);
      return whole
        ? Math.max(low, Math.min(high, Math.round(Number(v.toPrecision(v < 100 ? 2 : 3)))))
        : Math.max(low, Math.min(high, Number(v.toPrecision(2))));
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
  const title = field.unit ? `${field.help} (${field.unit})` : field.help;
  const label = make("label", { htmlFor: id, textContent: readable(field.name), title });
  const inputs = inputsOf({ field, id, change, say: (words) => refuse(row, words) }, value);
  const row = make("div", { className: "field" }, label, ...inputs, refusal());
  row.dataset.path = path;
  return row;
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
  for (const input of row.querySelectorAll("input, select")) {
    if (words) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", place.id);
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
  }
}

/** @param {Setting} setting @param {any} value @returns {HTMLElement[]} */
function inputsOf(setting, value) {
  const { field, id, change } = setting;
  if (field.type.includes("bool")) return [checkbox(value, id, change)];
  if (field.among.length && isNumeric(field)) return [select([...field.among, 0, 1, 2, 3, 4, 5, 6], value, id, change)];
  if (field.among.length) return [select(field.among, value, id, change)];
  if (isNumeric(field) && field.type.includes("null") && !field.type.includes("list"))
    return [optional(setting, value)];
  if (/list|numbers|null/.test(field.type)) return [sizes(setting, value)];
  return field.name === "seed" ? [number(setting, value)] : range(setting, value);
}

/** @param {boolean} checked @param {string} id @param {(value: boolean) => void} change */
function checkbox(checked, id, change) {
  const input = make("input", { type: "checkbox", id, checked });
  input.onchange = () => change(input.checked);
  return input;
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

/** @param {Setting} setting @param {number} value */
function number({ field, id, change, say }, value) {
  const input = make("input", {
    type: "text",
    inputMode: "decimal",
    id,
    value: field.name === "seed" ? String(value) : choice(value),
    className: "number",
    autocomplete: "off",
  });
  input.onchange = () => {
    const typed = Number(input.value.trim().replace(",", ".") || NaN);
    const fits = isWhole(field) ? Number.isInteger(typed) : Number.isFinite(typed);
    if (!fits || typed < field.minimum || typed > field.maximum) {
      const wanted = `${isWhole(field) ? "a whole number" : "a number"} from ${field.minimum} to ${field.maximum}`;
      say(`${readable(field.name)} must be ${wanted}, not “${input.value}”`);
    } else {
      say("");
      change(typed);
    }
  };
  return input;
}

/** @param {Setting} setting @param {number} value */
function range(setting, value) {
  const { field, change, say } = setting;
  const place = slider(field);
  const bar = make("input", { type: "range", min: "0", max: "1000", step: "1" });
  if (isWhole(field) && field.scale !== "log") bar.step = String(1000 / (field.maximum - field.minimum));
  bar.value = String(place.to(value));
  bar.setAttribute("aria-label", `${readable(field.name)}: ${field.help}`);
  const typed = number(
    {
      ...setting,
      change: (v) => {
        bar.value = String(place.to(v));
        change(v);
      },
    },
    value,
  );
  bar.oninput = () => {
    const v = place.from(Number(bar.value));
    typed.value = choice(v);
    say("");
    change(v);
  };
  return [bar, typed];
}

/** A number, or nothing. @param {Setting} setting @param {number | null} value */
function optional(setting, value) {
  const { change, say } = setting;
  const input = number(setting, value ?? 0);
  input.value = value === null ? "" : choice(value);
  input.placeholder = "none";
  const typed = input.onchange;
  input.onchange = (event) => {
    if (input.value.trim()) {
      typed?.call(input, event);
      return;
    }
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
  const input = make("input", {
    type: "text",
    id,
    className: "number",
    value: value === null ? "" : [value].flat().join(", "),
    placeholder: mayBeNothing ? (field.type.includes("numbers") ? "none" : "auto") : "",
    autocomplete: "off",
  });
  input.onchange = () => {
    const parts = input.value
      .split(/[\s,x×]+/)
      .filter(Boolean)
      .map(Number);
    const isKind = field.type.includes("numbers") ? Number.isFinite : Number.isInteger;
    const fit = parts.every((n) => isKind(n) && n >= field.minimum && n <= field.maximum);
    if (!parts.length && mayBeNothing) {
      say("");
      change(null);
    } else if (!parts.length || !fit) {
      const some = field.type.includes("numbers") ? "numbers" : "whole numbers";
      const wanted = `${some} from ${field.minimum} to ${field.maximum}`;
      say(`${readable(field.name)} must be ${wanted}, not “${input.value}”`);
    } else {
      say("");
      change(parts.length === 1 && field.type.includes("int") ? parts[0] : parts);
    }
  };
  return input;
}
