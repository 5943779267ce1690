/** The server's side of the page: answers that break off, and coming back after a connection was closed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../../frontend/server/api.js";
import { Stream } from "../../frontend/server/stream.js";
import { DELETED, FLOODED } from "../../frontend/state/constants.js";

/** @type {any[]} */
let sockets = [];

class FakeSocket {
  constructor() {
    sockets.push(this);
  }
}

const world = /** @type {any} */ (globalThis);
world.location = { protocol: "http:", host: "localhost" };
world.WebSocket = FakeSocket;
world.fetch = async () => ({ ok: true, status: 200 });

/** Let all that waits for nothing but promises happen. */
async function settle() {
  for (let k = 0; k < 10; k++) await null;
}

/**
 * Close a stream's connection, and give the milliseconds until it has another one.
 * @param {any} t
 * @param {...number} codes
 */
async function returns(t, ...codes) {
  sockets = [];
  const listener = { message() {}, picture() {}, lost() {}, found() {}, gone: t.mock.fn() };
  const stream = new Stream("x", () => 0, listener);
  const waits = [];
  for (const code of codes) {
    const before = sockets.length;
    sockets.at(-1).onclose({ code });
    let waited = 0;
    for (; sockets.length === before && waited < 60_000; waited += 50) {
      t.mock.timers.tick(50);
      await settle();
    }
    waits.push(waited);
  }
  stream.closed = true;
  return { waits, gone: listener.gone.mock.callCount() };
}

test("a lost connection is back soon, after a flood in a while, and for a deleted run never", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  assert.deepEqual(await returns(t, 1006, 1006), { waits: [250, 400], gone: 0 });
  assert.deepEqual(await returns(t, FLOODED, 1006), { waits: [15_000, 3000], gone: 0 });
  assert.deepEqual(await returns(t, DELETED), { waits: [60_000], gone: 1 });
});

test("an answer that breaks off is none", async (t) => {
  t.mock.method(globalThis, "fetch", async () => new Response('[{"id": "ab', { status: 200 }));
  await assert.rejects(call("GET", "runs"), /broke off/);
});
