/** The catalog that the page gets, asked from the engine itself. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const PYTHON = existsSync(".venv/bin/python") ? ".venv/bin/python" : "python3";
const SAY = "import json; from engine.training.catalog import catalog; print(json.dumps(catalog()))";

/** @returns {import("../../frontend/state/types.js").Catalog} */
export const catalog = () => JSON.parse(execFileSync(PYTHON, ["-c", SAY], { encoding: "utf8" }));
