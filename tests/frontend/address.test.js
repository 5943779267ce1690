/** Addresses: every task and preset survives being written into one and read from it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../frontend/state/store.js";
import { readNetwork, readURL, writeNetwork, writeURL } from "../../frontend/state/url.js";
import { catalog } from "./catalog.js";

const store = new Store(catalog());
const read = (/** @type {string} */ search) =>
  readURL(search, store.catalog, (/** @type {string} */ name) => store.defaultsOf(name));

test("every configuration survives its address", () => {
  assert.ok(store.catalog.tasks.length > 10);
  for (const task of store.catalog.tasks) {
    for (const title of ["", ...Object.keys(task.presets)]) {
      const chosen = store.defaultsOf(task.name, task.presets[title] ?? {});
      const url = writeURL(chosen, store.defaultsOf(task.name), store.catalog, "abc");
      const found = read(url);
      assert.equal(writeURL(found.chosen, store.defaultsOf(task.name), store.catalog, found.run), url);
      assert.deepEqual(found.unknown, []);
      const inside = url.includes("network=%5B"); // layers that hold layers stand there as JSON
      assert.ok(url.length <= (inside ? 1200 : 500), url);
      if (!title) assert.equal(url, `?task=${task.name}&run=abc`);
    }
  }
});

test("what cannot be understood is left out and listed, and the rest is taken", () => {
  const asked =
    "?task=circles&seed=3&data.noise=0.3&data.nothing=1&optimizer=Magic&loss.delta=2&network=Nothing(2)&speed=-1";
  const { chosen, unknown } = read(asked);
  assert.deepEqual([chosen.task, chosen.seed, chosen.data.noise], ["circles", 3, 0.3]);
  const left = ["optimizer=Magic", "data.nothing=1", "loss.delta=2", "network=Nothing(2)", "speed=-1"];
  assert.deepEqual(unknown.sort(), left.sort());
  assert.deepEqual(chosen.network, store.defaultsOf("circles").network);
  assert.deepEqual(read("?task=nothing").unknown, ["task=nothing"]);
});

test("another optimizer begins with its own values, and nothing is written of them", () => {
  const { chosen, unknown } = read("?task=xor&optimizer=SGD&optimizer.momentum=0.5&regularizer=L2&schedule=none");
  assert.deepEqual([chosen.optimizer.name, chosen.optimizer.momentum, chosen.regularizer?.name], ["SGD", 0.5, "L2"]);
  assert.deepEqual([chosen.schedule, unknown], [store.defaultsOf("xor").schedule, ["schedule=none"]]);
  assert.deepEqual(read("?optimizer=none&loss=none&regularizer=none").unknown, ["optimizer=none", "loss=none"]);
  const url = writeURL(chosen, store.defaultsOf("xor"), store.catalog, null);
  assert.ok(url.includes("optimizer=SGD&optimizer.momentum=0.5"), url);
  assert.ok(!url.includes("learning_rate"), url);
});

test("layers stand in the address by name, those with layers inside as JSON", () => {
  const layers = [{ layer: "Dense", units: 8 }, { layer: "Tanh" }, { layer: "Dense" }];
  assert.equal(writeNetwork(layers, store.catalog), "Dense(units!8)~Tanh~Dense");
  assert.deepEqual(readNetwork("Dense(units!8)~Tanh~Dense", store.catalog), layers);
  const nested = [{ layer: "Residual", layers: [{ layer: "Dense", units: 8 }] }, { layer: "Dense" }];
  assert.deepEqual(readNetwork(writeNetwork(nested, store.catalog), store.catalog), nested);
  for (const text of ["[", "[1]", "Dense(size!8)", "dense"]) assert.equal(readNetwork(text, store.catalog), null, text);
});

test("weights of classes stand in the address as numbers", () => {
  const { chosen } = read("?task=spiral&loss.class_weights=1x0.5x20&loss.label_smoothing=0.1");
  assert.deepEqual([chosen.loss.class_weights, chosen.loss.label_smoothing], [[1, 0.5, 20], 0.1]);
  const url = writeURL(chosen, store.defaultsOf("spiral"), store.catalog, null);
  assert.ok(url.includes("loss.class_weights=1x0.5x20"), url);
  assert.equal(read("?task=spiral&loss.class_weights=none").chosen.loss.class_weights, null);
});

/** What nobody should write into an address, and what persons do. */
const ODD = [
  "abc",
  "",
  " ",
  "none",
  "true",
  "-1",
  "0",
  "1e999",
  "NaN",
  "Infinity",
  "1.5",
  "0x10",
  "2,000",
  "1x2x3",
  "[]",
  "{}",
];
const ODDER = [
  "[[",
  "null",
  "undefined",
  "\u0000",
  "%",
  "💥",
  "constructor",
  "__proto__",
  "x".repeat(3000),
  "99999999999",
  "1x",
];

/** Whether a field may have a value, written here anew as the catalog means it. */
function isAllowed(/** @type {any} */ value, /** @type {any} */ field) {
  const types = field.type.split(" | ");
  const numbers = typeof value === "number" ? [value] : Array.isArray(value) ? value : [];
  const limits = numbers.every((n) => n >= (field.minimum ?? -Infinity) && n <= (field.maximum ?? Infinity));
  if (value === null) return types.includes("null");
  if (Array.isArray(value)) return limits && (types.includes("list") || types.includes("numbers"));
  if (typeof value === "number") return limits && (types.includes("float") || Number.isInteger(value));
  if (field.among.length) return field.among.includes(value);
  return types.includes({ string: "str", boolean: "bool" }[/** @type {"string"} */ (typeof value)]);
}

test("whatever stands in an address, what is read of it is allowed, and the rest is the default and named", () => {
  const { catalog } = store;
  const parts = /** @type {const} */ ([
    ["optimizer", "optimizers"],
    ["schedule", "schedules"],
    ["regularizer", "regularizers"],
    ["loss", "losses"],
  ]);
  let tried = 0;
  const check = (/** @type {string} */ search, /** @type {(chosen: any) => any} */ of, /** @type {any} */ field) => {
    for (const odd of [...ODD, ...ODDER]) {
      const { chosen, unknown } = read(`${search}=${encodeURIComponent(odd)}`);
      const value = of(chosen);
      const usual = of(read(search.slice(0, search.lastIndexOf("&"))).chosen);
      tried++;
      if (unknown.length) assert.deepEqual([unknown.length, value], [1, usual], `${search}=${odd}`);
      else assert.ok(isAllowed(value, field), `${search}=${odd} gave ${JSON.stringify(value)}`);
      writeURL(chosen, store.defaultsOf(chosen.task), catalog, null);
    }
  };
  for (const field of catalog.run) check(`?task=circles&${field.name}`, (chosen) => chosen[field.name], field);
  for (const task of catalog.tasks)
    for (const field of task.fields) check(`?task=${task.name}&data.${field.name}`, (c) => c.data[field.name], field);
  for (const [part, table] of parts)
    for (const { name, fields } of catalog[table])
      for (const field of fields)
        check(`?task=circles&${part}=${name}&${part}.${field.name}`, (chosen) => chosen[part][field.name], field);
  for (const { name, fields } of catalog.layers)
    for (const { name: field, ...about } of fields)
      for (const odd of [...ODD, ...ODDER]) {
        const nested = JSON.stringify([{ layer: "Residual", layers: [{ layer: name, [field]: odd }] }]);
        for (const network of [`${name}(${field}!${odd})`, nested]) {
          const { chosen, unknown } = read(`?task=circles&network=${encodeURIComponent(network)}`);
          tried++;
          if (unknown.length) assert.deepEqual(chosen.network, store.defaultsOf("circles").network);
          else
            for (const layer of chosen.network[0].layers ?? chosen.network)
              if (layer[field] !== undefined && !about.type.includes("layers"))
                assert.ok(isAllowed(layer[field], about), `${network} gave ${JSON.stringify(layer)}`);
        }
      }
  assert.ok(tried > 5000, String(tried));
});

test("keys that there are not are named, however they are written", () => {
  for (const key of [
    "constructor",
    "__proto__",
    "data",
    "data.",
    "data.noise.x",
    "data.__proto__",
    ".noise",
    "optimizer.name",
  ])
    for (const value of ["1", "abc", ""]) {
      const { chosen, unknown } = read(`?task=circles&${key}=${value}`);
      assert.deepEqual([unknown, chosen], [[`${key}=${value}`], store.defaultsOf("circles")], key);
    }
});

test("the inputs of a point are some of a closed list, parted by commas, for a name may hold an x", () => {
  const chosen = store.defaultsOf("circles");
  chosen.data.inputs = ["x1", "x2^2", "sin(pi*x1)"];
  const url = writeURL(chosen, store.defaultsOf("circles"), store.catalog, null);
  assert.deepEqual(read(url).chosen.data.inputs, chosen.data.inputs);
  assert.deepEqual(read("?task=circles&data.inputs=x1^2,x1*x2").chosen.data.inputs, ["x1^2", "x1*x2"]);
  for (const wrong of ["", "x3", "x1,x1", "x1xx2", "1"]) {
    const { chosen: found, unknown } = read(`?task=circles&data.inputs=${wrong}`);
    assert.deepEqual([found.data.inputs, unknown.length], [["x1", "x2"], 1], wrong);
  }
});
