/** What the doctor found, as the page shows it: what is said, without flicker, where, and what a remedy changes. */

import assert from "node:assert/strict";
import test from "node:test";
import { knobsOf } from "../../frontend/doctor/evidence.js";
import { beginnings, Diagnosis, findingsAt, firstOf, Steady } from "../../frontend/doctor/findings.js";
import { applied, changed } from "../../frontend/doctor/remedies.js";
import { NAMES, nameOf, SHARES, told } from "../../frontend/doctor/why.js";
import { findingOf } from "../../frontend/panels/headline.js";
import { stageOf } from "../../frontend/pictures/stages.js";
import { Store } from "../../frontend/state/store.js";
import { asPython, catalog } from "./catalog.js";

/** @import {Finding, Run} from "../../frontend/state/types.js" */

/** @param {Partial<Finding>} said @returns {Finding} */
const finding = (said = {}) => ({
  cause: "step too large",
  title: "Steps too large",
  kind: "ill",
  layer: null,
  since: 100,
  sentence: "Each step changes the weights by 12 %; about 0.1 % is usual",
  evidence: { ratio: 0.12 },
  remedies: [
    { title: "Try a third of the rate", changes: { optimizer: { learning_rate: 0.33 } } },
    { title: "Try a tenth of the rate", changes: { optimizer: { learning_rate: 0.1 } } },
    { title: "Clip", changes: { clip_norm: 1 } },
  ],
  picture: "learning_rate",
  ...said,
});
/** @param {{shown?: Finding | null, finding?: Finding | null}} holder */
const held = (holder) => holder.shown ?? holder.finding ?? null;
const silent = finding({ cause: "dead units", title: "Silent neurons", layer: 1 });
const learned = finding({ cause: "learned", title: "It has learned this", kind: "good", remedies: [] });
const all = catalog();
const task = /** @type {any} */ (all.tasks.find(({ name }) => name === "spiral"));

/** @param {Partial<Run>} said @returns {Run} */
const run = (said) =>
  /** @type {any} */ ({ step: 400, steps: 900, best_step: null, configuration: { data: { arms: 3 } }, ...said });

/**
 * @param {Partial<Run>} said @param {Finding | null} found @param {any} [stage] @param {number | null} [at]
 * @param {any} [orders]
 */
const statement = (said, found, stage = "begun", at = null, orders = {}) =>
  findingOf({ run: run(said), task, row: { loss: 1 }, stage, at, finding: found }, orders);

test("what is ill is said while it trains and when it has ended, with two remedies", () => {
  /** @type {any[]} */
  const applied = [];
  const orders = { apply: (/** @type {any} */ ...what) => applied.push(what) };
  for (const status of /** @type {const} */ (["running", "paused", "finished", "stopped", "diverged"])) {
    const said = statement({ status }, finding(), "well", null, orders);
    assert.deepEqual([said.kind, said.name, said.isFound], ["ill", "Steps too large", true], status);
    assert.equal(said.sentence, "Each step changes the weights by 12 %; about 0.1 % is usual.");
    assert.deepEqual(
      said.acts.map(({ title }) => title),
      ["Try a third of the rate", "Try a tenth of the rate"],
    );
    said.acts[1].act();
    assert.equal(applied.at(-1)[1], 1);
  }
  for (const status of /** @type {const} */ (["queued", "failed", "interrupted"]))
    assert.ok(!statement({ status }, finding()).isFound, status);
  const own = statement({ status: "running" }, learned, "learned");
  assert.deepEqual([own.name, own.isFound], ["Learned", false], "the task says it better");
  assert.equal(statement({ status: "diverged" }, null).name, "It diverged", "a run that no doctor has seen");
});

test("the hint of the task is said only while nothing is ill", () => {
  assert.equal(statement({ status: "running" }, null).sentence, task.summary);
  assert.notEqual(statement({ status: "running" }, finding()).sentence, task.summary);
  assert.equal(statement({ status: "running" }, learned).name, "It has learned this");
  const ready = statement({ status: "paused", step: 0 }, finding({ cause: "linear stack", since: 0 }));
  assert.notEqual(ready.sentence, task.summary);
});

test("looking back it says what was found then", () => {
  const found = [
    { step: 0, findings: [] },
    { step: 120, findings: [finding()] },
    { step: 300, findings: [silent, finding()] },
    { step: 500, findings: [learned] },
  ];
  assert.deepEqual(
    [0, 119, 120, 299, 300, 600].map((step) => firstOf(findingsAt(found, step))?.cause),
    [undefined, undefined, "step too large", "step too large", "dead units", "learned"],
  );
  assert.deepEqual(
    beginnings(found).map(({ step, finding: { cause } }) => [step, cause]),
    [
      [100, "step too large"],
      [100, "dead units"],
    ],
  );
  const past = statement({ status: "running" }, finding(), "begun", 130);
  assert.equal(past.sentence, "Step 130: Each step changes the weights by 12 %; about 0.1 % is usual.");
  assert.deepEqual(
    past.acts.map(({ title }) => title),
    ["Back to now"],
  );
  assert.equal(statement({ status: "running" }, null, "begun", 130).name, "Looking back");
});

test("what comes and goes in a moment is never shown", () => {
  const steady = new Steady(700);
  assert.equal(steady.take(finding(), 0), 700);
  assert.equal(steady.shown, null);
  steady.take(null, 400);
  assert.equal(steady.take(finding(), 500), 700, "it begins anew");
  assert.equal(steady.take(finding(), 1100), 100);
  const newer = finding({ sentence: "by 13 %" });
  assert.equal(steady.take(newer, 1200), 0);
  assert.equal(steady.shown, newer);
  for (const [at, found] of /** @type {[number, Finding | null][]} */ ([
    [1300, null],
    [1900, finding()],
    [2000, null],
    [2600, silent],
    [2650, finding()],
  ]))
    steady.take(found, at);
  assert.equal(held(steady)?.cause, "step too large", "it was never gone for long");
  steady.take(finding({ sentence: "by 14 %" }), 2700);
  assert.equal(held(steady)?.sentence, "by 14 %", "its numbers are new at once");
  steady.take(null, 2800, true);
  assert.equal(steady.shown, null, "a run that has ended flickers no more");
});

test("the store holds what is shown: now, or where one looks back", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  const pass = (/** @type {number} */ time) => {
    now += time;
    t.mock.timers.tick(time);
  };
  const store = new Store(all, store0());
  new Diagnosis(store, () => now);
  let heard = 0;
  store.on("finding", () => heard++);
  store.run = run({ status: "running" });
  store.emit("run");
  store.addFindings({ step: 120, findings: [finding()] });
  assert.equal(store.finding, null);
  pass(800);
  assert.equal(held(store)?.cause, "step too large", "nothing else happened, and it is shown");
  store.addFindings({ step: 300, findings: [silent] });
  store.addFindings({ step: 310, findings: [finding()] });
  pass(800);
  assert.equal(heard, 2, "its numbers changed");
  store.look(60);
  assert.equal(store.finding, null);
  store.look(305);
  assert.equal(held(store)?.cause, "dead units");
  store.look(null);
  assert.equal(held(store)?.cause, "step too large");
  store.run = run({ status: "diverged" });
  store.addFindings({ step: 320, findings: [finding({ cause: "not finite" })] });
  assert.equal(held(store)?.cause, "not finite", "at once");
  store.found = [];
  store.emit("run");
  assert.equal(store.finding, null, "another run");
});

const store0 = () => /** @type {any} */ ({ task: "spiral", network: [], data: {} });

test("a remedy says what it changes, before and after", () => {
  const dense = (/** @type {number} */ units, initializer = "xavier") => ({ layer: "Dense", units, initializer });
  const configuration = /** @type {any} */ ({
    network: [dense(12), { layer: "Tanh" }, dense(12), { layer: "Softmax" }],
    optimizer: { name: "SGD", learning_rate: 10, momentum: 0 },
    regularizer: { name: "L2", strength: 10 },
    clip_norm: null,
    batch_size: 300,
  });
  const said = (/** @type {Record<string, any>} */ changes) => changed(configuration, changes);
  assert.deepEqual(said({ optimizer: { learning_rate: 3.33 } }), ["learning rate 10 → 3.33"]);
  assert.deepEqual(said({ "optimizer.learning_rate": 1 }), ["learning rate 10 → 1"]);
  assert.deepEqual(said({ clip_norm: 1, regularizer: { strength: 0.1 } }), ["strength 10 → 0.1", "clip norm none → 1"]);
  assert.deepEqual(said({ regularizer: null }), ["regularizer L2 → none"]);
  assert.deepEqual(said({ optimizer: { name: "Adam", learning_rate: 0.01 } }), ["optimizer SGD → Adam"]);
  assert.deepEqual(applied(configuration, { optimizer: { name: "Adam", learning_rate: 0.01 } }).optimizer, {
    name: "Adam",
    learning_rate: 0.01,
  });
  const { network } = configuration;
  assert.deepEqual(said({ network: network.slice(0, 3) }), ["no Softmax, layer 4"]);
  assert.deepEqual(said({ network: [network[0], { layer: "BatchNorm" }, ...network.slice(1)] }), [
    "BatchNorm after layer 1",
  ]);
  assert.deepEqual(said({ network: [dense(12, "he"), { layer: "ReLU" }, ...network.slice(2)] }), [
    "initializer xavier → he, layer 1",
    "Tanh → ReLU, layer 2",
  ]);
  assert.deepEqual(said({ "network.2.initializer": "he" }), ["initializer xavier → he, layer 3"]);
  const deep = { ...configuration, network: [dense(9), { layer: "Tanh" }, dense(9), { layer: "Tanh" }, dense(3)] };
  const [norm, relu] = [{ layer: "BatchNorm" }, { layer: "ReLU" }];
  assert.deepEqual(
    changed(deep, { network: [dense(9, "he"), norm, relu, dense(9, "he"), norm, relu, dense(3, "he")] }),
    ["initializer xavier → he, layers 1, 3 and 5", "Tanh → BatchNorm, ReLU, layers 2 and 4"],
  );
  assert.deepEqual(changed(deep, { network: [dense(4), relu, dense(4), relu, ...deep.network] }), [
    "Dense 4, ReLU, Dense 4, ReLU before layer 1",
  ]);
  assert.deepEqual(configuration.network[2], dense(12), "the run's own configuration stays");
});

test("the page lays changes over a configuration as the engine does", () => {
  const network = [{ layer: "Dense", units: 4 }, { layer: "Tanh" }, { layer: "Dense" }];
  const configuration = {
    network,
    optimizer: { name: "SGD", learning_rate: 1, momentum: 0 },
    regularizer: null,
    seed: 1,
  };
  const changes = [
    { optimizer: { learning_rate: 0.1 } },
    { optimizer: { name: "Adam", learning_rate: 0.01 } },
    { optimizer: { name: "SGD", momentum: 0.9 } },
    { regularizer: { name: "L2", strength: 1 } },
    { optimizer: null, seed: 2, clip_norm: 1 },
    { network: network.slice(1) },
    { "network.0.units": 8, "network.2": { units: 3 } },
    { "network.1": { layer: "ReLU" } },
    { "optimizer.learning_rate": 3, data: { points: 9 } },
  ];
  const asked = `import json, sys; from engine.explain.finding import apply
configuration, changes = json.load(sys.stdin); print(json.dumps([apply(configuration, one) for one in changes]))`;
  const theirs = asPython(asked, JSON.stringify([configuration, changes]));
  assert.deepEqual(
    changes.map((one) => applied(/** @type {any} */ (configuration), one)),
    theirs,
  );
});

test("the names that evidence is known by are those that the rules give", () => {
  const rules = asPython(`import json, pathlib, engine.explain.rules as rules
print(json.dumps([p.read_text(encoding="utf-8") for p in pathlib.Path(rules.__file__).parent.glob("*.py")]))`).join();
  const unknown = [...SHARES, ...Object.keys(NAMES)].filter((name) => !rules.includes(`"${name}"`));
  assert.deepEqual(unknown, []);
});

test("evidence is written for a person, and leads to the knob and the layer", () => {
  assert.deepEqual(
    [0.12, 3, 240000.4, 1.2e-7, -0.5, [1, 0.25], "income", null].map((value) => told(value)),
    ["0.120", "3", "240,000", "1.20e−7", "−0.500", "1, 0.250", "income", "–"],
  );
  assert.deepEqual(
    [told(0.936, "change per step"), told(3.43e-5, "moved"), told(1, "share of the largest class")],
    ["93.6 %", "0.00343 %", "100 %"],
  );
  assert.equal(told(4e28), "4×10²⁸");
  assert.deepEqual(
    [nameOf("moved"), nameOf("learning_rate")],
    ["way of the weights from their first place", "learning rate"],
  );
  assert.deepEqual(knobsOf(finding()), ["optimizer.learning_rate"]);
  assert.deepEqual(knobsOf(finding({ remedies: [{ title: "", changes: { network: [], clip_norm: 1 } }] })), [
    "clip_norm",
  ]);
  assert.deepEqual(knobsOf(learned), []);
  const layers = [216, 0, 156, 0, 39].map((parameters) => ({ name: "", output_shape: [], parameters }));
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((layer) => stageOf(layers, finding({ layer }))),
    [0, 0, 1, 1, 2],
    "an activation belongs to the layer before",
  );
  assert.deepEqual([stageOf(layers, null), stageOf(layers, finding()), stageOf(layers, learned)], [-1, -1, -1]);
});
