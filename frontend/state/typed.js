/**
 * Numbers as a person types them. A comma and a point mean different things in different languages, so:
 *
 * 1. Spaces and apostrophes stand between thousands, in groups of three: "2 000" is 2000.
 * 2. A mark that cannot stand between thousands is a decimal mark in every language: "0,02" and "1.5".
 * 3. Two kinds of marks, or one several times, say themselves which is which: "1.234,5" and "1,000,000".
 * 4. One mark before three digits can be both. It is read as the person's language has it ("2,000" is 2000 in English
 *    and 2 in German), and as this page writes numbers itself: a comma between the thousands of whole numbers, a point
 *    before decimals; and nobody writes decimals where a whole number is asked. Where the field allows one of these
 *    readings, it is taken; where it allows two, the text is refused, with both.
 */

import { isWhole, readable } from "./catalog.js";
import { count } from "./numbers.js";

/** @import {Field} from "./types.js" */

/**
 * How a text can be read: with decimals, with marks between thousands, or both; `mark` where there is one of them.
 * @typedef {{decimal?: number, thousands?: number, mark?: string}} Readings
 */

/** The decimal mark of a language, a comma or a point. @param {string} language */
export function decimalMark(language) {
  try {
    const parts = new Intl.NumberFormat(language).formatToParts(0.5);
    return parts.some(({ type, value }) => type === "decimal" && value === ",") ? "," : ".";
  } catch {
    return "."; // a language that the browser does not know
  }
}

/** The decimal mark of the person who looks at the page. */
export const ownMark = () => decimalMark(globalThis.navigator?.language ?? "en");

const NUMBER = /^([+-]?)(\d{1,3}(?:[ ']\d{3})+(?:[.,]\d*)?|[\d.,]+)(?:e([+-]?\d{1,3}))?$/i;
const MILLIONS = /^\d{1,3}([.,])\d{2,3}(?:\1\d{2,3})*\1\d{3}$/; // groups of two are Indian
const BOTH_MARKS = /^\d{1,3}(?:,\d{3})+\.\d*$|^\d{1,3}(?:\.\d{3})+,\d*$/;

/** Read a text in the ways that its form allows. @param {string} text @returns {Readings} */
export function readings(text) {
  const plain = text.normalize("NFKC").trim().replace("−", "-").replaceAll("’", "'");
  const [, sign, written, exponent = "0"] = NUMBER.exec(plain) ?? [];
  if (!written || !/\d/.test(written)) return {};
  const value = (/** @type {string} */ digits) => Number(`${sign}${digits}e${exponent}`);
  const digits = written.replace(/[ ']/g, "");
  const marks = digits.replace(/\d/g, "");
  if (marks.length === 0) return { decimal: value(digits) };
  const thousands = value(digits.replace(/[.,]/g, ""));
  if (marks.length > 1) {
    if (MILLIONS.test(digits)) return { thousands };
    const at = Math.max(digits.lastIndexOf(","), digits.lastIndexOf("."));
    const whole = digits.slice(0, at).replace(/[.,]/g, "");
    return BOTH_MARKS.test(digits) ? { decimal: value(`${whole}.${digits.slice(at + 1)}`), mark: digits[at] } : {};
  }
  const decimal = value(digits.replace(",", "."));
  return /^[1-9]\d{0,2}[.,]\d{3}$/.test(written) ? { decimal, thousands, mark: marks } : { decimal, mark: marks };
}

/** @param {Field} field @param {number | undefined} v */
const allows = (field, v) =>
  v !== undefined &&
  (isWhole(field) ? Number.isSafeInteger(v) : Number.isFinite(v)) &&
  v >= (field.minimum ?? -Infinity) &&
  v <= (field.maximum ?? Infinity);

/**
 * Understand what was typed into a field as it was meant; where that is not possible, `words` say why.
 * @param {string} text @param {Field} field @param {string} mark the decimal mark of the person's language
 * @returns {{value: number, words: ""} | {value: null, words: string}}
 */
export function understand(text, field, mark) {
  const read = readings(text);
  const whole = isWhole(field);
  const canBeBoth = read.decimal !== undefined && read.thousands !== undefined;
  const candidates = canBeBoth ? meanings(read, whole, mark) : [read.decimal ?? read.thousands];
  const [value, other] = [...new Set(candidates)].filter((v) => allows(field, v));
  const isOdd = whole && !canBeBoth && read.mark !== undefined && read.mark !== mark && !/e/i.test(text); // as "2,00"
  if (value !== undefined && other === undefined && !isOdd) return { value, words: "" };
  const name = readable(field.name);
  if (canBeBoth && (allows(field, read.decimal) || allows(field, read.thousands)))
    return {
      value: null,
      words: `${name}: “${text}” can be ${read.decimal} or ${read.thousands}; write it without “${read.mark}”`,
    };
  const kind = whole ? "a whole number" : "a number";
  return {
    value: null,
    words: `${name} must be ${kind} from ${limit(field.minimum)} to ${limit(field.maximum)}, not “${text}”`,
  };
}

/**
 * What one mark before three digits can mean here.
 * @param {Readings} read @param {boolean} whole @param {string} mark the decimal mark of the person's language
 */
function meanings({ decimal, thousands, mark: written }, whole, mark) {
  const inLanguage = written === mark ? decimal : thousands;
  if (whole) return [inLanguage, thousands];
  return written === "." ? [inLanguage, decimal] : [inLanguage];
}

/** A limit as words have it. @param {number} v */
const limit = (v) => (Number.isInteger(v) && Math.abs(v) < 1e15 ? count(v) : String(v));

/**
 * Understand a list: "28, 28, 1", "1; 0.5", "7 × 7". A comma with nothing after it but a digit is a decimal mark where
 * other signs already part the numbers of a list that may have decimals.
 * @param {string} text @param {Field} field @param {string} mark the decimal mark of the person's language
 * @returns {{values: number[], words: ""} | {values: null, words: string}}
 */
export function understandList(text, field, mark) {
  const whole = isWhole(field) && !field.type.includes("numbers");
  const name = readable(field.name);
  const parts = text.split(/,\s+|[\s;x×]+/i).filter(Boolean);
  const commas = parts.filter((part) => part.includes(",")).length;
  const parted = parts.length > 1 || /\./.test(text) || text.split(",").length > 2;
  if (!whole && commas && mark === "," && !parted) {
    const [one, two] = text.trim().split(",");
    return {
      values: null,
      words: `${name}: “${text}” can be ${one}.${two}, or ${one} and ${two}; part numbers by spaces`,
    };
  }
  const decimals = !whole && commas && parts.length > 1 && !text.includes(".");
  const numbers = decimals ? parts.map((part) => part.replace(",", ".")) : parts.flatMap((part) => part.split(","));
  const values = numbers.map((part) => (/^0\d/.test(part) ? NaN : (readings(part).decimal ?? NaN)));
  const asked = /** @type {Field} */ ({ ...field, type: whole ? "int" : "float" });
  if (values.length && values.every((v) => allows(asked, v))) return { values, words: "" };
  const kind = whole ? "whole numbers" : "numbers";
  return {
    values: null,
    words: `${name} must be ${kind} from ${limit(field.minimum)} to ${limit(field.maximum)}, not “${text}”`,
  };
}

/**
 * Write a number into a field as it would be typed: all of its digits, with commas between the thousands of a whole
 * number where the person's language has them so.
 * @param {number} v @param {boolean} whole @param {string} mark the decimal mark of the person's language
 */
export function typedForm(v, whole, mark) {
  if (whole) return mark === "." ? count(v) : String(v);
  const plain = Number(v.toPrecision(12));
  return plain !== 0 && Math.abs(plain) < 1e-4 ? plain.toExponential() : String(plain);
}
