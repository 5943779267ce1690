/** What a person orders meets a run's last step: nobody is to blame, and nothing that was chosen is lost. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Session } from "../../../frontend/session.js";
import { Store } from "../../../frontend/state/store.js";
import { catalog } from "../catalog.js";

Object.assign(globalThis, {
  window: globalThis,
  document: { body: { dataset: {} } },
  sessionStorage: { getItem: () => null, setItem: () => {} },
});

/** @type {string[]} */
let told = [];
/** @type {[string, string, any][]} */
let asked = [];

/** A page on which a run trains that ended a moment ago, which nobody has told the page. @param {string} status */
function pageOn(status) {
  const store = new Store(catalog());
  store.chosen = store.defaultsOf("spiral");
  const run = { id: "r", status: "running", step: 90, steps: 100, revision: 1, speed: null, layers: [] };
  const { speed, ...configuration } = structuredClone(store.chosen);
  store.run = /** @type {any} */ ({ ...run, speed, configuration });
  const there = { ...store.run, status, step: 100, revision: 2 };
  globalThis.fetch = async (path, how) => {
    const [way, where] = [how?.method ?? "GET", String(path).replace("/api/runs/r", "")];
    const sent = JSON.parse(String(how?.body ?? "null"));
    asked.push([way, where, sent]);
    if (way === "GET") return new Response(JSON.stringify(there));
    const isRefused = where ? where !== "/resume" : !sent.steps;
    if (isRefused) return new Response(JSON.stringify({ error: { message: "the run is over" } }), { status: 409 });
    return new Response(JSON.stringify({ ...there, revision: there.revision++, steps: sent?.steps ?? 100 }));
  };
  const page = {
    say: (/** @type {string} */ words) => words && told.push(`banner: ${words}`),
    failed: (/** @type {Error} */ error) => told.push(`failed: ${error.message}`),
    tell: (/** @type {string} */ words) => told.push(words),
    forgive: () => {},
    address: () => {},
  };
  return { store, session: new Session(store, /** @type {any} */ ({}), /** @type {any} */ (page)) };
}

beforeEach(() => {
  told = [];
  asked = [];
});

test("a choice that comes after the last step is kept, and taken over when the run trains further", async () => {
  const { store, session } = pageOn("finished");
  store.chosen.optimizer.learning_rate = 0.5;
  session.tune({ optimizer: { learning_rate: 0.5 } });
  await session.lastOrder;
  assert.deepEqual(told, [
    "The run has just finished. Kept for when it trains further, or the next run: learning rate 0.5.",
  ]);
  assert.equal(store.run?.status, "finished");
  assert.equal(store.chosen.optimizer.learning_rate, 0.5);
  await session.orders.further();
  const changes = asked.filter(([way]) => way === "PATCH").map(([, , sent]) => sent);
  assert.deepEqual(changes.at(-1), { optimizer: { learning_rate: 0.5 }, steps: 200 });
  assert.deepEqual(told.slice(1), []);
});

test("a run that diverged as it was changed leaves the choice to the next one", async () => {
  const { store, session } = pageOn("diverged");
  store.chosen.batch_size = 7;
  session.shown.changed = true;
  await session.order(() => session.shown.takeOver());
  assert.deepEqual(told, ["The run has just diverged. Kept for the next run: batch size 7."]);
});

test("pause and stop that come after the last step have nothing to do", async () => {
  for (const order of /** @type {const} */ (["train", "stop"])) {
    const { store, session } = pageOn("finished");
    await session.orders[order]();
    assert.deepEqual([store.run?.status, told], ["finished", []]);
  }
});

test("a refusal of a run that has not ended stands", async () => {
  const { store, session } = pageOn("running");
  store.chosen.optimizer.learning_rate = 0.5;
  session.tune({ optimizer: { learning_rate: 0.5 } });
  await session.lastOrder;
  assert.deepEqual(told, ["failed: the run is over"]);
});
