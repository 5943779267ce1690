/** What a person orders meets a run's last step: nobody is to blame, and nothing that was chosen is lost. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
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
    if (way === "HEAD") return new Response(); // are the page's files there
    asked.push([way, where, sent]);
    if (way === "GET") return new Response(JSON.stringify(where.startsWith("/api/runs?") ? [there] : there));
    if (where === "/fork") return new Response(JSON.stringify({ ...there, id: "forked", revision: 1 }));
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

test("an undo that comes after the last step is kept, done again and undone like any choice", async () => {
  const { store, session } = pageOn("finished");
  const rate = () => store.chosen.optimizer.learning_rate;
  const before = session.shown.before(session.run);
  before.chosen.optimizer.learning_rate = 0.25;
  session.shown.undoing.note(before, "learning_rate");
  await session.orders.undo();
  const kept = "The run has just finished. Kept for when it trains further, or the next run: learning rate 0.25.";
  assert.deepEqual([told, rate()], [[kept], 0.25]);
  await session.orders.redo();
  assert.deepEqual([told.at(-1), rate()], ["Done again.", store.run?.configuration.optimizer.learning_rate]);
  await session.orders.undo();
  assert.deepEqual([told.at(-1), rate(), store.run?.id], ["Undone.", 0.25, "r"]);
  await session.orders.further();
  const changes = asked.filter(([way]) => way === "PATCH").map(([, , sent]) => sent);
  assert.deepEqual(changes.at(-1), { optimizer: { learning_rate: 0.25 }, steps: 200 });
});

for (const when of /** @type {const} */ (["before", "with"]))
  test(`a choice kept ${when} an edit by hand goes along with it, and is kept still when that is undone`, async () => {
    const { store, session } = pageOn("finished");
    session.shown.connection.follow = (run) => {
      store.run = run;
    };
    store.chosen.optimizer.learning_rate = 0.5;
    if (when === "before") session.tune({ optimizer: { learning_rate: 0.5 } });
    else session.shown.changed = true;
    const edits = [{ do: "set", layer: 0, parameter: "W", index: [0, 0], value: 1 }];
    await session.orders.edit(edits, "weight set", (words) => told.push(`refused: ${words}`));
    const sent = asked.find(([, where]) => where === "/fork")?.[2];
    assert.deepEqual([sent.changes, sent.edits], [{ optimizer: { learning_rate: 0.5 } }, edits]);
    assert.deepEqual([store.run?.id, asked.filter(([way, where]) => way === "POST" && !where).length], ["forked", 0]);
    await session.orders.undo();
    assert.deepEqual([store.run?.id, store.chosen.optimizer.learning_rate], ["r", 0.5]);
    await session.orders.further();
    assert.deepEqual(asked.filter(([way]) => way === "PATCH").at(-1)?.[2].optimizer, { learning_rate: 0.5 });
    assert.deepEqual(
      told.filter((words) => /^(failed|refused|banner)/.test(words)),
      [],
    );
  });

test("a choice that was kept can be undone", async () => {
  const { store, session } = pageOn("finished");
  const first = store.chosen.optimizer.learning_rate;
  store.chosen.optimizer.learning_rate = 0.5;
  session.tune({ optimizer: { learning_rate: 0.5 } });
  await session.orders.undo();
  assert.deepEqual([told.at(-1), store.chosen.optimizer.learning_rate, store.run?.id], ["Undone.", first, "r"]);
  await session.orders.redo();
  assert.deepEqual(
    [store.chosen.optimizer.learning_rate, session.shown.kept],
    [0.5, { optimizer: { learning_rate: 0.5 } }],
  );
});

test("a visitor follows the teacher as soon as that part comes, also where the server was away at first", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { store, session } = pageOn("finished");
  store.catalog.view_only = true;
  session.shown.adopt = () => {};
  const answer = globalThis.fetch;
  let away = 2;
  globalThis.fetch = async (path, how) => {
    if (how?.method === "HEAD" && away-- > 0) throw new TypeError("away");
    return answer(path, how);
  };
  const follows = new Promise((resolve) => Object.assign(document, { addEventListener: resolve }));
  await session.begin("r");
  for (let tries = 0; tries < 3; tries++) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(2000);
  }
  assert.equal(await follows, "visibilitychange");
  assert.deepEqual(told, ["failed: This part could not be loaded. The server does not answer. Is it still running?"]);
  mock.timers.reset();
});
