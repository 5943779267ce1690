/** What the engine itself says: the catalog that the page gets, and whatever else is asked from it. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const PYTHON = existsSync(".venv/bin/python") ? ".venv/bin/python" : "python3";
const SAY = "import json; from engine.training.catalog import catalog; print(json.dumps(catalog()))";

/** Let a program of the engine read this and say something as JSON. @param {string} program @param {string} [input] */
export const asPython = (program, input = "") =>
  JSON.parse(execFileSync(PYTHON, ["-c", program], { encoding: "utf8", input }));

/** @type {import("../../frontend/state/types.js").Catalog | undefined} */
let said;

/** Give a catalog of one's own, to be changed at will; the engine is asked once. */
export const catalog = () => {
  said ??= /** @type {import("../../frontend/state/types.js").Catalog} */ (asPython(SAY));
  return structuredClone(said);
};
