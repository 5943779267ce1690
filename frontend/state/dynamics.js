/** The training dynamics of examples: what the network said of each at every snapshot of a run's history. */

import { count, percent } from "./numbers.js";

/** @import {AnyPicture} from "./types.js" */

export class Dynamics {
  /**
   * @param {AnyPicture} picture as the server gives it: its arrays are (snapshots, examples), or hold a value for each
   * example
   */
  constructor(picture) {
    const { arrays, shapes } = picture;
    this.arrays = arrays;
    /** the newest step */
    this.step = picture.step;
    this.steps = arrays.steps;
    /** the examples, the hardest first */
    this.order = arrays.order;
    this.examples = arrays.labels.length;
    /** how many of the hardest have an image */
    this.images = shapes.images[0];
    /** of one image: its rows, its columns, and in colour 3 */
    this.imageShape = shapes.images.slice(1);
    /** whether classes are learned, not numbers */
    this.ofClasses = shapes.confidence[0] > 0;
    /** @type {string[]} */
    this.names = picture.names;
  }

  /** @param {number} i an example */
  isTest(i) {
    return Boolean(this.arrays.is_test[i]);
  }

  /** The class of an example, or the number that is right. @param {number} i */
  label(i) {
    return this.arrays.labels[i];
  }

  /** How often it was right and then wrong. @param {number} i */
  forgotten(i) {
    return this.arrays.forgotten[i];
  }

  /** The step since which it is right; negative where it is not. @param {number} i */
  learned(i) {
    return this.arrays.learned[i];
  }

  /**
   * How sure the network was of the right class, 0 … 1, or how far off it was.
   * @param {number} i @param {number} [snapshot] the newest where none is said
   */
  response(i, snapshot = this.steps.length - 1) {
    const at = snapshot * this.examples + i;
    return this.ofClasses ? this.arrays.confidence[at] / 255 : this.arrays.error[at];
  }

  /** @param {number} i */
  responses(i) {
    return Array.from(this.steps, (_, snapshot) => this.response(i, snapshot));
  }

  /** @param {number} i @param {number} snapshot */
  wasWrong(i, snapshot) {
    return this.ofClasses && !this.arrays.right[snapshot * this.examples + i];
  }

  /** How sure the network was of the right class, on average over all snapshots. @param {number} i */
  confidence(i) {
    return this.responses(i).reduce((sum, v) => sum + v, 0) / this.steps.length;
  }

  /** What became of an example of a class. @param {number} i */
  words(i) {
    const sure = `${percent(this.response(i), 0)} sure of the right class`;
    if (this.responses(i).every((_, snapshot) => this.wasWrong(i, snapshot))) return `never learned · ${sure}`;
    const learned = this.learned(i) < 0 ? "not right now" : `right since step ${count(this.learned(i))}`;
    const lost = this.forgotten(i);
    const forgotten = lost === 0 ? "never forgotten" : lost === 1 ? "forgotten once" : `forgotten ${lost} times`;
    return `${learned} · ${forgotten} · ${sure}`;
  }

  /** The image of the k-th hardest. @param {number} k */
  image(k) {
    const size = this.imageShape.reduce((product, n) => product * n, 1);
    return /** @type {Uint8Array} */ (this.arrays.images.subarray(k * size, (k + 1) * size));
  }
}
