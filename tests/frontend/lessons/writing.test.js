/** A lesson as it is written: settings that differ from the defaults, as TOML, and packed into an address. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromAddress, toAddress } from "../../../frontend/lesson/address.js";
import { NO_GOAL, readWhere } from "../../../frontend/lesson/forms.js";
import { goalWords, verdictWords } from "../../../frontend/lesson/goal.js";
import { lessonText, settingsOf, toToml } from "../../../frontend/lesson/writing.js";
import { asPython } from "../catalog.js";

const GOAL = {
  metric: "test_accuracy",
  value: null,
  cause: null,
  at_least: 0.95,
  at_most: null,
  above: null,
  below: null,
  within: 1000,
  after: null,
  neurons: 3,
  where: {},
};

test("values are written as TOML, and what is null is left out", () => {
  assert.equal(toToml('a "b"\n\\'), '"a \\"b\\"\\n\\\\"');
  assert.equal(toToml([1, 0.5, true]), "[1, 0.5, true]");
  assert.equal(toToml({ a: null, b: 1, "c.d": "x" }), '{b = 1, "c.d" = "x"}');
  assert.equal(toToml(1e-7), "1e-7");
});

test("only what is not as in the task's defaults is a setting", () => {
  const defaults = {
    task: "xor",
    data: { noise: 0.1, points: 300 },
    network: [{ layer: "Dense", units: null }],
    steps: 9,
  };
  const chosen = structuredClone(defaults);
  assert.deepEqual(settingsOf(/** @type {any} */ (chosen), /** @type {any} */ (defaults)), { task: "xor" });
  chosen.data.noise = 0.3;
  chosen.network.unshift({ layer: "Tanh", units: null });
  assert.deepEqual(settingsOf(/** @type {any} */ (chosen), /** @type {any} */ (defaults)), {
    task: "xor",
    data: { noise: 0.3 },
    network: [{ layer: "Tanh" }, { layer: "Dense" }],
  });
});

test("a lesson is written between fences, step by step", () => {
  const step = { title: "One", text: "Look.", settings: { task: "xor" }, hide: [], lock: ["data"], question: null };
  const lesson = { title: "T", summary: "S", minutes: 5, steps: [{ ...step, goal: GOAL }] };
  assert.equal(
    lessonText(lesson),
    '+++\ntitle = "T"\nsummary = "S"\nminutes = 5\n+++\n+++\ntitle = "One"\nlock = ["data"]\n' +
      'goal = {metric = "test_accuracy", at_least = 0.95, within = 1000, neurons = 3}\n\n[settings]\ntask = "xor"\n' +
      "+++\nLook.\n",
  );
});

test("all that a lesson can say is read by the server as it was written", () => {
  const question = { ask: "Why?", choices: ["a", "b"], answer: 2, tolerance: 0, curve: null, because: 'of "b"' };
  const sketch = { ...question, choices: [], answer: null, curve: "test_loss" };
  const number = { ...question, choices: [], answer: 3, tolerance: 0.5 };
  const step = { title: "One", text: "Look.", settings: { task: "xor" }, hide: ["runs"], lock: ["data"] };
  const where = readWhere('optimizer.name = SGD\nbatch_size = 5\n\nnone\ndata.one_batch = true\nloss.name="7"');
  assert.deepEqual(where, { "optimizer.name": "SGD", batch_size: 5, "data.one_batch": true, "loss.name": "7" });
  const lesson = {
    title: "T",
    summary: "S",
    minutes: 5,
    steps: [
      { ...step, question, goal: { ...GOAL, where, after: 3 } },
      { ...step, question: sketch, goal: { ...NO_GOAL, metric: "loss", below: 1 } },
      { ...step, question: number, goal: { ...NO_GOAL, cause: "overfitting" } },
      { ...step, question: null, goal: { ...NO_GOAL, value: "optimizer.learning_rate", at_least: 0.5 } },
    ],
  };
  const read = asPython(
    "import json, sys; from server.lessons.lesson_file import read_lesson; " +
      "print(json.dumps(read_lesson(sys.stdin.read()).as_dict()))",
    lessonText(lesson),
  );
  assert.deepEqual(read, lesson);
});

test("an address carries a lesson, and one that was cut carries none that can be read", async () => {
  const text = `+++\ntitle = "Über 100 %"\n+++\n${"text ".repeat(200)}`;
  const hash = await toAddress(text);
  assert.match(hash, /^#lesson=[\w-]+$/);
  assert.ok(hash.length < 200);
  assert.equal(await fromAddress(hash), text);
  assert.equal(await fromAddress("#picture"), null);
  assert.equal(await fromAddress("#lesson=%%%"), "");
});

test("a goal and how far one is from it are said in words", () => {
  assert.equal(goalWords(GOAL), "test accuracy at least 95 % within 1,000 steps with at most 3 hidden neurons");
  assert.equal(
    goalWords({ ...GOAL, metric: null, cause: "overfitting", within: null, neurons: null }),
    "the doctor finds “overfitting”",
  );
  assert.equal(verdictWords(GOAL, { reached: 420, words: "", best: 0.96 }), "Reached at step 420.");
  assert.equal(verdictWords(GOAL, { reached: null, words: "", best: 0.5 }), "Best so far: 50 %.");
  assert.equal(verdictWords(GOAL, { reached: null, words: "Too many.", best: 0.5 }), "Too many.");
});
