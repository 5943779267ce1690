/** Calls of the server: an answer that breaks off is none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../../frontend/server/api.js";

test("an answer that breaks off is none", async (t) => {
  t.mock.method(globalThis, "fetch", async () => new Response('[{"id": "ab', { status: 200 }));
  await assert.rejects(call("GET", "runs"), /broke off/);
});
