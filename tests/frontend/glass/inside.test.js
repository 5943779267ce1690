/** Symbols of the layers inside a layer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { leavesOf, nameInside } from "../../../frontend/glass/kinds/composite.js";

test("a symbol of the whole belongs to one layer inside, by its prefix", () => {
  assert.equal(nameInside("0.1.A", "0.1"), "A");
  assert.equal(nameInside("d0.1.Wq", "0.1"), "dWq");
  assert.equal(nameInside("0.0.mean_d", "0.0"), "mean_d");
  for (const other of ["0.10.W", "1.1.W", "y", "dx", "d1.0.W"]) assert.equal(nameInside(other, "0.1"), null, other);
  assert.equal(nameInside("0.1.W", "0"), null); // it is the one's further inside
});

test("the layers inside are those that hold no others, with their whole prefix", () => {
  const inside = [
    {
      kind: "Residual",
      prefix: "0",
      inside: [
        { kind: "LayerNorm", prefix: "0" },
        { kind: "Dense", prefix: "1" },
      ],
    },
    { kind: "Tanh", prefix: "1", inside: null },
  ];
  assert.deepEqual(
    leavesOf(inside).map(({ kind, prefix }) => [kind, prefix]),
    [
      ["LayerNorm", "0.0"],
      ["Dense", "0.1"],
      ["Tanh", "1"],
    ],
  );
});
