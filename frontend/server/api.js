/** The server's calls. Every refusal becomes a Refusal that names the field. */

import { unpack } from "./frames.js";

/** @import {AnyPicture, Dataset, DatasetEntry, Download, Fits} from "../state/types.js" */
/** @import {FoundAt, Group, GroupKind, MetricsRows, Outcome, Run, SearchWay} from "../state/types.js" */

const SILENT = "The server does not answer. Is it still running?";
const RENEWED = "The page has changed since it was opened. Reload it.";
const GONE = 410; // what the server answers for a file of another version of the page

export class Refusal extends Error {
  /**
   * @param {string} message @param {string | null} field
   * @param {number} status 0 where no answer came, 410 where only another load of the page helps
   */
  constructor(message, field, status) {
    super(message);
    this.field = field;
    this.status = status;
  }
}

/**
 * Load a part of the page when it is opened. Many browsers never ask again for a module that has failed once, so the
 * server is asked first whether it still has the page's files: where it has not, the next time tries again.
 * @template T @param {() => Promise<T>} load imports it
 */
export async function loaded(load) {
  const why = await whyNoFiles();
  if (why) throw notLoaded(why);
  return arrived(load());
}

/**
 * Give what loads a part of the page. Once that is there, the server is asked no more: it may be gone by then, or have
 * other files.
 * @template T @param {() => Promise<T>} load imports it
 */
export function later(load) {
  /** @type {T | null} */
  let there = null;
  return async () => {
    there ??= await loaded(load);
    return there;
  };
}

const AGAIN_AFTER = 2000; // milliseconds

/**
 * Have a part that nobody clicks for: where it does not come it is tried again, until it is there or the page must be
 * reloaded.
 * @template T @param {() => Promise<T>} part @param {(error: unknown) => void} failed hears the first failure
 * @returns {Promise<T>}
 */
export async function atLast(part, failed) {
  for (let tries = 0; ; tries++) {
    try {
      return await part();
    } catch (error) {
      if (!(error instanceof Refusal) || error.status === GONE) throw error;
      if (!tries) failed(error);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER));
    }
  }
}

/**
 * Wait for a part of the page that is on its way.
 * @template T @param {Promise<T>} part what import() promises
 */
export const arrived = (part) =>
  part.catch(async (error) => {
    throw error instanceof TypeError ? notLoaded((await whyNoFiles()) ?? "Reload the page.") : error;
  });

/** @param {string} why */
const notLoaded = (why) => new Refusal(`This part could not be loaded. ${why}`, null, why === SILENT ? 0 : GONE);

/** Say why the page's files do not come: the server has others by now, or is gone; null where they do. */
async function whyNoFiles() {
  const reply = await fetch(import.meta.url, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (reply?.ok) return null;
  return reply?.status === GONE ? RENEWED : SILENT;
}

/** Give the address of a file of the page, as this page has it. @param {string} path */
export const fileOf = (path) => new URL(`../${path}`, import.meta.url).href;

/**
 * @param {string} method @param {string} path @param {unknown} [body] @param {AbortSignal} [signal] gives it up
 * @returns {Promise<any>} what the answer's JSON holds; null where it has none
 */
export async function call(method, path, body, signal) {
  const type = body instanceof Blob ? "application/octet-stream" : "application/json";
  let reply;
  try {
    reply = await fetch(`/api/${path}`, {
      method,
      signal: signal ?? (method === "GET" ? untilDeleted(path) : undefined),
      keepalive: method === "DELETE", // also where the page goes
      headers: body === undefined ? {} : { "content-type": type },
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refusal(SILENT, null, 0);
  }
  if (reply.status === 204 || reply.status === 304) return null; // there is nothing, or nothing new
  return answered(reply.status, await reply.json().catch(() => null));
}

/** @type {Map<string, AbortController>} gives up what is asked about a run, by its id */
const questions = new Map();

/** What gives up a question where it is about a run that is deleted meanwhile. @param {string} path */
function untilDeleted(path) {
  const id = /^runs\/(\w+)\/./.exec(path)?.[1];
  if (id === undefined) return undefined;
  if (!questions.has(id)) questions.set(id, new AbortController());
  return questions.get(id)?.signal;
}

/**
 * Give what an answer says, or throw what it refuses.
 * @param {number} status @param {any} said null where it is no JSON
 */
function answered(status, said) {
  if (status < 200 || status > 299) {
    const { message, field } = said?.error ?? {};
    throw new Refusal(message ?? `The server answered ${status}.`, field ?? null, status);
  }
  if (said === null) throw new Refusal("The server's answer broke off. Is it still running?", null, 0);
  return said;
}

/**
 * Send a file, which may take a while.
 * @param {string} path @param {Blob} file @param {AbortSignal} signal gives it up
 * @param {(share: number) => void} sent hears how much of it is on its way; 1 is all
 * @returns {Promise<any>} what the answer's JSON holds
 */
function sendFile(path, file, signal, sent) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest(); // fetch does not say how much it has sent
    signal.addEventListener("abort", () => request.abort());
    request.upload.onprogress = ({ loaded, total }) => sent(total ? Math.min(loaded / total, 0.99) : 0);
    request.upload.onload = () => sent(1);
    request.onerror = () => reject(new Refusal(SILENT, null, 0));
    request.onabort = () => reject(signal.reason);
    request.onload = () => {
      try {
        resolve(answered(request.status, request.response));
      } catch (error) {
        reject(error);
      }
    };
    request.open("POST", `/api/${path}`);
    request.responseType = "json";
    request.setRequestHeader("content-type", "application/octet-stream");
    request.send(file);
  });
}

/**
 * Try something on a copy, which takes some seconds.
 * @param {string} name of the experiment @param {{run: string} | {configuration: object}} subject
 * @param {AbortSignal} signal gives it up @returns {Promise<Outcome>}
 */
export const tryOut = (name, subject, signal) => call("POST", `experiments/${name}`, subject, signal);
/**
 * Give some runs, the newest first.
 * @param {{filter?: string, limit: number}} wanted @returns {Promise<Run[]>}
 */
export const someRuns = ({ filter = "", limit }) =>
  call("GET", `runs?${new URLSearchParams({ filter, order: "-created", limit: String(limit) })}`);
/** @param {string} id @returns {Promise<Run>} */
export const getRun = (id) => call("GET", `runs/${id}`);
/**
 * Give the lines of the engine that do what has this name in the catalog.
 * @param {string} kind @param {string} name @returns {Promise<{path: string, first: number, text: string}>}
 */
export const getSource = (kind, name) => call("GET", `catalog/source?${new URLSearchParams({ kind, name })}`);
/**
 * Find a run that may be gone; null where it is.
 * @param {string | null} id @returns {Promise<Run | null>}
 */
export const findRun = async (id) => (await someRuns({ filter: `id = "${id}"`, limit: 1 }).catch(() => []))[0] ?? null;
/** @param {object} request @returns {Promise<Run>} */
export const createRun = (request) => call("POST", "runs", request);
/** @param {string} id @param {"pause" | "resume" | "step" | "stop"} order @returns {Promise<Run>} */
export const command = (id, order) => call("POST", `runs/${id}/${order}`);
/** @param {string} id @param {object} changes @returns {Promise<Run>} */
export const changeRun = (id, changes) => call("PATCH", `runs/${id}`, changes);
/** Delete a run; nobody waits any more for what was asked about it. @param {string} id @returns {Promise<null>} */
export function deleteRun(id) {
  questions.get(id)?.abort();
  questions.delete(id);
  return call("DELETE", `runs/${id}`);
}
/** Ask whether a file's weights would fit. @param {string} id @param {File} file @returns {Promise<Run>} */
export const checkWeights = (id, file) => call("POST", `runs/${id}/weights?check=true`, file);
/** @param {string} id @param {File} file @returns {Promise<Run>} */
export const loadWeights = (id, file) => call("POST", `runs/${id}/weights`, file);
/**
 * @param {string} id
 * @param {{step: number | null, changes?: object, edits?: object[], speed: number | null, start?: boolean}} request
 * @returns {Promise<Run>}
 */
export const forkRun = (id, request) => call("POST", `runs/${id}/fork`, request);
/**
 * Look at a window of a layer's parameters.
 * @param {string} id @param {number} layer its place
 * @param {Record<string, number>} where part, table, row, column, step @returns {Promise<any>}
 */
export const getParameters = (id, layer, where) => {
  const query = Object.entries(where).map(([name, value]) => `${name}=${value}`);
  return call("GET", `runs/${id}/parameters/${layer}?${query.join("&")}`);
};
/** @param {string} id @returns {Promise<MetricsRows>} */
export const getMetrics = (id) => call("GET", `runs/${id}/metrics`);
/** Ask what the doctor found, by steps. @param {string} id @returns {Promise<FoundAt[]>} */
export const getFindings = (id) => call("GET", `runs/${id}/findings`);
/**
 * Let a repaired run train beside the ill one: both are a race.
 * @param {string} id @param {string} finding its cause @param {number} remedy which one @returns {Promise<Group>}
 */
export const remedyRun = (id, finding, remedy) => call("POST", `runs/${id}/remedy`, { finding, remedy });
/**
 * Follow what somebody drew through the network, as it is now or at a snapshot.
 * @param {string} id @param {{strokes: number[][][], pen: number, step: number | null}} drawing
 * @returns {Promise<AnyPicture>}
 */
export async function followDrawing(id, drawing) {
  const headers = { "content-type": "application/json" };
  const sent = { method: "POST", headers, body: JSON.stringify(drawing) };
  const reply = await fetch(`/api/runs/${id}/follow`, sent).catch(() => null);
  if (!reply) throw new Refusal(SILENT, null, 0);
  if (!reply.ok) return answered(reply.status, await reply.json().catch(() => null));
  return unpack(await reply.arrayBuffer());
}

/** Ask which layers would fit before one. @param {string} id @param {number} before @returns {Promise<Fits>} */
export const getFits = (id, before) => call("GET", `runs/${id}/fits?before=${before}`);

/**
 * Find what the teacher shows: the run that trains now or, where none does, the newest; those of races and sweeps only
 * where there are no others.
 * @returns {Promise<Run | null>} null where there are no runs
 */
export async function newestRun() {
  const alone = "not has sweep and not has race";
  for (const filter of [`status = running and ${alone}`, alone, ""]) {
    const [newest] = await someRuns({ filter, limit: 1 });
    if (newest) return newest;
  }
  return null;
}

/** @returns {Promise<Group[]>} */
export const listGroups = () => call("GET", "groups");
/** @param {string} id @param {boolean} [isBrief] without its runs @returns {Promise<Group>} */
export const getGroup = (id, isBrief = false) => call("GET", `groups/${id}${isBrief ? "?brief=true" : ""}`);
/**
 * Give a search with those trials that are others than at a revision; null where nothing is.
 * @param {string} id @param {number} since @returns {Promise<Group | null>}
 */
export const getNews = (id, since) => call("GET", `groups/${id}?brief=true&since=${since}`);
/** @param {{kind: GroupKind} & Record<string, any>} request @returns {Promise<Group>} */
export const createGroup = (request) => call("POST", "groups", request);
/** @param {string} id @returns {Promise<null>} */
export const deleteGroup = (id) => call("DELETE", `groups/${id}`);
/** @param {string} id @param {"pause" | "resume" | "stop"} order @returns {Promise<Group>} */
export const commandGroup = (id, order) => call("POST", `groups/${id}/${order}`);
/** @returns {Promise<SearchWay[]>} */
export const listSearches = () => call("GET", "searches");
/**
 * Let a search look further.
 * @param {string} id @param {{path: string, side: string}} edge where @returns {Promise<Group>}
 */
export const widenSearch = (id, { path, side }) => call("POST", `groups/${id}/widen`, { path, side });
/** @param {string} id try more combinations like the best @returns {Promise<Group>} */
export const searchMore = (id) => call("POST", `groups/${id}/more`, {});

/** @returns {Promise<DatasetEntry[]>} */
export const listDatasets = () => call("GET", "datasets");
/** @param {string} id @returns {Promise<Dataset>} */
export const getDataset = (id) => call("GET", `datasets/${id}`);
/**
 * @param {"table" | "images"} kind @param {Record<string, string>} about @param {Blob} body @param {AbortSignal} signal
 * @param {(share: number) => void} sent @returns {Promise<Dataset>}
 */
export const bringDataset = (kind, about, body, signal, sent) =>
  sendFile(`datasets/${kind}?${new URLSearchParams(about)}`, body, signal, sent);
/** @param {string} id @returns {Promise<null>} */
export const deleteDataset = (id) => call("DELETE", `datasets/${id}`);
/** @param {string} id @returns {Promise<Dataset>} */
export const restoreDataset = (id) => call("POST", `datasets/${id}/restore`);
/** How far the download of the full MNIST is. @returns {Promise<Download>} */
export const getDownload = () => call("GET", "data/mnist");
/** @returns {Promise<Download>} */
export const startDownload = () => call("POST", "data/mnist");
/** What lets others watch; null where they need nothing. @returns {Promise<{token: string | null}>} */
export const getWatchers = () => call("GET", "watchers");
