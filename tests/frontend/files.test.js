/** Files that a person drops: a folder becomes a tar, a large table a sample of whole lines. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOf, looksLikeTable, sample, understand } from "../../frontend/upload/files.js";

/** As the browser gives a dropped file. @param {string} name */
const file = (name) => ({
  isFile: true,
  name,
  file: (/** @type {(f: File) => void} */ done) => done(new File([name], name)),
});

/** As the browser gives a dropped folder, whose reader answers in parts. @param {string} name @param {any[]} inside */
const folder = (name, inside) => ({
  isFile: false,
  name,
  createReader: () => {
    const parts = [inside.slice(0, 2), inside.slice(2), []];
    return { readEntries: (/** @type {(part: any[]) => void} */ done) => done(parts.shift() ?? []) };
  },
});

/** Read a tar. @param {Uint8Array} bytes @returns {[string, string][]} name and content of each file */
function untar(bytes) {
  /** @param {number} from @param {number} length */
  const text = (from, length) => new TextDecoder().decode(bytes.subarray(from, from + length));
  /** @type {[string, string][]} */
  const files = [];
  for (let at = 0; bytes[at]; ) {
    const size = parseInt(text(at + 124, 11), 8);
    files.push([text(at, 100).replace(/\0.*$/s, ""), text(at + 512, size)]);
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return files;
}

test("a dropped folder of images becomes a tar, by class", async () => {
  const dropped = folder("shapes", [
    folder("ring", [file("a.png"), file("b.png"), file("c.png")]),
    folder("cross", [file("d.jpg")]),
    file("notes.txt"),
  ]);
  const transfer = { items: [{ kind: "file", webkitGetAsEntry: () => dropped }], files: [] };
  const found = await filesOf(/** @type {any} */ (transfer));
  const paths = ["ring/a.png", "ring/b.png", "ring/c.png", "cross/d.jpg", "notes.txt"];
  assert.deepEqual(
    found.map((f) => f.path),
    paths.map((path) => `shapes/${path}`),
  );
  const brought = await understand(found, 1e6);
  assert.equal(brought.kind, "images");
  assert.equal(brought.name, "shapes");
  assert.deepEqual(untar(new Uint8Array(await brought.body.arrayBuffer())), [
    ["ring/0.png", "a.png"],
    ["ring/1.png", "b.png"],
    ["ring/2.png", "c.png"],
    ["cross/3.jpg", "d.jpg"],
  ]);
});

test("a large table becomes a sample of whole lines", async () => {
  const rows = `a,b\n${Array.from({ length: 50_000 }, (_, i) => `${i},${i % 7}\n`).join("")}`;
  const lines = (await (await sample(new Blob([rows]), 50_000)).text()).trim().split("\n");
  const whole = new Set(rows.split("\n"));
  assert.equal(lines[0], "a,b");
  assert.equal(Number(lines.at(-1)?.split(",")[0]), 49_999);
  assert.ok(lines.length > 3000 && lines.length < 6000);
  assert.ok(lines.every((line) => whole.has(line)));
});

test("a pasted text is a table when its lines have the same number of cells", () => {
  const texts = ["a,b\n1,2\n3,4\n5,6\n7,8", "a word", "1\n2\n3\n4\n5\n6"];
  assert.deepEqual(texts.map(looksLikeTable), [true, false, false]);
});
