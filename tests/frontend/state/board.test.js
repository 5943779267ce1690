/** The board tells when the task's main picture is there: nobody asks for it again and again. */

import assert from "node:assert/strict";
import { test } from "node:test";
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
  const board = Object.assign(Object.create(Board.prototype), { cards, waiting: [], stream: told, drew: () => {} });
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
