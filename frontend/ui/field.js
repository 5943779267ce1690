/** One hyperparameter as a control: closed where it can be, and refused in place, in words, where it cannot. */

import { choice } from "../state/numbers.js";

let serial = 0;

/** Fields of data that the page has better ways to choose than typing. */
export const NOT_TYPED = ["drawing", "dataset", "target_column", "features"];

/** "learning_rate" as a person reads it. @param {string} name */
export const readable = (name) => name.replaceAll("_", " ");

/** Say which numbers are allowed. @param {any} field */
const limits = (field) =>
  `${field.type.includes("float") ? "a number" : "a whole number"} from ${field.minimum} to ${field.maximum}`;

/** Where a value stands on a slider of 0 … 1000, and back. @param {any} field */
function slider(field) {
  const whole = !field.type.includes("float");
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
 * @param {any} field as in the catalog @param {any} value @param {string} path as in the server's refusals
 * @param {(value: any) => void} change called with allowed values only
 */
export function control(field, value, path, change) {
  const row = document.createElement("div");
  row.className = "field";
  row.dataset.path = path;
  const id = `field-${++serial}`;
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = readable(field.name);
  label.title = field.unit ? `${field.help} (${field.unit})` : field.help;
  const refusal = document.createElement("p");
  refusal.className = "refusal";
  refusal.id = `${id}-refusal`;
  refusal.hidden = true;
  const input = build(field, value, id, change, (words) => refuse(row, words));
  row.append(label, ...input, refusal);
  return row;
}

/** Show why a value was refused, next to its field. The empty string takes it back. @param {HTMLElement} row @param {string} words */
export function refuse(row, words) {
  const refusal = /** @type {HTMLElement} */ (row.querySelector(":scope > .refusal"));
  refusal.textContent = words;
  refusal.hidden = !words;
  for (const input of row.querySelectorAll("input, select")) {
    if (words) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", refusal.id);
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
  }
}

/**
 * @param {any} field @param {any} value @param {string} id @param {(value: any) => void} change
 * @param {(words: string) => void} say @returns {HTMLElement[]}
 */
function build(field, value, id, change, say) {
  const numeric = field.type.includes("int") || field.type.includes("float");
  if (field.type.includes("bool")) return [checkbox(value, id, change)];
  if (field.among.length && numeric) return [select([...field.among, 0, 1, 2, 3, 4, 5, 6], value, id, change)];
  if (field.among.length) return [select(field.among, value, id, change)];
  if (field.type.includes("float") && field.type.includes("null")) return [optional(field, value, id, change, say)];
  if (field.type.includes("list") || field.type.includes("null")) return [text(field, value, id, change, say)];
  return field.name === "seed" ? [number(field, value, id, change, say)] : range(field, value, id, change, say);
}

/** @param {boolean} value @param {string} id @param {(value: boolean) => void} change */
function checkbox(value, id, change) {
  const input = document.createElement("input");
  Object.assign(input, { type: "checkbox", id, checked: value, onchange: () => change(input.checked) });
  return input;
}

/** @param {(string | number)[]} options @param {any} value @param {string} id @param {(value: any) => void} change */
export function select(options, value, id, change) {
  const input = document.createElement("select");
  input.id = id;
  for (const option of options.includes(value) ? options : [value, ...options])
    input.add(new Option(String(option), String(option), false, option === value));
  input.onchange = () => change(options.find((option) => String(option) === input.value));
  return input;
}

/** @param {any} field @param {number} value @param {string} id @param {(value: number) => void} change @param {(words: string) => void} say */
function number(field, value, id, change, say) {
  const input = document.createElement("input");
  Object.assign(input, {
    type: "text",
    inputMode: "decimal",
    id,
    value: choice(value),
    className: "number",
    autocomplete: "off",
  });
  if (field.name === "seed") input.value = String(value);
  input.onchange = () => {
    const typed = Number(input.value.trim().replace(",", ".") || NaN);
    const whole = field.type.includes("float") || Number.isInteger(typed);
    if (!Number.isFinite(typed) || !whole || typed < field.minimum || typed > field.maximum)
      say(`${readable(field.name)} must be ${limits(field)}, not “${input.value}”`);
    else {
      say("");
      change(typed);
    }
  };
  return input;
}

/** @param {any} field @param {number} value @param {string} id @param {(value: number) => void} change @param {(words: string) => void} say */
function range(field, value, id, change, say) {
  const place = slider(field);
  const typed = number(
    field,
    value,
    id,
    (v) => {
      bar.value = String(place.to(v));
      change(v);
    },
    say,
  );
  const bar = document.createElement("input");
  Object.assign(bar, { type: "range", min: "0", max: "1000", step: "1", value: String(place.to(value)) });
  if (!field.type.includes("float") && field.scale !== "log") {
    Object.assign(bar, { step: String(1000 / (field.maximum - field.minimum)) });
    bar.value = String(place.to(value));
  }
  bar.setAttribute("aria-label", `${readable(field.name)}: ${field.help}`);
  bar.oninput = () => {
    const v = place.from(Number(bar.value));
    typed.value = choice(v);
    say("");
    change(v);
  };
  return [bar, typed];
}

/** A number, or nothing. @param {any} field @param {number | null} value @param {string} id @param {(value: number | null) => void} change @param {(words: string) => void} say */
function optional(field, value, id, change, say) {
  const input = number(field, value ?? 0, id, change, say);
  input.value = value === null ? "" : choice(value);
  input.placeholder = "none";
  const typed = /** @type {() => void} */ (input.onchange);
  input.onchange = () => {
    if (input.value.trim()) typed.call(input);
    else {
      say("");
      change(null);
    }
  };
  return input;
}

/** Sizes such as "28, 28, 1", or a number, or nothing where that is allowed. @param {any} field @param {any} value @param {string} id @param {(value: any) => void} change @param {(words: string) => void} say */
function text(field, value, id, change, say) {
  const input = document.createElement("input");
  const optional = field.type.includes("null");
  Object.assign(input, {
    type: "text",
    id,
    className: "number",
    value: value === null ? "" : [value].flat().join(", "),
    placeholder: optional ? "auto" : "",
    autocomplete: "off",
  });
  input.onchange = () => {
    const parts = input.value
      .split(/[\s,x×]+/)
      .filter(Boolean)
      .map(Number);
    if (!parts.length && optional) {
      say("");
      change(null);
    } else if (!parts.length || parts.some((n) => !Number.isInteger(n) || n < field.minimum || n > field.maximum))
      say(
        `${readable(field.name)} must be whole numbers from ${field.minimum} to ${field.maximum}, not “${input.value}”`,
      );
    else {
      say("");
      change(parts.length === 1 && field.type.includes("int") ? parts[0] : parts);
    }
  };
  return input;
}
