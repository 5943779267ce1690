/** A folder of images on its way to the server: large ones made small, what is no image cut short, all in one tar. */

/** @typedef {{path: string, file: File}} Found */
/** @typedef {{path: string, body: Blob}} Packed */

export const IMAGES = /\.(png|jpe?g|jpe|jfif|gif|bmp|dib|webp|p[pgb]m|jp2|tiff?|avif|hei[cf])$/i;
export const ARRAYS = /(\.npz|ubyte(\.gz)?|\.idx[13]?(\.gz)?)$/i;
const PHOTOS = /\.(jpe?g|jpe|jfif|hei[cf])$/i;
const HIDDEN = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/;
const LARGEST_SIDE = 128; // pixels of what is sent; a network reads 64 × 64 at the most
const SMALL = 20_000; // bytes of an image that goes as it is
const TABLES = /\.(csv|tsv|txt)$/i; // they may say the classes of the images beside them
const TABLE = 8 * 2 ** 20; // bytes of such a table that the server reads
const TELLING = 1_024; // bytes of a file that is no image, by which the server says what it is
export const AT_ONCE = 6; // files that are read, or images that are decoded, at a time

/**
 * Pack files as they lie in their folders, under their own names; nothing of what a person brought is left out.
 * @param {Found[]} files @param {AbortSignal} [signal] gives it up
 * @returns {Promise<Blob>}
 */
export async function packed(files, signal) {
  const seen = files.filter(({ path }) => !HIDDEN.test(path));
  /** @type {Packed[]} */
  const made = new Array(seen.length);
  const waiting = seen.entries();
  const work = async () => {
    for (const [k, one] of waiting) made[k] = { path: one.path, body: await told(one, signal) };
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return tar(made);
}

/**
 * Give what the server has to know of a file: a small picture of an image, of other files how they begin.
 * @param {Found} one @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
async function told({ path, file }, signal) {
  signal?.throwIfAborted();
  if (ARRAYS.test(path) || (IMAGES.test(path) && file.size <= SMALL)) return file;
  if (TABLES.test(path)) return file.slice(0, TABLE + 1); // of a larger one the server says that it is too large
  if (/\.\w+$/.test(path) && !IMAGES.test(path)) return file.slice(0, TELLING);
  try {
    if (await isDeep(file)) return file;
    return await smaller(file, PHOTOS.test(path) ? "image/jpeg" : "image/png");
  } catch {
    return IMAGES.test(path) ? file : file.slice(0, TELLING);
  } finally {
    signal?.throwIfAborted();
  }
}

/** Tell whether a PNG has 16 bits a pixel, which a canvas would take away. @param {File} file */
async function isDeep(file) {
  const begin = new Uint8Array(await file.slice(0, 26).arrayBuffer());
  return begin[1] === 0x50 && begin[2] === 0x4e && begin[3] === 0x47 && begin[24] === 16;
}

/** Make a large image small, upright as its camera was held. @param {File} file @param {string} type */
async function smaller(file, type) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LARGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  );
  const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.convertToBlob({ type, quality: 0.92 });
}

/**
 * Pack files as a tar: for each a header of 512 bytes, its bytes, and zeros up to the next 512; a name that is longer
 * than a header has room for goes before it as a file of its own.
 * @param {Packed[]} files
 */
export function tar(files) {
  const parts = [];
  const put = (/** @type {Uint8Array} */ name, /** @type {string} */ kind, /** @type {Blob} */ body) =>
    parts.push(header(name, kind, body.size), body, new Uint8Array((512 - (body.size % 512)) % 512));
  for (const { path, body } of files) {
    const name = new TextEncoder().encode(path);
    if (name.length > 100) put(new TextEncoder().encode("././@LongLink"), "L", new Blob([name, "\0"]));
    put(name, "0", body);
  }
  parts.push(new Uint8Array(1024));
  return new Blob(parts);
}

/** @param {Uint8Array} name @param {string} kind "0": a file, "L": the name of the next @param {number} size */
function header(name, kind, size) {
  const bytes = new Uint8Array(512);
  const put = (/** @type {number} */ at, /** @type {string} */ text) => bytes.set(new TextEncoder().encode(text), at);
  bytes.set(name.subarray(0, 100), 0);
  put(100, "0000644\0");
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(148, "        ");
  put(156, kind);
  put(257, "ustar\0" + "00");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return bytes;
}
