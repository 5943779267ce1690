/** What a person can do to a layer by hand, each as a button that forks the run; wherever such buttons are offered. */

import { isFrozen } from "../state/catalog.js";
import { make } from "../ui/element.js";

/** @import {Edit, Layer} from "../state/types.js" */

/**
 * Something that can be done: the button's words, the edit, what is said when it is done, and the word in the glossary.
 * @typedef {{words: string, edit: Edit, done: string, term: string}} Deed
 */

/**
 * A layer of the network, at its place and as it is chosen; whether it has weights; and the layer whose answers are
 * drawn with it: an activation that follows, or itself.
 * @typedef {{layer: number, spec: Layer, learns: boolean, last: number}} Held
 */

/** A layer as it is called. @param {Layer} spec @param {number} layer */
export const called = (spec, layer) => `${spec.layer}, layer ${layer + 1}`;

/**
 * What can be done to a neuron: it is silenced, or speaks again.
 * @param {Held} held @param {number} unit @param {boolean} isSilent @param {string} words for the neuron
 * @returns {Deed}
 */
export function silencing({ layer, spec, last }, unit, isSilent, words) {
  const neuron = `neuron ${unit + 1} of ${called(spec, layer)}`;
  const edit = /** @type {const} */ ({ do: "silence", layer: last, unit, on: !isSilent });
  const [does, done] = isSilent ? [`Let ${words} speak`, "speaks again"] : [`Silence ${words}`, "is silent"];
  return { words: does, edit, done: `${neuron} ${done}`, term: "silence" };
}

/** What can be done to a layer: it is frozen, or learns again, and begins anew. @param {Held} held @returns {Deed[]} */
export function deedsOf({ layer, spec, learns }) {
  if (!learns) return [];
  const name = called(spec, layer);
  const isStill = isFrozen(spec);
  return [
    {
      words: isStill ? "Let the layer learn" : "Freeze the layer",
      edit: { do: "freeze", layer, on: !isStill },
      done: `${name} ${isStill ? "learns again" : "is frozen"}`,
      term: "freeze",
    },
    {
      words: "Start the layer anew",
      edit: { do: "renew", layer },
      done: `${name} begins anew`,
      term: "layer anew",
    },
  ];
}

/**
 * Make the buttons of some deeds.
 * @param {Deed[]} deeds @param {string} why they are not offered @param {(deed: Deed) => void} act
 */
export function deedButtons(deeds, why, act) {
  return deeds.map((deed) => {
    const button = make("button", { type: "button", textContent: deed.words, title: why, disabled: Boolean(why) });
    button.dataset.term = `terms/${deed.term}`;
    button.onclick = () => act(deed);
    return button;
  });
}
