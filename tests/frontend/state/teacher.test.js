/** A visitor sees what the teacher shows, and may look at another run until the teacher goes on to another. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { followTeacher } from "../../../frontend/session/teacher.js";

const tab = new Map();
const storage = { getItem: (/** @type {string} */ key) => tab.get(key) ?? null, setItem: tab.set.bind(tab) };

/** A visitor's page on a run. @param {string} id */
function pageOn(id) {
  const store = new Happenings();
  const shown = {
    store: Object.assign(store, { run: { id, status: "finished" }, lost: null }),
    adopt: (/** @type {any} */ run) => {
      shown.store.run = run;
      store.emit("run");
    },
    orders: { areWaiting: () => false },
  };
  return /** @type {any} */ (shown);
}

class Happenings {
  /** @type {(() => void)[]} */
  heard = [];
  on(/** @type {string} */ _, /** @type {() => void} */ hear) {
    this.heard.push(hear);
  }
  emit(/** @type {string} */ _) {
    for (const hear of this.heard) hear();
  }
}

let newest = "a";

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { window: globalThis, document: { hidden: false, addEventListener: () => {} } });
  globalThis.fetch = async () => new Response(JSON.stringify([{ id: newest, status: "finished" }]));
  newest = "a";
  tab.clear();
});
afterEach(() => mock.timers.reset());

/** What is shown when it was asked once more. @param {any} shown */
async function seen(shown) {
  mock.timers.tick(20_000);
  for (let i = 0; i < 50; i++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  return shown.store.run.id;
}

test("what a visitor opened stays until the teacher shows another run", async () => {
  const shown = pageOn("a");
  followTeacher(shown, storage);
  assert.equal(await seen(shown), "a");
  shown.adopt({ id: "old", status: "finished" }); // from the table of runs
  assert.equal(await seen(shown), "old");
  assert.equal(await seen(shown), "old");
  newest = "b";
  assert.equal(await seen(shown), "b");
});

test("it outlasts a reload, and a link to an older run does not stand in the way of the teacher's", async () => {
  const linked = pageOn("linked");
  followTeacher(linked, storage);
  assert.equal(await seen(linked), "a");
  linked.adopt({ id: "old", status: "finished" });
  const reloaded = pageOn("old");
  followTeacher(reloaded, storage);
  assert.equal(await seen(reloaded), "old");
  newest = "b";
  assert.equal(await seen(reloaded), "b");
  const again = pageOn("linked");
  followTeacher(again, storage);
  assert.equal(await seen(again), "b");
});
