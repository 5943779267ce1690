/** Parts that join the page late hear how it is, and none of the deeds before they came. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../../frontend/state/store.js";

test("who joins late hears once what lasts, as it was told last, and the others hear nothing again", () => {
  const store = new Store();
  /** @type {string[]} */
  const heard = [];
  store.on("news", (before) => heard.push(`early news ${before}`));
  store.emit("catalog");
  store.emit("run");
  store.emit("news", "queued");
  store.emit("news", "running");
  store.emit("undo");
  heard.length = 0;
  const made = store.join(() => {
    for (const what of /** @type {const} */ (["undo", "news", "run", "catalog", "lesson"]))
      store.on(what, (detail) => heard.push([what, ...(detail ? [detail] : [])].join(" ")));
    return "parts";
  });
  assert.equal(made, "parts");
  assert.deepEqual(heard, ["catalog", "run", "news running"]);
  store.emit("undo");
  assert.deepEqual(heard.slice(3), ["undo"]);
});
