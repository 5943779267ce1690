/** Files that a person drops, chooses or pastes: what they are, and how they go to the server. */

import { count } from "../state/numbers.js";

const TABLES = /\.(csv|tsv|tab|txt|dat)$/i;
const IMAGES = /\.(png|jpe?g|gif|bmp|webp|ppm|pgm)$/i;
const LARGEST_SIDE = 112; // pixels; the network reads 28 × 28
const SMALL = 20_000; // bytes of an image that goes as it is
const PIECES = 64; // places of a large file that a sample is taken from

/** What a person brought. @typedef {{kind: "table" | "images", name: string, body: Blob, note: string}} Brought */

/**
 * Say what files are; an Error says what to do instead.
 * @param {{path: string, file: File}[]} files @param {number} most bytes that the server takes
 * @param {AbortSignal} [signal] gives it up
 * @returns {Promise<Brought>}
 */
export async function understand(files, most, signal) {
  const images = files.filter(({ path }) => IMAGES.test(path));
  if (!files.length) throw new Error("Nothing was brought: drop a CSV file, or a folder or zip of images.");
  if (files.length === 1 && !images.length) {
    const { file } = files[0];
    if (/\.zip$/i.test(file.name)) return { kind: "images", name: file.name, body: file, note: "" };
    if (TABLES.test(file.name) || file.type.startsWith("text/") || !/\.\w+$/.test(file.name))
      return table(file, most, signal);
    throw new Error(`“${file.name}” is neither a table nor images: drop a CSV file, or a folder or zip of images.`);
  }
  if (!images.length)
    throw new Error(
      "No image is among these files: drop one CSV file, or a folder that has a folder of images for each class.",
    );
  if (images.every(({ path }) => !path.includes("/")))
    throw new Error(
      "These images lie in no folder: put those of each class into a folder with its name, " +
        "and drop the folder around them.",
    );
  const root = images[0].path.split("/")[0];
  const small = await Promise.all(images.map((image) => smaller(image, signal)));
  return { kind: "images", name: root, body: tar(small), note: "" };
}

/** @param {File} file @param {number} most @param {AbortSignal} [signal] @returns {Promise<Brought>} */
async function table(file, most, signal) {
  if (file.size <= most) return { kind: "table", name: file.name, body: file, note: "" };
  const megabytes = (/** @type {number} */ n) => `${count(Math.round(n / 2 ** 20))} MB`;
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

/**
 * Make a large image small before it is sent; one that the browser cannot read goes as it is.
 * @param {{path: string, file: File}} image @param {AbortSignal} [signal] gives it up
 * @returns {Promise<{path: string, body: Blob}>}
 */
async function smaller({ path, file }, signal) {
  if (file.size <= SMALL) return { path, body: file };
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, LARGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(bitmap.width * scale)),
      Math.max(1, Math.round(bitmap.height * scale)),
    );
    const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return { path: path.replace(/\.\w+$/, ".png"), body: await canvas.convertToBlob() };
  } catch {
    return { path, body: file };
  } finally {
    signal?.throwIfAborted();
  }
}

/**
 * Pack files as a tar: for each a header of 512 bytes, its bytes, and zeros up to the next 512.
 * @param {{path: string, body: Blob}[]} files
 */
export function tar(files) {
  const parts = [];
  files.forEach(({ path, body }, k) => {
    const folder = path.split("/").at(-2) ?? "";
    const header = new Uint8Array(512);
    const put = (/** @type {number} */ at, /** @type {string} */ text, /** @type {number} */ most) =>
      header.set(new TextEncoder().encode(text).subarray(0, most), at);
    put(0, `${folder.slice(0, 40)}/${k}.${path.split(".").at(-1)}`, 100);
    put(100, "0000644\0", 8);
    put(124, `${body.size.toString(8).padStart(11, "0")}\0`, 12);
    put(136, "00000000000\0", 12);
    put(148, "        ", 8);
    put(156, "0", 1);
    put(257, "ustar\0" + "00", 8);
    put(
      148,
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      8,
    );
    parts.push(header, body, new Uint8Array((512 - (body.size % 512)) % 512));
  });
  parts.push(new Uint8Array(1024));
  return new Blob(parts);
}

/**
 * Find all files in what was dropped, those in folders too.
 * @param {DataTransfer} dropped @returns {Promise<{path: string, file: File}[]>}
 */
export async function filesOf(dropped) {
  const entries = [...dropped.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry === null)) return [...dropped.files].map((file) => ({ path: file.name, file }));
  /** @type {{path: string, file: File}[]} */
  const found = [];
  const walk = async (/** @type {FileSystemEntry} */ entry, /** @type {string} */ path) => {
    if (entry.isFile) {
      found.push({ path: path + entry.name, file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)) });
      return;
    }
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    for (;;) {
      const some = await nextOf(reader); // it gives a hundred at a time
      if (!some.length) return;
      for (const one of some) await walk(one, `${path}${entry.name}/`);
    }
  };
  for (const entry of entries) if (entry) await walk(entry, "");
  return found;
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} */
const nextOf = (reader) => new Promise((resolve, reject) => reader.readEntries(resolve, reject));

/** Give the files that were chosen, with their folders. @param {Iterable<File>} files */
export const chosenFiles = (files) => [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Tell whether pasted text may be a table. @param {string} text */
export const looksLikeTable = (text) => {
  const lines = text.trim().split("\n");
  return lines.length > 4 && /[,;\t|]/.test(lines[0]) && /[,;\t|]/.test(lines[3]);
};
