/** An answer that comes late is of what was wanted before: what is wanted now is what is shown in the end. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RunHistory } from "../../../frontend/server/history.js";

const canvas = () => ({ getContext: () => ({}) });
Object.assign(globalThis, { document: { body: { dataset: {} }, createElement: canvas } });
const { Lab } = await import("../../../frontend/compare/lab.js");
const { Lane } = await import("../../../frontend/compare/lane.js");
const { ExampleHistory } = await import("../../../frontend/panels/example_history.js");
const { LookingBack } = await import("../../../frontend/panels/looking_back.js");
const { RunList } = await import("../../../frontend/panels/run_list.js");
const { Timeline } = await import("../../../frontend/panels/timeline.js");
const { deleteRun, getFits } = await import("../../../frontend/server/api.js");

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

test("keys that come while the server is asked for the snapshots count in their order", async () => {
  const answers = held();
  /** @type {(number | null)[]} */
  const seen = [];
  const store = {
    run: { step: 40 },
    at: null,
    looksBack: false,
    look: (/** @type {number | null} */ step) => seen.push(step),
  };
  const line = Object.assign(Object.create(Timeline.prototype), {
    store,
    lookingBack: { history: Object.assign(new RunHistory("abc"), { steps: [0, 10, 20] }) },
    wanted: 0,
    isAsking: false,
    pause: () => {},
    refresh: async () => {
      await answers.come();
      line.history.steps = [0, 10, 20, 30, 40];
    },
  });
  const twice = [line.by(-1), line.by(-1)];
  answers.go[0](null);
  await Promise.all(twice);
  assert.deepEqual(seen, [20]);
  line.history.steps = [0, 10, 20];
  const first = line.by(-1);
  line.seek(0);
  answers.go[1](null);
  await first;
  assert.deepEqual(seen, [20, 0]);
});

test("what was asked about a run that is deleted is given up, and of another one it is not", async () => {
  /** @type {Record<string, AbortSignal | undefined>} */
  const signals = {};
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ path, /** @type {RequestInit} */ { signal }) => {
      signals[path] = signal ?? undefined;
      return new Response("{}");
    }
  );
  await Promise.all([getFits("one", 2), getFits("two", 2)]);
  await deleteRun("one");
  assert.ok(signals["/api/runs/one/fits?before=2"]?.aborted);
  assert.equal(signals["/api/runs/two/fits?before=2"]?.aborted, false);
  assert.equal(signals["/api/runs/one"], undefined);
  await getFits("one", 3); // it was brought back
  assert.equal(signals["/api/runs/one/fits?before=3"]?.aborted, false);
});

test("a race started while the server makes its runs is of those, and not of what was chosen before", async () => {
  const answers = held();
  /** @type {string[]} */
  const asked = [];
  globalThis.fetch = /** @type {any} */ (
    (/** @type {string} */ path, /** @type {RequestInit} */ { method }) => {
      asked.push(`${method} ${path}`);
      return path === "/api/groups" ? answers.come() : new Response("{}");
    }
  );
  const place = { words: {}, choices: {} };
  const lab = Object.assign(Object.create(Lab.prototype), {
    element: { hidden: false },
    head: { classList: { toggle: () => {} } },
    place,
    kind: "race",
    form: { request: () => ({}), close: () => {} },
    wish: 2,
    preparing: 0,
    prepared: { id: "before" },
    preparedFor: 1,
    shown: null,
    show: () => {},
    stand: () => {},
    listEarlier: () => {},
    actions: { failed: assert.fail },
  });
  lab.prepare();
  const started = [lab.start(), lab.start()]; // a double click
  answers.go[0](new Response(JSON.stringify({ id: "now" })));
  await Promise.all(started);
  assert.deepEqual(asked, ["POST /api/groups", "DELETE /api/groups/before", "POST /api/groups/now/resume"]);
});
