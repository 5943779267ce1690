/** When a run counts as learned, and what is said of it. */

import assert from "node:assert/strict";
import test from "node:test";
import { pitchOf } from "../../frontend/charts/tones.js";
import { findingOf } from "../../frontend/panels/headline.js";
import { learnedWords, Progress, wellWords } from "../../frontend/state/progress.js";
import { explained, limitsOf, placeOf, sentence } from "../../frontend/ui/explanation.js";
import { catalog } from "./catalog.js";

/** @import {Run} from "../../frontend/state/types.js" */

const all = catalog();
const task = (/** @type {string} */ name) => /** @type {any} */ (all.tasks.find((one) => one.name === name));
const spiral = task("spiral");

/** @param {(number | null)[]} tested @param {(number | null)[]} [trained] */
const rows = (tested, trained = tested) => ({
  step: tested.map((_, i) => 20 * i),
  time: tested.map(() => 0),
  test_accuracy: tested,
  accuracy: trained,
  test_loss: tested.map((v) => v && 1 - v),
  loss: tested.map((v) => v && 1 - v),
});

test("a run is learned when it reaches the goal, and until it is clearly worse", () => {
  const stages = (/** @type {number[]} */ ...values) =>
    values.map((_, i) => new Progress(spiral.goal).upTo(rows(values.slice(0, i + 1))));
  assert.deepEqual(stages(0.33, 0.7, 0.93, 0.98, 0.95, 0.979, 0.92, 0.7), [
    "begun",
    "begun",
    "well",
    "learned",
    "learned",
    "learned",
    "well",
    "begun",
  ]);
});

test("a loss has to be small", () => {
  const { goal } = task("sine");
  const of = (/** @type {number[]} */ ...losses) =>
    new Progress(goal).upTo({ step: losses.map((_, i) => i), time: [], test_loss: losses, loss: losses });
  assert.deepEqual(
    [of(0.5), of(0.5, 0.05), of(0.5, 0.01), of(0.5, 0.01, 0.014), of(0.5, 0.01, 0.3)],
    ["begun", "well", "learned", "learned", "begun"],
  );
});

test("rows that come later are added to what was seen, and looking back starts again", () => {
  const progress = new Progress(spiral.goal);
  const columns = rows([0.3, 0.5, 0.99, 0.99]);
  assert.equal(progress.upTo(columns), "learned");
  assert.equal(progress.upTo(columns, 25), "begun");
  assert.equal(progress.upTo(columns, 40), "learned");
  columns.step.push(80);
  columns.test_accuracy.push(0.4);
  assert.equal(progress.upTo(columns), "begun");
});

test("without test data the training data count, and the sentence says so", () => {
  const columns = rows([null, null], [0.3, 0.99]);
  assert.equal(new Progress(spiral.goal).upTo(columns), "learned");
  assert.equal(
    learnedWords(spiral.goal, { test_accuracy: null, accuracy: 0.99 }, { arms: 3 }),
    "The boundary has folded around the three arms: 99.0 % of points it trained on are right.",
  );
  assert.equal(
    learnedWords(spiral.goal, { test_accuracy: 0.9933, accuracy: 1 }, { arms: 5 }),
    "The boundary has folded around the five arms: 99.3 % of points it never saw are right.",
  );
});

const orders = { train() {}, further() {}, apply() {}, live() {}, found() {} };
const run = (/** @type {Partial<Run>} */ said) =>
  /** @type {Run} */ (
    /** @type {any} */ ({
      step: 40,
      steps: 100,
      waiting: 0,
      best_step: null,
      error: null,
      configuration: { data: { arms: 3 } },
      ...said,
    })
  );
const row = { step: 40, loss: 0.5, test_loss: 0.5, accuracy: 0.7, test_accuracy: 0.81 };
const finding = (/** @type {Partial<Run>} */ said, /** @type {any} */ stage = "begun", /** @type {any} */ at = null) =>
  findingOf({ run: run(said), task: spiral, row, stage, at }, orders);

test("every state of a run has a finding of its own, short enough for two lines", () => {
  const found = [
    finding({ status: "paused", step: 0 }),
    finding({ status: "paused" }),
    finding({ status: "queued", waiting: 3 }),
    finding({ status: "queued" }),
    finding({ status: "running" }),
    finding({ status: "running" }, "well"),
    finding({ status: "running" }, "learned"),
    finding({ status: "finished" }),
    finding({ status: "finished" }, "well"),
    finding({ status: "finished", best_step: 60 }),
    finding({ status: "stopped" }),
    finding({ status: "diverged" }, "learned"),
    finding({ status: "failed", error: "there is no memory for it" }),
    finding({ status: "interrupted" }),
    finding({ status: "running" }, "learned", 20),
    findingOf({ run: null, task: spiral, row: {}, stage: "begun", at: null }, orders),
  ];
  assert.deepEqual(
    found.map(({ kind, name }) => `${kind} ${name}`),
    [
      "note Ready",
      "note Paused",
      "note Waiting",
      "note Waiting",
      "note Learning",
      "good Learning well",
      "good Learned",
      "note Finished",
      "good Finished",
      "note Finished",
      "note Stopped",
      "ill It diverged",
      "ill It failed",
      "caution Interrupted",
      "note Looking back",
      "note Getting ready",
    ],
  );
  for (const { name, sentence: said, acts, isFound } of found) {
    assert.ok(!isFound, "nothing but the page's own states");
    assert.ok(name.split(" ").length <= 4, name);
    assert.match(said, /^[A-Z0-9].*\.$/);
    assert.ok(said.length <= 90, `${said.length} ${said}`);
    assert.ok(acts.length <= 2);
  }
  assert.equal(found[0].sentence, spiral.summary, "the hint, while it is true");
  assert.equal(found[1].sentence, "Step 40: test accuracy 81.0 %. Go on, take one step, or turn a knob.");
  assert.equal(found[5].sentence, "Test accuracy 81.0 %, on the way to 98 %.", "nothing that is not reached yet");
  assert.equal(wellWords(task("sine").goal, { test_loss: 0.22 }), "Test loss 0.220, on the way to 0.01.");
  assert.equal(wellWords(task("sine").goal, { test_loss: null, loss: 0.22 }), "Loss 0.220, on the way to 0.01.");
  assert.match(found[2].sentence, /number 3 in line/);
  assert.match(found[11].sentence, /^In step 41 /);
});

test("a term is found where the catalog says it, and nothing else is", () => {
  assert.equal(explained(all, "terms/step")?.formula, "θ ← θ − η ∂L/∂θ");
  assert.equal(explained(all, "pictures/decision boundary")?.title, "Decision boundary");
  assert.equal(explained(all, "layers/Dense")?.formula, "y = x W + b");
  const units = explained(all, "layers/Dense/units");
  assert.deepEqual(
    [units?.title, units?.help, units?.limits],
    ["Units", "How many outputs.", "A whole number from 1 to 4,096."],
  );
  assert.deepEqual(units?.lines, ["layers", "Dense"]);
  assert.equal(explained(all, "tasks/spiral/noise")?.limits, "A number from 0 to 0.5.");
  assert.equal(explained(all, "tasks/spiral")?.title, "Spiral");
  assert.equal(explained(all, "run/batch_size")?.title, "Batch size");
  assert.equal(explained(all, "terms/replay")?.lines, null);
  for (const wrong of ["", "terms", "terms/nothing", "layers/Dense/nothing", "version/0", "limits/upload", "run/x"])
    assert.equal(explained(all, wrong), null, wrong);
});

test("whatever is in the catalog has a complete explanation", () => {
  const kinds = /** @type {const} */ (["tasks", "layers", "optimizers", "schedules", "losses", "regularizers"]);
  const terms = [
    ...all.terms.map(({ name }) => `terms/${name}`),
    ...all.pictures.map(({ name }) => `pictures/${name}`),
    ...all.initializers.map(({ name }) => `initializers/${name}`),
    ...all.run.map(({ name }) => `run/${name}`),
    ...kinds.flatMap((kind) =>
      all[kind].flatMap(({ name, fields }) => [
        ...(kind === "tasks" ? [] : [`${kind}/${name}`]),
        ...fields.map((field) => `${kind}/${name}/${field.name}`),
      ]),
    ),
  ];
  assert.ok(terms.length > 300);
  for (const term of terms) {
    const said = explained(all, term);
    assert.ok(said, term);
    for (const words of [said.help, said.advice]) assert.match(words, /^[A-Z0-9‖].*[.?]$/, term);
    assert.match(said.title, /^[A-Za-z]/, term);
  }
});

test("a phrase becomes a sentence, and limits are said in words", () => {
  assert.equal(sentence("how far one step goes (η)"), "How far one step goes (η).");
  const field = /** @type {any} */ ({ type: "int", among: [], unit: "pixels", minimum: 1, maximum: null });
  assert.equal(limitsOf(field), "A whole number of at least 1 pixels.");
  assert.equal(limitsOf({ ...field, among: ["same", "valid"] }), "One of: same, valid.");
  assert.equal(limitsOf({ ...field, type: "bool", minimum: null }), "");
});

test("what is chosen leads to its place in the catalog", () => {
  const chosen = /** @type {any} */ ({
    task: "spiral",
    network: [
      { layer: "Dense", units: 3 },
      { layer: "Residual", layers: [{ layer: "Tanh" }, { layer: "Dropout", rate: 0.5 }] },
    ],
    optimizer: { name: "Adam" },
    regularizer: null,
    schedule: { name: "Cosine" },
  });
  const places = {
    "data.noise": "tasks/spiral/noise",
    "network.0": "layers/Dense",
    "network.0.units": "layers/Dense/units",
    "network.1.layers.1": "layers/Dropout",
    "network.1.layers.1.rate": "layers/Dropout/rate",
    "network.7.units": "layers/undefined/units",
    "optimizer.name": "optimizers/Adam",
    "optimizer.beta1": "optimizers/Adam/beta1",
    "regularizer.name": "terms/regularizer",
    batch_size: "run/batch_size",
  };
  for (const [path, place] of Object.entries(places)) {
    assert.equal(placeOf(chosen, path), place);
    assert.equal(explained(all, place) === null, path === "network.7.units", path);
  }
});

test("a tone is as high as the loss is large", () => {
  assert.equal(pitchOf(1.1, 1.1), 660);
  assert.equal(Math.round(/** @type {number} */ (pitchOf(0.11, 1.1))), Math.round(660 / 2 ** 1.2));
  assert.equal(pitchOf(1e-9, 1), 110);
  assert.equal(pitchOf(1e9, 1), 1760);
  for (const nothing of [null, undefined, 0, Number.NaN]) assert.equal(pitchOf(nothing, 1), null);
});
