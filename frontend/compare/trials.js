/** The combinations of a sweep: alike for one that made all its runs at once and for a search, which does by and by. */

import { number, percent } from "../state/numbers.js";
import { resultOf } from "../state/result.js";

/** @import {Group, GroupRun, TaskEntry, Trial} from "../state/types.js" */

const WIDE = 0.05; // of the range of the scores, beyond which those that diverged are marked

/** What a run's status is as that of a trial. @type {Record<string, Trial["status"]>} */
const STATUSES = {
  queued: "waiting",
  running: "training",
  paused: "paused",
  interrupted: "paused",
  finished: "done",
  stopped: "stopped",
  diverged: "diverged",
  failed: "failed",
};

/**
 * A run of a sweep without a search, as a trial.
 * @param {GroupRun} run @param {TaskEntry["kind"]} kind @returns {Trial}
 */
function trialOf(run, kind) {
  const value = run.step && run.metrics && run.status !== "diverged" ? resultOf(run.metrics, kind) : null;
  return {
    number: run.group.place,
    bracket: 0,
    values: run.group.at,
    runs: [run.id],
    status: STATUSES[run.status],
    rung: value === null ? null : 0,
    step: run.step,
    scored_at: 0,
    score: value,
    spread: null,
    scores: [value],
    diverged: Number(run.status === "diverged"),
  };
}

/** @param {Group} group @param {TaskEntry["kind"]} kind @returns {Trial[]} */
export const trialsOf = (group, kind) => group.search?.trials ?? group.runs.map((run) => trialOf(run, kind));

/** What counts where nobody chose it. @param {TaskEntry["kind"]} kind */
export const usualGoal = (kind) => (kind === "classes" ? "test_accuracy" : "test_loss");

/**
 * Take in what is new of a search: `now` has only those trials that are others than before.
 * @param {Group} before @param {Group} now @returns {Group}
 */
export function withNews(before, now) {
  if (!before.search || !now.search) return now;
  const trials = [...before.search.trials];
  for (const trial of now.search.trials) trials[trial.number] = trial;
  return { ...now, search: { ...now.search, trials } };
}

/** @param {Trial} trial whether it is a cross: it diverged, some of its repeats did, or no run can have it */
export const isCross = ({ status, diverged, error }) => status === "diverged" || diverged > 0 || Boolean(error);

/** Say why it is one. @param {Trial} trial */
export const whyCross = ({ error }) => error ?? "diverged";

/**
 * What the scores are, whether more is better, and whether they are shares.
 * @param {Group} group @param {TaskEntry["kind"]} kind
 */
export function scoredBy({ search }, kind) {
  const goal = search?.goal ?? usualGoal(kind);
  const isShare = goal.endsWith("accuracy");
  return { words: goal.replaceAll("_", " "), higher: isShare, isShare };
}

/** Write a score, with its spread over repeats. @param {Trial} trial @param {boolean} isShare */
export function scoreOf(trial, isShare) {
  const { score, spread } = trial;
  const write = (/** @type {number | null} */ value) => (isShare ? percent(value) : number(value));
  if (isCross(trial)) return whyCross(trial);
  return spread ? `${write(score)} ± ${write(spread)}` : write(score);
}

/** @param {Trial} trial whether no more will come of it by itself */
export const isOver = ({ status }) => !["waiting", "training", "paused"].includes(status);

/**
 * Sort trials: those that are over by how long they had trained and by score, then those that train, then those that
 * wait, so that nothing jumps while it trains; of those that are over the ones without a score are the worst.
 * @param {Trial[]} trials @param {boolean} higher whether more is better
 */
export function ranked(trials, higher) {
  const sign = higher ? -1 : 1;
  /** @param {Trial} trial @returns {[number, number, number]} */
  const place = (trial) => {
    if (!isOver(trial)) return [trial.status === "waiting" ? 3 : 2, 0, trial.number];
    return trial.score === null ? [1, 0, trial.number] : [0, -trial.scored_at, sign * trial.score];
  };
  return trials
    .map((trial) => ({ trial, at: place(trial) }))
    .sort((a, b) => {
      const [x, y] = [a.at, b.at];
      return x[0] - y[0] || x[1] - y[1] || x[2] - y[2] || a.trial.number - b.trial.number;
    })
    .map(({ trial }) => trial);
}

/**
 * Give the best one so far; of a search the server's word counts, also while it trains on.
 * @param {Group} group @param {Trial[]} sorted the best first
 */
export const bestOf = ({ search }, sorted) =>
  search
    ? sorted.find(({ number }) => number === search.best)
    : sorted.find((trial) => isOver(trial) && trial.score !== null);

/**
 * Say why a search does not go on, where it could. @param {Group} group
 */
export function restingWords({ search }) {
  if (search?.status === "paused") return " · paused";
  if (search?.status === "interrupted") return " · interrupted, because the server ended";
  return search?.status === "stopped" ? " · stopped" : "";
}

/**
 * Where trials that diverged are marked: a little beyond the worst score.
 * @param {Trial[]} trials @param {boolean} higher
 */
export function beyond(trials, higher) {
  const scores = trials.flatMap(({ score }) => (score === null ? [] : [score]));
  if (!scores.length) return 0;
  const [least, greatest] = [Math.min(...scores), Math.max(...scores)];
  const margin = WIDE * (greatest - least || Math.abs(greatest) || 1);
  return higher ? least - margin : greatest + margin;
}
