/** What can be done to a layer by hand, and where in the network a part of a picture is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isFrozen } from "../../../frontend/state/catalog.js";
import { deedsOf, silencing } from "../../../frontend/touch/deeds.js";
import { placeOf } from "../../../frontend/touch/place.js";
import { catalog } from "../catalog.js";

test("a layer made of layers is frozen when all inside it are that can be", () => {
  const still = { layer: "Dense", learning_rate_scale: 0 };
  const inside = { layer: "Residual", layers: [{ layer: "Tanh" }, still] };
  assert.equal(isFrozen({ layer: "Tanh" }), false);
  assert.equal(isFrozen({ layer: "Residual", layers: [{ layer: "Tanh" }] }), false);
  assert.equal(isFrozen({ layer: "Residual", layers: [still, inside] }), true);
  assert.equal(isFrozen({ layer: "Residual", layers: [{ ...still, learning_rate_scale: 1 }, inside] }), false);
});

test("what is offered is named by what it does, and is nothing where there are no weights", () => {
  const spec = { layer: "BatchNorm", learning_rate_scale: 1 };
  const [freeze, renew] = deedsOf({ layer: 1, spec, learns: true, last: 1 });
  assert.deepEqual([freeze.words, freeze.edit], ["Freeze the layer", { do: "freeze", layer: 1, on: true }]);
  assert.deepEqual([renew.done, renew.edit], ["BatchNorm, layer 2 begins anew", { do: "renew", layer: 1 }]);
  assert.deepEqual(deedsOf({ layer: 1, spec, learns: false, last: 1 }), []);
  const speak = silencing({ layer: 0, spec, learns: true, last: 2 }, 3, true, "neuron 4");
  assert.deepEqual([speak.words, speak.edit], ["Let neuron 4 speak", { do: "silence", layer: 2, unit: 3, on: false }]);
});

test("a gate or a head is a part of its layer, and no neuron", () => {
  const network = [{ layer: "LSTM" }, { layer: "Tanh" }, { layer: "Dense" }];
  const layers = network.map(({ layer }, i) => ({
    name: layer,
    output_shape: [i === 2 ? 2 : 8],
    parameters: i === 1 ? 0 : 9,
  }));
  const run = /** @type {any} */ ({ configuration: { network }, layers });
  const place = (/** @type {object} */ picture, /** @type {number} */ unit, column = 0) =>
    placeOf(/** @type {any} */ (picture), { picture: "", column, unit, from: null }, run, catalog().layers);
  const gate = place({ view: "states", layer: 0, parts: [0, 0, 1, 2, 3, 0] }, 2);
  assert.deepEqual([gate?.layer, gate?.part, gate?.isNeuron], [0, 1, false]);
  const head = place({ view: "attention", layers: [0, 2], parts: [1, 3] }, 1);
  assert.deepEqual([head?.layer, head?.part, head?.isNeuron], [2, 3, false]);
  const columns = [{ layer: -1 }, { layer: 2, last: 2, units: 2 }, { layer: 0, last: 1, units: 8 }];
  const shapes = { "columns.1.maps": [2, 1, 1], "columns.2.maps": [1, 5, 8] };
  const neuron = place({ view: "diagram", columns, shapes }, 1, 1);
  assert.deepEqual([neuron?.layer, neuron?.part, neuron?.isNeuron], [2, 1, true]);
  assert.equal(place({ view: "diagram", columns, shapes }, 0, 2)?.isNeuron, false, "a sequence of all its neurons");
  assert.equal(place({ view: "diagram", columns, shapes }, 0, 0), null, "an input");
});
