/**
 * The server's side of the page: answers that break off, coming back after a connection was closed, and frames: bytes
 * become arrays of their header's shapes, alone, in a row, and as changes of the one before.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../../frontend/server/api.js";
import { cutChanges, unpack, unpackAll } from "../../frontend/server/frames.js";
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

/**
 * Pack a picture as the server does: length, header, arrays on 4-byte borders.
 * @param {number} step
 * @param {number[]} bytes
 */
function packed(step, bytes) {
  const room = 4 * Math.ceil(bytes.length / 4);
  const arrays = [
    { name: "classes", dtype: "u1", shape: [bytes.length / 2, 2], offset: 0 },
    { name: "values", dtype: "f4", shape: [2], offset: room },
  ];
  let header = JSON.stringify({ type: "picture", id: 7, name: "decision boundary", step, arrays });
  header += " ".repeat((4 - (header.length % 4)) % 4);
  const frame = new Uint8Array(4 + header.length + room + 8);
  new DataView(frame.buffer).setUint32(0, header.length, true);
  frame.set(new TextEncoder().encode(header), 4);
  frame.set(bytes, 4 + header.length);
  frame.set(new Uint8Array(new Float32Array([0.5, -step]).buffer), 4 + header.length + room);
  return frame;
}

/** @param {Uint8Array[]} parts */
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

test("a frame gives its header's fields, arrays and shapes", () => {
  const picture = unpack(packed(3, [1, 2, 3, 4, 5, 6]).buffer);
  assert.deepEqual([picture.id, picture.name, picture.step], [7, "decision boundary", 3]);
  assert.deepEqual([...picture.arrays.classes], [1, 2, 3, 4, 5, 6]);
  assert.ok(picture.arrays.values instanceof Float32Array);
  assert.deepEqual([...picture.arrays.values], [0.5, -3]);
  assert.deepEqual(picture.shapes, { classes: [3, 2], values: [2] });
});

test("an answer of several frames gives each, and an empty one none", () => {
  const frames = [packed(1, [1, 2]), packed(20, [3, 4, 5, 6, 7, 8])];
  const answer = joined(...frames.flatMap((frame) => [new Uint8Array(new Uint32Array([frame.length]).buffer), frame]));
  const pictures = unpackAll(answer.buffer);
  assert.deepEqual(
    pictures.map(({ step, arrays }) => [step, [...arrays.classes], arrays.values[1]]),
    [
      [1, [1, 2], -1],
      [20, [3, 4, 5, 6, 7, 8], -20],
    ],
  );
  assert.deepEqual(unpackAll(new ArrayBuffer(0)), []);
});

test("a replay's frames are the changes of those before them where they are as long", () => {
  const change = (/** @type {Uint8Array} */ now, /** @type {Uint8Array} */ before) =>
    now.map((byte, i) => byte - before[i]);
  const [a, b, c] = [packed(1, [250, 2]), packed(2, [3, 4]), packed(3, [5, 6, 7, 8, 9, 10])];
  const [other, later] = [packed(1, [9, 9]), packed(3, [1, 9])];
  const bytes = joined(a, change(b, a), c, other, change(later, other));
  const cut = cutChanges(bytes, { boundary: [a.length, b.length, c.length], network: [other.length, 0, later.length] });
  const found = (/** @type {string} */ name) =>
    cut.get(name)?.map((frame) => (frame ? [...unpack(frame).arrays.classes] : null));
  assert.deepEqual(found("boundary"), [
    [250, 2],
    [3, 4],
    [5, 6, 7, 8, 9, 10],
  ]);
  assert.deepEqual(found("network"), [[9, 9], null, [1, 9]]);
});
