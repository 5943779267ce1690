/** The list of runs beside the curves: every run keeps its colour, whatever the server says at which moment. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RunList } from "../../../frontend/panels/run_list.js";
import { listRows, listRunGroups } from "../../../frontend/server/run_table.js";

/**
 * The list after it has read some runs, and what was said of how many there are.
 * @param {string[]} ids the newest first @param {number} total
 */
async function listAfter(ids, total) {
  const answer = (/** @type {unknown} */ said) => new Response(JSON.stringify(said));
  globalThis.fetch = async (path) =>
    String(path).includes("columns=") ? answer({ total }) : answer(ids.map((id) => ({ id })));
  const list = Object.assign(Object.create(RunList.prototype), { store: { run: null }, asked: 0, show: () => {} });
  await list.refresh();
  return { first: list.first, runs: list.runs.map((/** @type {{id: string}} */ { id }) => id) };
}

test("a run has the place that it was made at, counted from the first", async () => {
  assert.deepEqual(await listAfter(["c", "b"], 3), { first: 1, runs: ["b", "c"] });
});

test("a run that took its first step between the two answers is counted among those that were read", async () => {
  assert.deepEqual(await listAfter(["b", "a"], 1), { first: 0, runs: ["a", "b"] });
});

test("with a filter the page says in which time zone its days are", async () => {
  /** @type {(string | null)[]} */
  const zones = [];
  globalThis.fetch = async (path) => {
    zones.push(new URL(String(path), "http://here").searchParams.get("zone"));
    return new Response("[]");
  };
  await listRows({ columns: ["id"], filter: "created > 2026-07-01" });
  await listRunGroups("task", "created > 2026-07-01");
  await listRows({ columns: ["id"] });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  assert.deepEqual(zones, [zone, zone, null]);
});
