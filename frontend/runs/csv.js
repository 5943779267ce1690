/** A table as text, as spreadsheets read it. */

/**
 * Write one value. A text that a spreadsheet would take for a formula is marked as a text: names come from others, too.
 * @param {unknown} value
 */
function field(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {string[]} names @param {Record<string, unknown>[]} rows */
export const csv = (names, rows) =>
  [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((all) => `${all.map(field).join(",")}\r\n`)
    .join("");
