/** The board tells when the task's main picture is there: nobody asks for it again and again. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Board } from "../../../frontend/pictures/board.js";

test("who waits for the main picture gets it as soon as it is drawn, of the task that is there then", async () => {
  const card = (/** @type {string} */ name) => ({
    name,
    pending: true,
    live: { id: 1, name },
    picture: /** @type {unknown} */ (null),
    draw(/** @type {unknown} */ picture) {
      this.picture = picture;
    },
  });
  const told = { watch: () => {}, drawn: () => {} };
  const cards = new Map([["field", card("field")]]);
  const parts = { cards, waiting: [], acts: [], stream: told, drew: () => {} };
  const board = Object.assign(Object.create(Board.prototype), parts);
  let found = "";
  const asked = board.mainDrawn().then((/** @type {any} */ { picture }) => {
    found = picture.name;
  });
  await Promise.resolve();
  assert.equal(found, "");
  board.cards = new Map([
    ["curve", card("curve")],
    ["field", card("field")],
  ]);
  board.draw();
  await asked;
  assert.equal(found, "curve");
  assert.equal((await board.mainDrawn()).picture.name, "curve");
});

/** A board without a page, whose frames come when the test says so. @param {string} status of the run */
function boardOf(status) {
  /** @type {(() => void)[]} */
  const frames = [];
  Object.assign(globalThis, { requestAnimationFrame: (/** @type {() => void} */ act) => frames.push(act) });
  Object.assign(globalThis, { window: globalThis, document: { hidden: false } });
  const told = { watch: () => {}, drawn: () => {} };
  const store = { run: { status } };
  /** @type {string[]} */
  const done = [];
  const feed = { pending: false, visible: true, live: null, isEmpty: false, isKnown: true };
  const card = { ...feed, draw: () => done.push("picture") };
  const parts = { cards: new Map([["field", card]]), store, waiting: [], acts: [], patience: 0, frame: 0, held: false };
  const board = Object.assign(Object.create(Board.prototype), parts, { stream: told, drew: () => {} });
  const frame = () => {
    for (const act of frames.splice(0)) act();
  };
  return { board, done, frame, frames, store };
}

test("while it trains, what changes a few times a second waits for the next picture and is done in its frame", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { board, done, frame, frames } = boardOf("running");
  board.withPictures(() => done.push("rows"));
  board.withPictures(() => done.push("charts"));
  assert.deepEqual([done, frames.length], [[], 0]);
  board.take({ id: 1, name: "field" });
  frame();
  assert.deepEqual(done, ["picture", "rows", "charts"]);
  mock.timers.tick(1000);
  assert.equal(frames.length, 0, "nothing is left to be done");
  mock.timers.reset();
});

test("where no picture comes it is done soon, and at once where it does not train or nobody looks", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { board, done, frame, store } = boardOf("running");
  board.withPictures(() => done.push("rows"));
  mock.timers.tick(100);
  frame();
  assert.deepEqual(done, ["rows"]);
  board.withPictures(() => done.push("more"));
  store.run.status = "paused";
  board.withPictures(() => done.push("status"));
  assert.deepEqual(done, ["rows", "more", "status"], "in the order in which it came");
  store.run.status = "running";
  Object.assign(document, { hidden: true });
  board.withPictures(() => done.push("hidden"));
  assert.equal(done.at(-1), "hidden");
  mock.timers.reset();
});

test("a picture that nobody sees is drawn anew when it comes into view", () => {
  const { board } = boardOf("paused");
  let drawn = 0;
  const card = { visible: false, isStale: false, redraw: () => drawn++ };
  board.cards = new Map([["layers", card]]);
  board.redraw();
  assert.deepEqual([drawn, card.isStale], [0, true]);
  card.visible = true;
  board.refresh(card);
  assert.deepEqual([drawn, card.isStale], [1, false]);
});
