/** What the page has in common with the server and the engine; `python -m server.api.constants` writes this file. */

/**
 * @typedef {"queued" | "running" | "paused" | "interrupted" | "finished" | "stopped" | "diverged" | "failed"} RunStatus
 */

/**
 * @typedef {"tasks" | "presets" | "data" | "own" | "drawing" | "network" | "weights" | "training" | "train" | "speed" |
 *   "doctor" | "timeline" | "glass" | "compare" | "runs"} LessonPart what a lesson may hide or lock
 */

/**
 * @typedef {"curves" | "headline" | "layers" | "lesson" | "network diagram" | "picture" | "readout" | "timeline" |
 *   "toolbar"} LessonPlace what else a lesson's terms may light up
 */

/** Statuses of runs that train, or will as soon as it is their turn. */
export const ACTIVE = ["running", "queued"];

/** Statuses of runs that train on when somebody resumes them. */
export const WAITING = ["paused", "interrupted"];

/** Statuses of runs that train no more. */
export const ENDED = ["finished", "stopped", "diverged", "failed"];

/** Of these, the ones that more steps reopen. */
export const REOPENABLE = ["finished", "stopped"];

/** The close code of a run's stream that says: the run was deleted. */
export const DELETED = 4404;

/** The close code of a run's stream that says: the page said more than it may. */
export const FLOODED = 4429;

/** What a table as text may be written in, by its name. @type {Record<string, string>} */
export const ENCODINGS = {
  "utf-8": "UTF-8",
  "utf-16": "UTF-16",
  cp1252: "Windows-1252 (Western)",
  cp1250: "Windows-1250 (Central European)",
  cp1251: "Windows-1251 (Cyrillic)",
  cp1253: "Windows-1253 (Greek)",
  cp1254: "Windows-1254 (Turkish)",
  "iso8859-2": "ISO 8859-2 (Central European)",
  "koi8-r": "KOI8-R (Cyrillic)",
  cp866: "DOS 866 (Cyrillic)",
  cp850: "DOS 850 (Western)",
  "mac-roman": "Mac Roman",
  shift_jis: "Shift-JIS (Japanese)",
  euc_jp: "EUC-JP (Japanese)",
  euc_kr: "EUC-KR (Korean)",
  gb18030: "GB 18030 (Chinese)",
  big5: "Big5 (Chinese)",
};

/** Files that a run can be saved as, beside its replay. */
export const EXPORTS = ["script.py", "metrics.csv", "weights.npz", "weights.safetensors"];

/** Red, green and blue of each class. @type {[number, number, number][]} */
export const CLASS_COLOURS = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
  [86, 180, 233],
  [150, 140, 20],
  [110, 110, 110],
];

/** The digits in which a drawing is written, to the base of their number. */
export const DRAWING_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The largest number of two such digits: the far side of the sheet. */
export const DRAWING_FINEST = 4095;

/** Points of a drawing at the most. */
export const DRAWING_MOST = 2000;

/** Places of the strokes that the network reads, at the most. */
export const DRAWN_MOST = 5000;

/** Neuron u of layer l is asked for as l · MOST_UNITS + u. */
export const MOST_UNITS = 4096;

/** How wide the pens are that one draws with for the network, in pixels of its image. */
export const PENS = [2.2, 3.0, 4.0];
