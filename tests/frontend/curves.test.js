/** Curves: rows without gaps, thinning that loses no spike, averages, and names and flags laid out readably. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { laidOut, smoothed, spread, thin, wrapped } from "../../frontend/charts/line_chart.js";
import { chartsOf, curvesOf } from "../../frontend/charts/metrics.js";
import { described, chartOf as drawnOf, heights, placesOf } from "../../frontend/doctor/experiment_chart.js";
import { Store } from "../../frontend/state/store.js";

/** @import {Outcome} from "../../frontend/state/types.js" */

const COLUMNS = ["loss", "test_loss", "accuracy", "test_accuracy"];

test("thinning keeps every spike and the newest row", () => {
  const x = Array.from({ length: 100_000 }, (_, i) => i);
  /** @type {(number | null)[]} */
  const y = x.map((i) => Math.sin(i / 5000));
  [y[31415], y[27182], y[500]] = [99, -99, null];
  const thinned = thin(x, y);
  assert.ok(thinned.x.length <= 1100);
  assert.equal(Math.max(...thinned.y.map(Number)), 99);
  assert.equal(Math.min(...thinned.y.map(Number)), -99);
  assert.equal(thinned.x.at(-1), 99_999);
  const steps = thinned.x.map(Number);
  assert.ok(steps.every((v, i) => !i || v > steps[i - 1]));
});

test("a chart is there because a column names it", () => {
  const column = (/** @type {string} */ name, /** @type {string | null} */ chart, share = false) => ({
    name,
    title: name,
    chart,
    test: false,
    share,
  });
  const charts = chartsOf([
    column("step", null),
    column("loss", "loss"),
    column("accuracy", "accuracy", true),
    column("penalty", "loss"),
    column("norm", "gradient norm"),
  ]);
  assert.deepEqual(charts, [
    { name: "loss", title: "Loss", scale: "log" },
    { name: "accuracy", title: "Accuracy", scale: "share" },
    { name: "gradient norm", title: "Gradient norm", scale: "log" },
  ]);
});

test("a penalty is a curve of its own where a regularizer asks one, and no curve at nothing where none does", () => {
  const colours = {
    document: { documentElement: { dataset: {} } },
    getComputedStyle: () => ({ getPropertyValue: () => "" }),
  };
  Object.assign(globalThis, colours);
  const columns = ["loss", "test_loss", "penalty"].map((name) => ({
    name,
    title: name.replace("_", " "),
    chart: "loss",
    test: name === "test_loss",
    share: false,
  }));
  const [chart] = chartsOf(columns);
  const names = (/** @type {(number | null)[]} */ penalty) =>
    curvesOf(columns, { step: [0, 1], loss: [2, 1], test_loss: [2, 1], penalty }, chart).map(({ name }) => name);
  assert.deepEqual(names([0.3, 0.2]), ["train", "test", "penalty"]);
  assert.deepEqual(names([0, 0]), ["train", "test"]);
  assert.deepEqual(names([null, null]), ["train", "test"]);
  const rate = { name: "learning_rate", title: "learning rate", chart: "learning rate", test: false, share: false };
  const [alone] = chartsOf([rate]);
  assert.deepEqual(curvesOf([rate], { step: [1], learning_rate: [0.1] }, alone)[0].name, "", "its title says it");
});

test("rows follow on each other by number, and anything else is noticed", () => {
  const columns = COLUMNS.map((name) => ({ name, title: name, chart: null, test: false, share: false }));
  const store = new Store(/** @type {any} */ ({ columns }));
  /** @param {number} since @param {number} next @param {number} from @param {number} to */
  const take = (since, next, from, to) => {
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    const rows = Object.fromEntries(["step", ...COLUMNS, "time"].map((name) => [name, [...numbers]]));
    return store.addRows({ since, next, columns: /** @type {any} */ (rows) });
  };
  assert.ok(take(0, 5, 0, 5));
  assert.ok(take(5, 20, 5, 8));
  assert.ok(!take(3, 8, 3, 8));
  assert.ok(!take(25, 28, 25, 28));
  assert.deepEqual(store.columns.loss, [0, 1, 2, 3, 4, 5, 6, 7]);
});

/** @typedef {import("../../frontend/charts/line_chart.js").LineChart} LineChart */

const widthOf = (/** @type {string} */ words) => 7 * words.length;
const ROOM = { width: 184, height: 150, size: 12, widthOf };

/**
 * @param {(number | null)[][]} columns @param {Partial<LineChart>} [more]
 * @returns {LineChart}
 */
const chartOf = (columns, more = {}) => ({
  curves: columns.map((y, k) => ({
    name: ["train", "test", "penalty", "parent"][k],
    x: y.map((_, i) => 10 * i),
    y,
    colour: "#000000",
    width: 1,
  })),
  over: "step",
  scale: "log",
  marks: [],
  ...more,
});

test("names stand at the lines' ends, right of the plot, apart and within its height", () => {
  for (const [train, test] of [
    [0.02, 0.021],
    [0.5, 0.01],
    [1, 1],
    [0.0001, 0.00011],
  ]) {
    const { words, inner, py, margin } = laidOut(
      chartOf([
        [1, train],
        [1, test],
        [1, train],
      ]),
      ROOM,
    );
    assert.deepEqual(
      words.map((w) => w.words[0]),
      ["train", "test", "penalty"],
    );
    assert.ok(words.every(({ x }) => x >= inner.width));
    assert.ok(words.every(({ y }) => y >= 0 && y <= inner.height));
    assert.ok(margin.right >= widthOf("penalty") + 5 && margin.left + inner.width + margin.right <= 184);
    const ys = words.map(({ y }) => y).sort((a, b) => a - b);
    assert.ok(ys.every((y, i) => !i || y - ys[i - 1] >= 12));
    assert.ok(Math.abs(words[0].y - py(train)) < 45, "a name is near its line");
  }
});

test("a curve that has no value any more is named at its last one, and one without any is not named", () => {
  const { words, py } = laidOut(
    chartOf([
      [1, 0.5, null],
      [null, null, null],
    ]),
    ROOM,
  );
  assert.deepEqual(
    words.map((w) => w.words[0]),
    ["train"],
  );
  assert.ok(Math.abs(words[0].y - py(0.5)) < 1);
});

test("spreading keeps order and ends, and moves nothing that has room", () => {
  assert.deepEqual(spread([10, 50, 90], 14, 0, 100), [10, 50, 90]);
  assert.deepEqual(spread([99, 98], 14, 0, 100), [100, 86]);
  assert.deepEqual(spread([1, 0, 2], 14, 0, 100), [14, 0, 28]);
});

test("a long name wraps at words and takes no more than its share", () => {
  assert.deepEqual(wrapped("Adam, learning rate 0.003", 100, widthOf), ["Adam, learning", "rate 0.003"]);
  const chart = chartOf([[1, 0.5]]);
  chart.curves[0].name = "Adam, learning rate 0.003, batch size 32";
  const { margin, inner, words } = laidOut(chart, { ...ROOM, width: 320 });
  assert.ok(margin.right < 0.36 * 320 + 10 && inner.width > 150);
  assert.ok(words[0].words.length > 1);
});

test("flags say what was changed above the plot; the newest stays where two would lie on one another", () => {
  const y = Array.from({ length: 100 }, (_, i) => 1 / (i + 1));
  const mark = (/** @type {number} */ at, /** @type {string} */ words) => ({ at, words, colour: "#000000", width: 1 });
  const marks = [mark(100, "rate 0.1"), mark(120, "rate 0.2"), mark(900, "rate 0.3"), mark(500, "")];
  const { words, px } = laidOut(chartOf([y], { marks }), { ...ROOM, width: 320 });
  const flags = words.filter((w) => w.y < 0);
  assert.deepEqual(
    flags.map((w) => w.words[0]),
    ["rate 0.3", "rate 0.2"],
  );
  assert.ok(flags.every((w) => w.x === px(w.words[0] === "rate 0.3" ? 900 : 120)));
  assert.equal(flags[0].anchor, "end", "at the end there is no room to its right");
  assert.ok(laidOut(chartOf([y]), ROOM).margin.top < laidOut(chartOf([y], { marks }), ROOM).margin.top);
});

test("where a curve leaves the axis, words say how far it goes on", () => {
  const { words, axis, px, py } = laidOut(chartOf([[1.2, 1, 1e5, 1e12, null]]), { ...ROOM, width: 300 });
  assert.deepEqual(
    words.map((w) => w.words[0]).filter((w) => w.startsWith("↑")),
    ["↑ to 10¹²"],
  );
  assert.equal(axis.beyond, 1e12);
  assert.ok(py(1) > 20, "what was before has its room");
  const said = words.find((w) => w.words[0].startsWith("↑"));
  const leaves = px(10 + (10 * axis.range[1]) / 5); // between the steps 10, with 1, and 20, with 10⁵
  assert.ok(said && Math.abs(said.x - leaves - 6) < 0.01, "beside where it leaves");
});

test("a closer look shows that part only, with a point on either side, and its own axis of values", () => {
  const y = Array.from({ length: 101 }, (_, i) => 10 ** (-i / 25));
  const { curves, axis, across } = laidOut(chartOf([y], { zoom: [800, 1000] }), ROOM);
  assert.deepEqual(
    across.map(({ words }) => words),
    ["800", "1,000 steps"],
  );
  assert.equal(curves[0].x[0], 790);
  assert.equal(curves[0].x.at(-1), 1000);
  assert.ok(axis.range[1] < -2.9, "the values are those of this part");
});

test("before the first step one place is said, and nothing breaks where there is nothing", () => {
  assert.deepEqual(laidOut(chartOf([[1.1]]), ROOM).across, [{ at: 0, words: "0 steps" }]);
  assert.ok(laidOut(chartOf([[]]), ROOM).axis.ticks.length >= 2);
  assert.ok(laidOut(chartOf([]), { ...ROOM, width: 20, height: 8 }).inner.height > 0);
});

test("an average begins at the first value, keeps a constant, and equals its formula", () => {
  assert.deepEqual(
    smoothed([3, 3, 3], 0.9).map((v) => Number(v).toFixed(9)),
    ["3.000000000", "3.000000000", "3.000000000"],
  );
  assert.deepEqual(smoothed([2, null, NaN], 0.9).slice(1), [null, null]);
  const y = [5, 1, 4, 2];
  const weights = y.map((_, i) => 0.8 ** (3 - i)); // the newest counts 1, each one before it 0.8 of the next
  const mean = y.reduce((sum, v, i) => sum + v * weights[i], 0) / weights.reduce((a, b) => a + b);
  assert.ok(Math.abs(Number(smoothed(y, 0.8)[3]) - mean) < 1e-12);
});

test("a layer's small curve is thinned, and begins anew with another network or an earlier step", async () => {
  Object.assign(globalThis, { document: { createElement: () => ({}) } });
  const { Past } = await import("../../frontend/pictures/layers/statistics.js");
  const past = new Past();
  const at = (/** @type {number} */ step) => ({ dead: [NaN, 0.5], gradient: [step, 2 * step], ratio: [0.1, 0.2] });
  for (let step = 0; step < 1000; step++) past.add("run Dense", step, at(step));
  assert.ok(past.steps.length <= 201 && past.steps.length > 90);
  assert.equal(past.steps[0], 0);
  assert.ok(Number(past.steps.at(-1)) >= 998);
  assert.deepEqual(
    past.of("gradient", 1),
    past.steps.map((step) => 2 * step),
  );
  const before = past.steps.length;
  past.add("run Dense", /** @type {number} */ (past.steps.at(-1)), at(0));
  assert.equal(past.steps.length, before, "a picture that is drawn again is no new one");
  past.add("run Dense", 5, at(5));
  assert.deepEqual(past.steps, [5]);
  past.add("run Dense, Dense", 6, at(6));
  assert.deepEqual(past.steps, [6]);
});

const OF_EXPERIMENT = { line: "blue", other: "orange", ink: "black", grid: "grey", accent: "violet", paper: "white" };

/** @param {Partial<Outcome>} parts @returns {Outcome} */
const outcome = (parts) => ({
  kind: "note",
  experiment: "find the rate",
  statements: [],
  steps: 100,
  evidence: {},
  across: "learning rate",
  lines: [
    { name: "loss of each step", x: [1e-7, 1e-4, 1e-2, 1], y: [1, 0.9, 0.5, 90] },
    { name: "smoothed", x: [1e-7, 1e-4, 1e-2, 1], y: [1, 0.95, 0.6, 40] },
    { name: "each rate for itself", x: [0.01, 0.0216, 0.0464], y: [0.4, 0.2, 0.3] },
  ],
  marks: { steepest: 0.001, valley: 0.1, suggestion: 0.022 },
  layers: [],
  suggestion: 0.022,
  ...parts,
});

test("a loss that explodes leaves the picture, and what was before it can be seen", () => {
  assert.deepEqual(heights(outcome({}), true), { type: "linear", range: [0, 1.25] });
  const calm = outcome({ lines: outcome({}).lines.map((line) => ({ ...line, y: line.y.map(() => 0.5) })) });
  assert.deepEqual(heights(calm, true), { type: "linear", range: [0, 0.525] });
});

test("a loss that falls far is drawn on a logarithmic axis, another from zero on", () => {
  const steps = (/** @type {number[]} */ y) =>
    outcome({ across: "step", lines: [{ name: "loss", x: y.map((_, i) => i), y }] });
  assert.equal(heights(steps([1, 0.001]), false).type, "log");
  assert.equal(heights(steps([1, 0.001, 0]), false).type, "log");
  assert.deepEqual(heights(steps([1, 0.5]), false), { type: "linear", rangemode: "tozero" });
});

test("the suggestion is marked at the rate that was tried, and the chosen rate only where it is in the picture", () => {
  const { traces, layout } = drawnOf(outcome({}), 0.005, OF_EXPERIMENT);
  const best = traces.at(-1);
  assert.deepEqual([best?.name, best?.x, best?.y], ["suggestion", [0.0216], [0.2]]);
  assert.equal(layout.xaxis.type, "log");
  const words = layout.annotations.map(({ text }) => text);
  assert.deepEqual(words, ["steepest 0.001", "chosen 0.005", "<b>try 0.022</b>", "valley 0.1"]);
  assert.equal(new Set(layout.annotations.map(({ y }) => y)).size, 4, "each stands in a row of its own");
  assert.deepEqual(
    layout.annotations.map(({ x }) => Math.round(10 * x) / 10),
    [-3, -2.3, -1.7, -1],
  );
  assert.equal(placesOf(outcome({}), 50, OF_EXPERIMENT).length, 3);
  assert.equal(placesOf(outcome({}), null, OF_EXPERIMENT).length, 3);
  const none = drawnOf(outcome({ suggestion: null, marks: {} }), null, OF_EXPERIMENT);
  assert.equal(none.traces.length, 3);
});

test("steps are drawn as curves with a name and a dash of their own", () => {
  const lines = ["with its inputs", "with empty inputs"].map((name, i) => ({ name, x: [1, 2], y: [1, 1 - i / 2] }));
  const { traces, layout } = drawnOf(
    outcome({ across: "step", lines, suggestion: null, marks: {} }),
    null,
    OF_EXPERIMENT,
  );
  assert.deepEqual(
    traces.map(({ name }) => name),
    ["with its inputs", "with empty inputs"],
  );
  assert.notDeepEqual(traces[0], { ...traces[1], name: traces[0].name, y: traces[0].y }, "one is dashed");
  assert.deepEqual([layout.shapes, layout.xaxis.type], [[], "linear"]);
});

test("who does not see the chart is told its lines and places", () => {
  assert.equal(
    described(outcome({})),
    "Loss over the learning rate. loss of each step: from 1 to 90; smoothed: from 1 to 40; " +
      "each rate for itself: from 0.4 to 0.3; steepest at 0.001; valley at 0.1; suggestion at 0.022.",
  );
});
