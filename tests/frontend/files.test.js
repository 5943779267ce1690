/** Files that a person drops: a folder becomes a tar, a large table a sample of whole lines. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOf, hearDrops } from "../../frontend/upload/dropped.js";
import { looksLikeTable, sample, taken, understand } from "../../frontend/upload/files.js";

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
  let long = "";
  for (let at = 0; bytes[at]; ) {
    const size = parseInt(text(at + 124, 11), 8);
    const content = text(at + 512, size);
    if (text(at + 156, 1) === "L") long = content.slice(0, -1);
    else {
      files.push([long || text(at, 100).replace(/\0.*$/s, ""), content]);
      long = "";
    }
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return files;
}

test("a dropped folder of images becomes a tar, every file under its own name", async () => {
  const long = "Fotografien von Rosen im Garten, im Sommer 猫 ".repeat(4);
  const dropped = folder("shapes", [
    folder("ring", [file("a.png"), file("left shoe.png"), file("._a.png")]),
    folder(long, [file("d.jpg")]),
    file("LICENSE"),
    file(".DS_Store"),
  ]);
  const transfer = { items: [{ kind: "file", webkitGetAsEntry: () => dropped }], files: [] };
  const { files: found, unread } = await filesOf(/** @type {any} */ (transfer));
  assert.deepEqual(unread, []);
  const brought = await understand(found, 1e6);
  assert.equal(brought.kind, "images");
  assert.equal(brought.name, "shapes");
  assert.deepEqual(untar(new Uint8Array(await brought.body.arrayBuffer())), [
    ["shapes/ring/a.png", "a.png"],
    ["shapes/ring/left shoe.png", "left shoe.png"],
    [`shapes/${long}/d.jpg`, "d.jpg"],
    ["shapes/LICENSE", "LICENSE"],
  ]);
  await assert.rejects(understand(found, 1000), /the server reads 0 MB: bring fewer/);
});

test("of a film beside images only the beginning is sent, and of many arrays all", async () => {
  const bytes = new Uint8Array(50_000);
  const files = ["set/a/1.png", "set/b/2.png", "set/film.mp4", "set/train-images-idx3-ubyte"].map((path) => ({
    path,
    file: new File([path.endsWith("png") ? bytes.subarray(0, 9) : bytes], path),
  }));
  const sent = untar(new Uint8Array(await (await understand(files, 1e6)).body.arrayBuffer()));
  assert.deepEqual(
    sent.map(([path, content]) => [path, content.length]),
    [
      ["set/a/1.png", 9],
      ["set/b/2.png", 9],
      ["set/film.mp4", 1024],
      ["set/train-images-idx3-ubyte", 50_000],
    ],
  );
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

/** Drop a file, or drag it over a page. @param {EventTarget} page @param {string} what @param {string[]} types */
function drag(page, what, types = ["Files"]) {
  const dataTransfer = { types, items: [{ kind: "file", webkitGetAsEntry: () => file("a.csv") }], files: [] };
  const event = Object.assign(new Event(what, { cancelable: true }), { dataTransfer });
  page.dispatchEvent(event);
  return event.defaultPrevented;
}

test("a dropped file never leads the browser away, and is brought, or it is said why not", async () => {
  for (const why of ["", "You can watch here; the teacher trains."]) {
    const page = new EventTarget();
    /** @type {any[]} */
    const told = [];
    const done = new Promise((resolve) => {
      hearDrops(page, {
        whyNot: () => why,
        show: (shown) => told.push(shown),
        bring: ({ files }) => resolve(files.map(({ path }) => path)),
        tell: resolve,
      });
    });
    assert.deepEqual([drag(page, "dragover"), drag(page, "drop")], [true, true]);
    assert.deepEqual(await done, why || ["a.csv"]);
    assert.deepEqual(told, why ? [false] : [true, false]);
    assert.equal(drag(page, "drop", ["text/plain"]), false);
  }
});

test("what cannot be read is named, and all else is taken", async () => {
  const refused = (/** @type {any} */ _, /** @type {(error: Error) => void} */ failed) => failed(new Error("NotFound"));
  const shut = (/** @type {string} */ name) => ({
    ...folder(name, []),
    createReader: () => ({ readEntries: refused }),
  });
  const dropped = (/** @type {any[]} */ ...all) =>
    filesOf(
      /** @type {any} */ ({ items: all.map((one) => ({ kind: "file", webkitGetAsEntry: () => one })), files: [] }),
    );
  const some = await dropped(
    folder("set", [shut("cats"), folder("dogs", [file("a.png"), { ...file("b.png"), file: refused }, file("c.png")])]),
  );
  assert.deepEqual(some.unread, ["set/cats", "set/dogs/b.png"]);
  const unreadable = new File(["x"], "d.png");
  unreadable.slice = () => /** @type {any} */ ({ arrayBuffer: () => Promise.reject(new Error("NotReadable")) });
  some.files.push({ path: "set/dogs/d.png", file: unreadable });
  const brought = await taken(some, 1e6);
  assert.equal(brought.note, "“set/cats” and 2 more could not be read, 2 files were taken.");
  assert.equal(untar(new Uint8Array(await brought.body.arrayBuffer())).length, 2);
  await assert.rejects(taken(await dropped(shut("set")), 1e6), {
    message: "“set” could not be read, so nothing was brought. Is it there still, and may you open it?",
  });
  await assert.rejects(taken(await dropped(folder("set", [shut("cats"), file("a.mp4")])), 1e6), {
    message: /^No image is among these files.* “set\/cats” could not be read\.$/,
  });
  assert.equal((await taken(await dropped(file("a.csv")), 1e6)).note, "");
});

test("tables are known by their names, those that a browser has no type for too", async () => {
  const kept = ["a.csv", "a.libsvm", "a.svm", "a.htm", "a.HTML", "a.xml", "a.tsv.gz", "a.pq", "a.xlsb", "README"];
  for (const name of kept)
    assert.equal((await understand([{ path: name, file: new File(["x"], name) }], 1e6)).kind, "table");
  for (const name of ["a.pdf", "a.docx", "a.mp4"])
    await assert.rejects(understand([{ path: name, file: new File(["x"], name) }], 1e6), /neither a table nor images/);
});
