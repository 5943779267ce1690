/** What the engine itself says: the catalog that the page gets, and whatever else is asked from it. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const PYTHON = existsSync(".venv/bin/python") ? ".venv/bin/python" : "python3";
const SAY = "import json; from engine.training.catalog import catalog; print(json.dumps(catalog()))";

/** Let a program of the engine read this and say something as JSON. @param {string} program @param {string} [input] */
export const asPython = (program, input = "") =>
  JSON.parse(execFileSync(PYTHON, ["-c", program], { encoding: "utf8", input }));

/** @returns {import("../../frontend/state/types.js").Catalog} */
export const catalog = () => asPython(SAY);
