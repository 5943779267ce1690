/** How the runs are looked at: in an address and back, sorted by several, moved, and what is selected. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "../../../frontend/runs/csv.js";
import { Deletions } from "../../../frontend/runs/deletions.js";
import { Selection } from "../../../frontend/runs/selection.js";
import {
  keepView,
  keptView,
  moved,
  plainView,
  readView,
  sorted,
  usualColumns,
  writeView,
} from "../../../frontend/runs/view.js";

/** @import {RunColumn} from "../../../frontend/server/run_table.js" */

/** A browser's storage. @param {string} [text] */
const storage = (text) => {
  let kept = text ?? null;
  return {
    getItem: () => kept,
    setItem: (/** @type {string} */ _, /** @type {string} */ value) => {
      kept = value;
    },
  };
};

const VIEW = {
  filter: 'optimizer = Adam and tag = "a b"',
  columns: ["name", "optimizer.learning_rate"],
  widths: { name: 20.5 },
  order: "-result,name",
  group: "sweep",
};

test("an address says all of it, and what it does not know is as usual", () => {
  assert.deepEqual(readView(new URLSearchParams(writeView(VIEW))), VIEW);
  assert.deepEqual(writeView(plainView()), { runs: "" });
  assert.equal(readView(new URLSearchParams("task=xor")), null);
  const odd = readView(new URLSearchParams("runs=&runs.group=seed&runs.widths=a:9999,b:x,c:8&runs.columns=,a,a"));
  assert.deepEqual(odd, { ...plainView(), columns: ["a"], widths: { c: 8 } });
});

test("a browser keeps it, but not the filter", () => {
  const own = storage();
  keepView(own, VIEW);
  assert.deepEqual(keptView(own), { ...VIEW, filter: "" });
  for (const text of ["no JSON", "[]", '{"columns": 3, "widths": {"a": "wide"}, "order": 5}'])
    assert.deepEqual(keptView(storage(text)), plainView());
});

test("a head sorts, turns and lets go; with Shift after the others", () => {
  assert.equal(sorted("", "loss", true, false), "-loss");
  assert.equal(sorted("-loss", "loss", true, false), "loss");
  assert.equal(sorted("loss", "loss", true, false), "");
  assert.equal(sorted("-loss", "name", false, true), "-loss,name");
  assert.equal(sorted("-loss,name", "loss", true, true), "loss,name");
  assert.equal(sorted("loss,name", "loss", true, true), "name");
  assert.equal(sorted("-loss,name", "task", false, false), "task");
});

test("a column goes to another place, never out of the list", () => {
  assert.deepEqual(moved(["a", "b", "c"], "a", 1), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], "c", -5), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], "a", 9), ["b", "c", "a"]);
});

test("who chose no columns sees what differs", () => {
  const column = (/** @type {string} */ name, /** @type {RunColumn["group"]} */ group, differs = true) =>
    /** @type {RunColumn} */ ({ name, title: name, group, kind: "text", values: [], differs });
  const all = [
    column("name", "about"),
    column("title", "about", false),
    column("result", "scores"),
    column("seed", "settings", false),
    ...["a", "b", "c", "d"].map((name) => column(name, "settings")),
  ];
  assert.deepEqual(usualColumns(all), ["name", "result", "a", "b", "c"]);
});

test("some are selected, or all that match but some", () => {
  const selection = new Selection();
  selection.take(["a", "b"]);
  selection.toggle("b");
  assert.deepEqual([selection.has("a"), selection.has("b"), selection.count(10)], [true, false, 1]);
  selection.takeAll();
  selection.toggle("c");
  assert.deepEqual([selection.has("a"), selection.has("c"), selection.count(10)], [true, false, 9]);
  selection.take(["c"], true);
  assert.equal(selection.count(10), 10);
  selection.take(["d"]);
  assert.deepEqual([selection.all, selection.count(10)], [false, 1]);
});

test("deletions are remembered until they are over, also those of a version before", () => {
  let now = 0;
  const deletions = new Deletions(storage('[{"id": "a", "words": "old", "until": 50}]'), () => now);
  deletions.add({ ids: ["b", "c"], words: "2 runs", until: 100 });
  assert.deepEqual(
    deletions.all.map(({ ids }) => ids),
    [["b", "c"], ["a"]],
  );
  now = 60;
  assert.deepEqual(deletions.all, [{ ids: ["b", "c"], words: "2 runs", until: 100 }]);
  deletions.remove(deletions.all[0]);
  assert.deepEqual(deletions.all, []);
});

test("a table as text has its quotes, and no formula of somebody else", () => {
  const rows = [
    { id: "a", name: '=HYPERLINK("x")', note: "one, two\nlines", loss: -0.5, tags: ["x", "y"], ok: true },
    { id: "b", name: null, note: "", loss: null, tags: null, ok: false },
  ];
  assert.equal(
    csv(["id", "name", "note", "loss", "tags", "ok"], rows),
    'id,name,note,loss,tags,ok\r\na,"\'=HYPERLINK(""x"")","one, two\nlines",-0.5,"x, y",true\r\nb,,,,,false\r\n',
  );
});

test("what is gone is selected no more, and no exception from all", () => {
  let told = 0;
  const selection = new Selection(() => told++);
  selection.take(["a", "b", "c"]);
  selection.keep(["c", "d", "a"]);
  selection.keep(["a", "c"]);
  assert.deepEqual([[...selection.ids], told], [["a", "c"], 2]);
  selection.takeAll();
  selection.toggle("a");
  selection.keep(["b", "c"]);
  assert.equal(selection.count(2), 2);
});
