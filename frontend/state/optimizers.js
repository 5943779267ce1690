/**
 * With which values an optimizer begins when a person chooses it: as it was set for this task before, else as the task
 * begins with it, else with its own first learning rate for what the task has to learn.
 */

import { firstChoice, named } from "./catalog.js";
import { same } from "./differences.js";
import { told } from "./numbers.js";

/** @import {Store} from "./store.js" */
/** @import {Choice} from "./types.js" */

/** What an optimizer has in the task before anybody changes it. @param {Store} store @param {string} name */
function firstOptimizer(store, name) {
  const own = store.defaultsOf(store.task.name).optimizer;
  const owner = named(store.catalog.optimizers, name);
  if (own.name === name || !owner) return own;
  const rate = owner.first_rate?.[store.task.kind];
  return { ...firstChoice(owner), ...(rate === undefined ? {} : { learning_rate: rate }) };
}

/** @param {Store} store @param {string} name */
const place = (store, name) => `${store.task.name} ${name}`;

/** Give the choice of an optimizer, and remember how the one was set that it takes the place of.
 * @param {Store} store @param {string} name @returns {Choice}
 */
export function optimizerFor(store, name) {
  const now = store.chosen.optimizer;
  if (same(now, firstOptimizer(store, now.name))) store.optimizers.delete(place(store, now.name));
  else store.optimizers.set(place(store, now.name), structuredClone(now));
  return structuredClone(store.optimizers.get(place(store, name)) ?? firstOptimizer(store, name));
}

/** Say where the learning rate comes from; the empty string where a person has turned it since. @param {Store} store */
export function rateWords(store) {
  const { name, learning_rate: rate } = store.chosen.optimizer;
  const isOwn = store.defaultsOf(store.task.name).optimizer.name === name;
  if (rate === firstOptimizer(store, name).learning_rate)
    return isOwn ? `${told(rate)} is this task's own for ${name}` : `${told(rate)} is where ${name} begins`;
  return rate === store.optimizers.get(place(store, name))?.learning_rate
    ? `${told(rate)} is what you set for ${name} before`
    : "";
}
