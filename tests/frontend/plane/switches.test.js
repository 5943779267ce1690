/** How the plane is looked at: kept in the address, and colours in steps. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { byteOf, inSteps, readSeen, switchesOf, writeSeen } from "../../../frontend/pictures/plane/switches.js";
import { Store } from "../../../frontend/state/store.js";

test("what is seen survives its address, and is as usual where that says nothing", () => {
  for (const hasTest of [true, false])
    for (const steps of [true, false])
      assert.deepEqual(readSeen(writeSeen({ test: hasTest, steps })), { test: hasTest, steps });
  assert.equal(writeSeen({ test: true, steps: false }), "");
  assert.deepEqual(readSeen(null), { test: true, steps: false });
  assert.deepEqual(readSeen("nonsense"), { test: true, steps: false });
});

test("a switch says what it does, and tells that pictures are looked at in another way", async () => {
  const store = new Store();
  let told = 0;
  store.on("seen", () => told++);
  const [[, words, act]] = switchesOf(store);
  assert.equal(words, "Hide test points");
  await act();
  assert.deepEqual([store.seen.test, told, switchesOf(store)[0][1]], [false, 1, "Show test points"]);
});

test("in steps there are nine colours, that of 0 among them, and the ends keep theirs", () => {
  const plain = new Uint8ClampedArray(4 * 256).map((_, i) => i >> 2);
  const found = inSteps(plain);
  assert.equal(new Set(found).size, 9);
  for (const [height, limit] of [
    [0, 2],
    [2, 2],
    [-2, 2],
    [5, 2],
  ]) {
    const at = 4 * byteOf(height, limit);
    assert.equal(found[at], plain[at]);
  }
});
