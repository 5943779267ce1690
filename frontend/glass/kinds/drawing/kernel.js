/** Which channels a filter sees, and where its numbers lie: of plain, grouped, depthwise ones, and those along time. */

/** @typedef {[number, number]} Part first, and behind the last */

export class Kernel {
  /**
   * @param {number[]} x shape of the input, the batch first: (N, H, W, C), or (N, T, C) of one row
   * @param {number[]} W shape of the weights: (height, width, channels, filters), or (height, width, channels)
   */
  constructor(x, W) {
    this.isRow = x.length === 3;
    this.isDepthwise = W.length === 3;
    const [height, width, all] = this.isRow ? [1, x[1], x[2]] : x.slice(1);
    this.height = height; // of the input, and how many channels it has
    this.width = width;
    this.all = all;
    this.channels = this.isDepthwise ? 1 : W[2]; // that one filter sees
    this.filters = W[W.length - 1];
  }

  /** How many filters see the same channels. */
  get share() {
    return this.filters / (this.all / this.channels);
  }

  /** The first channel that a filter sees. @param {number} f */
  firstOf(f) {
    return Math.floor(f / this.share) * this.channels;
  }

  /** A filter that sees a channel: this one where it does. @param {number} channel @param {number} f */
  filterFor(channel, f) {
    const group = Math.floor(channel / this.channels);
    return Math.floor(f / this.share) === group ? f : group * this.share;
  }

  /** A place of an image as the arrays have it. @param {number} row @param {number} column @param {number} channel */
  place(row, column, channel) {
    return this.isRow ? [column, channel] : [row, column, channel];
  }

  /** The other way round. @param {number[]} local */
  placeOf(local) {
    return this.isRow ? [0, ...local] : local;
  }

  /** A part of an image. @param {Part} rows @param {Part} columns @param {Part} channels */
  part(rows, columns, channels) {
    return this.isRow ? [columns, channels] : [rows, columns, channels];
  }

  /** A weight. @param {number} u @param {number} v @param {number} channel of those that it sees @param {number} f */
  weight(u, v, channel, f) {
    return this.isDepthwise ? [u, v, f] : [u, v, channel, f];
  }

  /** The other way round. @param {number[]} local */
  weightOf(local) {
    return this.isDepthwise ? [local[0], local[1], 0, local[2]] : local;
  }

  /** A part of one filter. @param {Part} rows @param {Part} columns @param {Part} channels @param {number} f */
  weights(rows, columns, channels, f) {
    const filter = /** @type {Part} */ ([f, f + 1]);
    return this.isDepthwise ? [rows, columns, filter] : [rows, columns, channels, filter];
  }
}
