/** An answer that comes late is of what was wanted before: what is wanted now is what is shown in the end. */

import assert from "node:assert/strict";
import { test } from "node:test";

const canvas = () => ({ getContext: () => ({}) });
Object.assign(globalThis, { document: { body: { dataset: {} }, createElement: canvas } });
const { Lane } = await import("../../../frontend/compare/lane.js");
const { ExampleHistory } = await import("../../../frontend/panels/example_history.js");
const { LookingBack } = await import("../../../frontend/panels/looking_back.js");
const { RunList } = await import("../../../frontend/panels/run_list.js");

/** Things that come when they are let go. */
function held() {
  /** @type {((thing: any) => void)[]} */
  const go = [];
  return { go, come: () => new Promise((resolve) => go.push(resolve)) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("a moment of another run that is looked at while the one before is on its way is shown", async () => {
  const [first, second] = [held(), held()];
  /** @type {number[]} */
  const shown = [];
  const back = Object.assign(Object.create(LookingBack.prototype), {
    store: { at: 40 },
    board: {
      watched: () => ["field"],
      showSnapshot: (/** @type {any} */ _, /** @type {number} */ at) => shown.push(at),
    },
    history: { id: "one", pictures: first.come },
    fetching: false,
    failed: assert.fail,
  });
  const done = back.fetch();
  Object.assign(back, { history: { id: "two", pictures: second.come }, store: { at: 7 } });
  await back.fetch();
  first.go[0](new Map());
  await settled();
  second.go[0](new Map());
  await done;
  assert.deepEqual(shown, [7]);
  assert.equal(document.body.dataset.snapshot, "7");
});

test("the histories of a run that comes while another one's are on their way are asked for", async () => {
  const answers = held();
  /** @type {string[]} */
  const paths = [];
  globalThis.fetch = /** @type {any} */ (
    (/** @type {string} */ path) => {
      paths.push(path);
      return answers.come();
    }
  );
  const words = { textContent: "" };
  const history = Object.assign(Object.create(ExampleHistory.prototype), {
    store: { run: { id: "one", step: 9 } },
    element: { hidden: false },
    title: {},
    words,
    list: { replaceChildren: () => {} },
    asking: false,
  });
  const done = history.ask();
  history.store = { run: { id: "two", step: 5 } };
  history.renew();
  answers.go[0](new Response("{}", { status: 404 }));
  await done;
  assert.deepEqual(paths, ["/api/runs/one/history/examples", "/api/runs/two/history/examples"]);
  history.store = { run: { id: "three", step: 0 } };
  answers.go[1](new Response("{}", { status: 404 }));
  await settled();
  assert.match(words.textContent, /Nothing is learned yet/);
});

test("of two moments of a race the one is shown that was wanted last", async () => {
  const answers = held();
  /** @type {number[]} */
  const drawn = [];
  const lane = Object.assign(Object.create(Lane.prototype), {
    held: true,
    stream: { names: ["field"] },
    history: { nearest: (/** @type {number} */ step) => step, pictures: answers.come },
    card: { draw: (/** @type {{step: number}} */ { step }) => drawn.push(step) },
    store: { found: [], findings: [] },
    say: () => {},
    mark: () => {},
  });
  const all = [lane.look(10), lane.look(20)];
  answers.go[1](new Map([["field", { step: 20 }]]));
  await settled();
  answers.go[0](new Map([["field", { step: 10 }]]));
  await Promise.all(all);
  assert.deepEqual(drawn, [20]);
});

test("of two lists of runs the one counts that was asked for last", async () => {
  const answers = held();
  globalThis.fetch = /** @type {any} */ (answers.come);
  const list = Object.assign(Object.create(RunList.prototype), { store: { run: null }, asked: 0, show: () => {} });
  const all = [list.refresh(), list.refresh()];
  const say = (/** @type {unknown} */ said) => new Response(JSON.stringify(said));
  for (const k of [2, 3]) answers.go[k](k === 2 ? say([{ id: "new" }]) : say({ total: 1 }));
  await all[1];
  for (const k of [0, 1]) answers.go[k](k === 0 ? say([{ id: "deleted" }]) : say({ total: 1 }));
  await all[0];
  assert.deepEqual(
    list.runs.map((/** @type {{id: string}} */ { id }) => id),
    ["new"],
  );
});
