/** Where a layer stands among those that pictures show: those with weights, each with the activation after it. */

/** @import {Finding, Run} from "../state/types.js" */

/**
 * Find the place, among the layers with weights, of the layer in which something ill was found; -1 where there is none.
 * @param {Run["layers"]} layers @param {Finding | null} finding
 */
export function stageOf(layers, finding) {
  if (!finding || finding.kind === "good" || finding.layer === null) return -1;
  return layers.slice(0, finding.layer + 1).filter(({ parameters }) => parameters > 0).length - 1;
}
