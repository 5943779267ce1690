/**
 * The lines of the table: read page by page as far as they are looked at, renewed in their places, folded in
 * groups.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines } from "../../../frontend/runs/lines.js";
import { Pages } from "../../../frontend/runs/pages.js";

/** @typedef {{id: string, loss: number, sweep: string | null}} Run */

/** A server with some runs; what it was asked for stands in `asked`. @param {Run[]} runs */
function serverOf(runs) {
  const server = {
    runs,
    revision: 1,
    /** @type {any[]} */
    asked: [],
    ask: async (/** @type {any} */ query) => {
      server.asked.push(query);
      if (query.unless === server.revision) return null;
      const { filter = "", order = "", offset = 0, limit = 1000 } = query;
      const sweep = /sweep = (\w+)/.exec(filter)?.[1];
      const all = server.runs.filter((run) =>
        filter.includes("not has") ? !run.sweep : !sweep || run.sweep === sweep,
      );
      if (order === "-loss") all.sort((a, b) => b.loss - a.loss);
      const page = all.slice(offset, offset + limit);
      const columns = { id: page.map(({ id }) => id), loss: page.map(({ loss }) => loss) };
      return { total: all.length, offset, revision: server.revision, columns };
    },
  };
  return server;
}

/** @param {number} n @returns {Run[]} */
const runsOf = (n) => Array.from({ length: n }, (_, k) => ({ id: `r${k}`, loss: n - k, sweep: k % 2 ? "odd" : null }));
const WHAT = { columns: ["loss"], filter: "", order: "" };
const fail = (/** @type {unknown} */ error) => assert.fail(String(error));

test("lines that wait are drawn and looked at before the first rows are here, which are asked for once", async () => {
  const server = serverOf(runsOf(250));
  const lines = new Lines(server.ask, () => {}, fail);
  const shown = lines.show(WHAT, "", []);
  assert.ok(lines.length > 0 && !lines.isKnown);
  assert.equal(lines.at(0)?.row, undefined);
  assert.equal(lines.total, 0);
  lines.look(0, 20);
  await shown;
  assert.equal(lines.length, 250);
  assert.equal(lines.at(20)?.row?.id, "r20");
  assert.equal(server.asked.length, 1);
  const away = new Lines(
    () => Promise.reject(new Error("away")),
    () => {},
    fail,
  );
  await assert.rejects(away.show(WHAT, "", []), /away/);
  assert.equal(away.isKnown, false);
});

test("of 10,000 only what is looked at is asked for", async () => {
  const server = serverOf(runsOf(10_000));
  const pages = new Pages(server.ask, () => {});
  await pages.again();
  assert.equal(pages.total, 10_000);
  await pages.look(5_050, 5_090);
  assert.equal(pages.row(5_060)?.id, "r5060");
  assert.equal(pages.row(2_000), undefined);
  assert.deepEqual(
    server.asked.map(({ offset, limit }) => [offset, limit]),
    [
      [0, 100],
      [5_000, 100],
    ],
  );
  await pages.look(5_095, 5_105); // on the edge of two pages, of which one is here
  assert.equal(server.asked.at(-1).offset, 5_100);
  await pages.look(5_000, 5_050);
  assert.equal(server.asked.length, 3);
});

test("what is new is asked for by its revision, and rows stay where they are read", async () => {
  const server = serverOf(runsOf(5));
  let changes = 0;
  const lines = new Lines(server.ask, () => changes++, fail);
  await lines.show({ ...WHAT, order: "-loss" }, "", []);
  changes = 0;
  assert.equal(await lines.renew(), false);
  assert.equal(changes, 0);
  server.runs = server.runs.map((run) => (run.id === "r4" ? { ...run, loss: 99 } : run)); // first by now
  server.revision++;
  assert.equal(await lines.renew(), true);
  const ids = () => Array.from({ length: lines.length }, (_, i) => lines.at(i)?.row?.id);
  assert.deepEqual(ids(), ["r0", "r1", "r2", "r3", "r4"]);
  assert.equal(lines.at(4)?.row?.loss, 99);
  assert.equal(lines.isOutOfOrder, true);
  await lines.show({ ...WHAT, order: "-loss" }, "", []);
  assert.deepEqual([ids()[0], lines.isOutOfOrder], ["r4", false]);
  server.runs = server.runs.filter(({ id }) => id !== "r1");
  server.revision++;
  await lines.renew();
  assert.deepEqual(ids(), ["r4", "r0", "r2", "r3"]);
});

test("a wrong filter leaves the lines as they were", async () => {
  const server = serverOf(runsOf(3));
  const ask = async (/** @type {any} */ query) => {
    if (query.filter === "wrong") throw new Error("no");
    return server.ask(query);
  };
  const lines = new Lines(ask, () => {}, fail);
  await lines.show(WHAT, "", []);
  await assert.rejects(lines.show({ ...WHAT, filter: "wrong" }, "", []));
  assert.deepEqual([lines.length, lines.what.filter, lines.at(2)?.row?.id], [3, "", "r2"]);
  assert.equal(await lines.renew(), false);
});

test("groups are folded, opened one by one, and counted by the server", async () => {
  const server = serverOf(runsOf(6));
  const lines = new Lines(server.ask, () => {}, fail);
  const group = (/** @type {string | null} */ value) => ({
    value,
    title: value ?? "none",
    count: 3,
    best: 1,
    goal: /** @type {const} */ ("up"),
  });
  await lines.show(WHAT, "sweep", [group("odd"), group(null)]);
  assert.deepEqual([lines.length, lines.total, server.asked.length], [2, 6, 0]);
  lines.fold(lines.sections[1]);
  lines.look(0, 10);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(lines.length, 5);
  assert.deepEqual(
    server.asked.map(({ filter }) => filter),
    ["not has sweep"],
  );
  assert.deepEqual([lines.at(1)?.k, lines.at(2)?.row?.id, lines.lineOf("r4")], [-1, "r0", 4]);
  lines.fold(lines.sections[0]);
  assert.deepEqual(await lines.ids(0, 7), ["r1", "r3", "r5", "r0", "r2", "r4"]);
  lines.regroup([{ ...group("even"), count: 1 }, group("odd"), group(null)]);
  assert.deepEqual([lines.length, lines.sections[2].isOpen, lines.lineOf("r4")], [9, true, 8]);
});
