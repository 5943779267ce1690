/** Parts of the page that come later: what is there stays, also where the server is gone or has other files. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { later } from "../../../frontend/server/api.js";

test("the server is asked for a part until that is there, and never again", async () => {
  let status = 410;
  let asked = 0;
  globalThis.fetch = async () => {
    asked++;
    return new Response(null, { status });
  };
  const part = later(async () => "there");
  await assert.rejects(part(), /Reload it/);
  status = 200;
  assert.equal(await part(), "there");
  status = 410;
  assert.equal(await part(), "there");
  assert.equal(asked, 2);
});
