/** Files that a person drops, chooses or pastes: what they are, and how they go to the server. */

import { count } from "../state/numbers.js";
import { ARRAYS, AT_ONCE, IMAGES, packed } from "./archive.js";

const TEXTS = /\.(csv|tsv|tab|txt|dat|data|arff|jsonl?|ndjson|libsvm|svm|svmlight|html?|xml|names|test|train)(\.gz)?$/i;
const BOOKS = /\.(gz|xlsx|xlsm|xlsb|xls|ods|parquet|pq)$/i;
const ARCHIVES = /\.(zip|tar|tgz|tar\.gz|npz)$/i;
const PIECES = 64; // places of a large file that a sample is taken from

/** What a person brought. @typedef {{kind: "table" | "images", name: string, body: Blob, note: string}} Brought */

/** @import {Found} from "./archive.js" */
/** @import {Dropped} from "./dropped.js" */

/**
 * Say what files are, as far as they can be read, and what is left out; an Error says what to do instead.
 * @param {Dropped} dropped @param {number} most bytes that the server takes
 * @param {AbortSignal} [signal] gives it up
 * @returns {Promise<Brought>}
 */
export async function taken(dropped, most, signal) {
  const { files, unread } = await readable(dropped, signal);
  if (!unread.length) return understand(files, most, signal);
  const others = unread.length - 1;
  const lost = `“${unread[0]}”${others ? ` and ${count(others)} more` : ""} could not be read`;
  if (!files.length) throw new Error(`${lost}, so nothing was brought. Is it there still, and may you open it?`);
  const brought = await understand(files, most, signal).catch((error) => {
    throw signal?.aborted ? error : new Error(`${error.message} ${lost}.`);
  });
  const kept = `${count(files.length)} ${files.length === 1 ? "file was" : "files were"} taken`;
  return { ...brought, note: `${lost}, ${kept}. ${brought.note}`.trim() };
}

/**
 * Put aside files that cannot be read.
 * @param {Dropped} dropped @param {AbortSignal} [signal] @returns {Promise<Dropped>}
 */
async function readable({ files, unread }, signal) {
  const isReadable = new Array(files.length);
  const waiting = files.entries();
  const work = async () => {
    for (const [k, { file }] of waiting) {
      signal?.throwIfAborted();
      isReadable[k] = await file
        .slice(0, 1)
        .arrayBuffer()
        .then(
          () => true,
          () => false,
        );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const lost = files.filter((_, k) => !isReadable[k]).map(({ path }) => path);
  return { files: files.filter((_, k) => isReadable[k]), unread: [...unread, ...lost] };
}

/**
 * Say what files are; an Error says what to do instead.
 * @param {Found[]} files @param {number} most bytes that the server takes
 * @param {AbortSignal} [signal] gives it up
 * @returns {Promise<Brought>}
 */
export async function understand(files, most, signal) {
  if (!files.length) throw new Error("Nothing was brought: drop a CSV file, or a folder or zip of images.");
  if (files.length === 1 && !files[0].path.includes("/")) {
    const { file } = files[0];
    if (ARCHIVES.test(file.name) || ARRAYS.test(file.name))
      return { kind: "images", name: file.name, body: file, note: "" };
    if (IMAGES.test(file.name))
      throw new Error(
        "One image alone teaches nothing, and images that lie in no folder have no class: put those of each class " +
          "into a folder with its name, and drop the folder around them.",
      );
    if (TEXTS.test(file.name) || BOOKS.test(file.name) || file.type.startsWith("text/") || !/\.\w+$/.test(file.name))
      return table(file, most, signal);
    throw new Error(`“${file.name}” is neither a table nor images: drop a CSV file, or a folder or zip of images.`);
  }
  if (!files.some(({ path }) => IMAGES.test(path) || ARRAYS.test(path)))
    throw new Error(
      "No image is among these files: drop one CSV file, or a folder that has a folder of images for each class.",
    );
  const [root, below] = files[0].path.split("/");
  const body = await packed(files, signal);
  if (body.size > most)
    throw new Error(`These images have ${megabytes(body.size)}, the server reads ${megabytes(most)}: bring fewer.`);
  return { kind: "images", name: below ? root : "images", body, note: "" };
}

/** @param {number} bytes */
const megabytes = (bytes) => `${count(Math.round(bytes / 2 ** 20))} MB`;

/** @param {File} file @param {number} most @param {AbortSignal} [signal] @returns {Promise<Brought>} */
async function table(file, most, signal) {
  if (file.size <= most) return { kind: "table", name: file.name, body: file, note: "" };
  const body = await sample(file, most, signal);
  const sizes = `The file has ${megabytes(file.size)}, the server reads ${megabytes(most)}`;
  return { kind: "table", name: file.name, body, note: `${sizes}: rows were taken from ${PIECES} places all over it.` };
}

/**
 * Take whole lines from many places of a file that is too large; the first line stays the first.
 * @param {Blob} file @param {number} most @param {AbortSignal} [signal] gives it up
 */
export async function sample(file, most, signal) {
  const room = Math.floor((0.9 * most) / PIECES);
  const parts = [];
  for (let k = 0; k < PIECES; k++) {
    signal?.throwIfAborted();
    const start = Math.floor((k * (file.size - room)) / (PIECES - 1));
    const bytes = new Uint8Array(await file.slice(start, start + room).arrayBuffer());
    const from = k === 0 ? 0 : bytes.indexOf(10) + 1;
    const to = bytes.lastIndexOf(10) + 1;
    if (to > from) parts.push(bytes.subarray(from, to));
  }
  return new Blob(parts);
}

/** Give the files that were chosen, with their folders. @param {Iterable<File>} files @returns {Dropped} */
export const chosenFiles = (files) => ({
  files: [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })),
  unread: [],
});

/** Tell whether pasted text may be a table. @param {string} text */
export const looksLikeTable = (text) => {
  const lines = text.trim().split("\n");
  return lines.length > 4 && /[,;\t|]/.test(lines[0]) && /[,;\t|]/.test(lines[3]);
};
