/** A visitor sees what the teacher shows, and may look at another run until the teacher goes on to another. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { followTeacher } from "../../../frontend/session/teacher.js";

test("what a visitor opened stays until the teacher shows another run", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { window: globalThis, document: { hidden: false, addEventListener: () => {} } });
  let newest = "a";
  globalThis.fetch = async () => new Response(JSON.stringify([{ id: newest, status: "finished" }]));
  const store = { run: { id: "a", status: "finished" }, lost: null };
  const adopt = (/** @type {any} */ run) => {
    store.run = run;
  };
  const shown = /** @type {any} */ ({ store, adopt, orders: { areWaiting: () => false } });
  /** What is shown when it was asked once more. */
  const seen = async () => {
    mock.timers.tick(20_000);
    for (let i = 0; i < 50; i++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    return store.run.id;
  };
  followTeacher(shown);
  assert.equal(await seen(), "a");
  store.run = { id: "old", status: "finished" }; // from the table of runs
  assert.equal(await seen(), "old");
  assert.equal(await seen(), "old");
  newest = "b";
  assert.equal(await seen(), "b");
  mock.timers.reset();
});
