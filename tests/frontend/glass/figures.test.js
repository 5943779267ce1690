import assert from "node:assert/strict";
import { test } from "node:test";
import { isRight, readTyped } from "../../../frontend/glass/ask.js";
import { powerFor, short, three } from "../../../frontend/glass/figures.js";
import { readPlace, writePlace } from "../../../frontend/glass/place.js";
import { stepsInFile } from "../../../frontend/server/one_step.js";
import { asPython } from "../catalog.js";

test("a number is written with the engine's three digits, whatever its size", () => {
  const numbers = [
    0,
    1,
    -1,
    0.5,
    0.1 + 0.2,
    999.4,
    999.6,
    1234,
    -98765,
    1e-4,
    9.996e-5,
    1.5e-8,
    123.456,
    1e21,
    -0.0123,
  ];
  for (let i = 0; i < 300; i++) numbers.push(Math.sin(i) * 10 ** ((i % 31) - 15));
  const program =
    "import json, sys; from engine.expression import number; " +
    "print(json.dumps([number(float(v)) for v in json.load(sys.stdin)]))";
  assert.deepEqual(numbers.map(three), asPython(program, JSON.stringify(numbers)));
  assert.equal(three(Number.NEGATIVE_INFINITY), "−∞");
  assert.equal(three(Number.NaN), "nan");
});

test("in a cell a number is short, in the unit of its matrix", () => {
  assert.equal(powerFor(0.0123), -2);
  assert.equal(powerFor(0.5), 0);
  assert.equal(powerFor(0), 0);
  assert.equal(short(-0.9138, 0), "−.91");
  assert.equal(short(-12.345, 0), "−12.3");
  assert.equal(short(0.0123, -2), "1.23");
  assert.equal(short(0, 0), "0");
  assert.equal(short(-0.004, 0), ".00", "no minus before what rounds to 0");
  assert.equal(short(-0.006, 0), "−.01");
});

test("an answer is right within one percent, in either notation", () => {
  assert.ok(isRight(0.315, 0.3136));
  assert.ok(!isRight(0.3175, 0.3136));
  assert.ok(!isRight(-0.3136, 0.3136));
  assert.ok(isRight(0, 0));
  assert.equal(readTyped(" −0,25 "), -0.25);
  assert.ok(Number.isNaN(readTyped("")));
  assert.ok(Number.isNaN(readTyped("much")));
});

test("a place in the address comes back as it was, and nonsense is left out", () => {
  const place = { step: 960, example: 17, stop: "0.forward", symbol: "0.1.Wq", index: [17, 4], level: 3 };
  assert.equal(writePlace(place), "960,17,0.forward,0.1.Wq,17x4,3");
  assert.deepEqual(readPlace(writePlace(place)), place);
  assert.deepEqual(readPlace(",,loss,loss,,"), {
    step: null,
    example: undefined,
    stop: "loss",
    symbol: "loss",
    index: [],
    level: undefined,
  });
  const odd = readPlace("x,-1,0.forward,y,1xa,9e9");
  assert.deepEqual([odd.step, odd.example, odd.index, odd.level], [null, undefined, undefined, undefined]);
});

test("a file gives what it has of its one step, and says what it does not have", async () => {
  const [walk, cell, array] = /** @type {any[]} */ ([
    { step: 5 },
    { symbol: "y", index: [2, 0], value: 1 },
    { values: [1] },
  ]);
  const parts = { walk, cells: { "0.forward y 2,0": cell }, arrays: { "0.forward y": array }, code: {} };
  const file = stepsInFile({ step: 5, example: 2, ...parts });
  assert.equal(await file.walk(null, null, null), walk);
  assert.equal(await file.cell(5, "0.forward", "y", [2, 0], 2), cell);
  assert.equal(await file.array(5, "0.forward", "y", 2, ""), array);
  assert.deepEqual(file.spots?.("0.forward"), [{ symbol: "y", index: [2, 0] }]);
  await assert.rejects(file.cell(5, "0.forward", "y", [2, 1], 2), /not in the file/);
  await assert.rejects(file.walk(5, 3, null), /not in the file/);
  await assert.rejects(file.array(5, "0.forward", "y", "all", ""), /not in the file/);
});
