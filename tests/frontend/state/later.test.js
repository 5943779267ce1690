/** Parts of the page that come later: what is there stays, also where the server is gone or has other files. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { atLast, later } from "../../../frontend/server/api.js";

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

test("a part that nobody clicks for comes as soon as the server is there again, and fails once in words", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let there = false;
  globalThis.fetch = async () => {
    if (there) return new Response();
    throw new TypeError("away");
  };
  /** @type {string[]} */
  const said = [];
  const coming = atLast(
    later(async () => "there"),
    (error) => said.push(String(error)),
  );
  for (let tries = 0; tries < 3; tries++) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(2000);
  }
  there = true;
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.tick(2000);
  assert.equal(await coming, "there");
  assert.equal(said.length, 1);
  mock.timers.reset();
});

test("a part of another version of the page is not asked for again", async () => {
  globalThis.fetch = async () => new Response(null, { status: 410 });
  const never = () => assert.fail("it is said where it ends");
  await assert.rejects(
    atLast(
      later(async () => "there"),
      never,
    ),
    /Reload it/,
  );
});
