/**
 * Files that are dropped anywhere on the page, from its first moment on: what brings them may come later, and the
 * browser never goes to the file instead.
 */

/**
 * What was dropped: files, and the paths of what cannot be read.
 * @typedef {{files: Found[], unread: string[]}} Dropped
 */
/** @import {Found} from "./archive.js" */

/**
 * @typedef {object} Hearing
 * @property {() => string} whyNot says why nothing may be brought now; the empty string where it may
 * @property {(shown: boolean) => void} show hears whether files are over the page
 * @property {(dropped: Dropped) => void} bring
 * @property {(words: string) => void} tell why nothing was brought
 */

/** @param {EventTarget} page @param {Hearing} hearing */
export function hearDrops(page, { whyNot, show, bring, tell }) {
  const on = (/** @type {string} */ name, /** @type {(event: DragEvent) => void} */ listener) =>
    page.addEventListener(name, (event) => listener(/** @type {DragEvent} */ (event)));
  const carries = (/** @type {DragEvent} */ event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  on("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    if (!whyNot()) show(true);
  });
  on("dragleave", (event) => {
    if (!event.relatedTarget) show(false);
  });
  on("drop", async (event) => {
    show(false);
    if (!carries(event)) return;
    event.preventDefault();
    const why = whyNot();
    if (why) tell(why);
    else bring(await filesOf(/** @type {DataTransfer} */ (event.dataTransfer)));
  });
}

/**
 * Find all files in what was dropped, those in folders too; what cannot be read is named, and all else is taken.
 * @param {DataTransfer} dropped @returns {Promise<Dropped>}
 */
export async function filesOf(dropped) {
  const entries = [...dropped.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry === null))
    return { files: [...dropped.files].map((file) => ({ path: file.name, file })), unread: [] };
  /** @type {Dropped} */
  const found = { files: [], unread: [] };
  const walk = async (/** @type {FileSystemEntry} */ entry, /** @type {string} */ path) => {
    if (entry.isFile) {
      found.files.push({ path, file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)) });
      return;
    }
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    for (;;) {
      const some = await nextOf(reader); // it gives a hundred at a time
      if (!some.length) return;
      for (const one of some) await visit(one, `${path}/${one.name}`);
    }
  };
  const visit = (/** @type {FileSystemEntry} */ entry, /** @type {string} */ path) =>
    walk(entry, path).catch(() => {
      found.unread.push(path);
    });
  for (const entry of entries) if (entry) await visit(entry, entry.name);
  return found;
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} */
const nextOf = (reader) => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
