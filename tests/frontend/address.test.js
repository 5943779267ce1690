/** Addresses: every task and preset survives being written into one and read from it. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { Store } from "../../frontend/state/store.js";
import { readURL, writeURL } from "../../frontend/state/url.js";

const PYTHON = existsSync(".venv/bin/python") ? ".venv/bin/python" : "python3";
const CATALOG = "import json; from engine.training.catalog import catalog; print(json.dumps(catalog()))";

test("every configuration survives its address", () => {
  const store = new Store();
  store.catalog = JSON.parse(execFileSync(PYTHON, ["-c", CATALOG], { encoding: "utf8" }));
  assert.ok(store.catalog.tasks.length > 10);
  for (const task of store.catalog.tasks) {
    for (const title of ["", ...Object.keys(task.presets)]) {
      const chosen = store.defaultsOf(task.name, task.presets[title] ?? {});
      const url = writeURL(chosen, store.defaultsOf(task.name), store.catalog, "abc");
      const read = readURL(url, store.catalog, (/** @type {string} */ name) => store.defaultsOf(name));
      assert.equal(writeURL(read.chosen, store.defaultsOf(task.name), store.catalog, read.run), url);
      assert.deepEqual(read.unknown, []);
      assert.ok(url.length <= 400, url);
      if (!title) assert.equal(url, `?task=${task.name}&run=abc`);
    }
  }
});
