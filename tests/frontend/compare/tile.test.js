/** A tile's picture comes later where it could not be fetched. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Tile } from "../../../frontend/compare/tile.js";

test("a picture that nobody could see, or that did not come, is due until it is drawn", async () => {
  const page = { hidden: true };
  Object.assign(globalThis, { document: page });
  let isGone = true;
  let drawn = 0;
  const history = {
    steps: [100],
    refresh: async () => {
      if (isGone) throw new TypeError("no server");
    },
    pictures: async () => new Map([["field", {}]]),
  };
  const tile = Object.assign(Object.create(Tile.prototype), {
    run: { step: 100 },
    shown: -1,
    fetching: false,
    isDue: false,
    history,
    card: { asked: "field", draw: () => drawn++ },
    element: { isConnected: true },
  });
  await tile.draw();
  assert.ok(tile.isDue);
  page.hidden = false;
  await tile.draw();
  assert.ok(tile.isDue);
  isGone = false;
  await tile.draw();
  assert.ok(!tile.isDue);
  assert.equal(drawn, 1);
});
