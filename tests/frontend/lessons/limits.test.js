import assert from "node:assert/strict";
import { test } from "node:test";
import { Limits, PARTS, partsOf } from "../../../frontend/state/parts.js";
import { Store } from "../../../frontend/state/store.js";

test("limits are read from an address and written into one, and what there is not is told", () => {
  const limits = Limits.of("?task=xor&hide=tasks,nonsense&lock=data,tasks,toString");
  assert.deepEqual([limits.hide, limits.lock], [["tasks"], ["data"]]);
  assert.deepEqual(limits.unknown, ["hide=nonsense", "lock=toString"]);
  const query = new URLSearchParams("task=xor&hide=old");
  limits.write(query);
  assert.equal(query.toString(), "task=xor&hide=tasks&lock=data");
  new Limits().write(query);
  assert.equal(query.toString(), "task=xor");
});

test("one part is changed, and the limits before are as they were", () => {
  const before = new Limits(["tasks"], ["data"]);
  const after = before.with("data", "hidden").with("tasks", "locked").with("speed", "as it is");
  assert.deepEqual([after.hide, after.lock], [["data"], ["tasks"]]);
  assert.deepEqual([before.of("data"), after.of("data"), after.of("speed")], ["locked", "hidden", "as it is"]);
});

test("each change of a configuration belongs to a part, and another task is a matter of the tasks alone", () => {
  assert.deepEqual(partsOf(["data.noise", "data.dataset"]), ["data"]);
  assert.deepEqual(partsOf(["network", "optimizer.learning_rate", "seed", "steps"]), ["network", "training"]);
  assert.deepEqual(partsOf(["data.noise", "task", "network"]), ["tasks"]);
  assert.deepEqual(partsOf(["network.0.initializer"]), ["network"]);
});

/** @param {boolean} viewOnly */
function storeOf(viewOnly) {
  const store = new Store();
  store.catalog = /** @type {any} */ ({ view_only: viewOnly });
  return store;
}

test("what is hidden or locked is not allowed, and its words stand in the answer", () => {
  const store = storeOf(false);
  assert.ok(store.allowed("data", "timeline"));
  let heard = 0;
  store.on("limits", () => heard++);
  store.limit(new Limits(["timeline"], ["data"]));
  assert.equal(heard, 1);
  assert.equal(store.whyNot("network", "data", "timeline"), "Locked in this lesson: data, timeline.");
  assert.ok(store.allowed("network"));
  store.look(3);
  assert.equal(store.at, null, "a hidden timeline cannot be looked at by key either");
  store.limit(new Limits());
  store.look(3);
  store.limit(new Limits(["timeline"]));
  store.look(null);
  assert.equal(store.at, null, "the way back to now is always there");
});

test("a visitor may look and change nothing", () => {
  const store = storeOf(true);
  const names = /** @type {(keyof typeof PARTS)[]} */ (Object.keys(PARTS));
  assert.deepEqual(
    names.filter((name) => store.allowed(name)),
    ["drawing", "timeline", "glass", "compare", "runs"],
  );
});
