/** Arrays of bytes drawn as images. */

const scratch = document.createElement("canvas");

/**
 * Draw several maps of bytes, one after the other in an array, each into its box: all as one image first, which costs
 * the browser as much as each of them alone.
 * @param {CanvasRenderingContext2D} ctx @param {Uint8Array} bytes @param {number} rows of each @param {number} columns
 * @param {Uint8ClampedArray} palette @param {import("./axes.js").Box[]} boxes @param {boolean} upsideDown
 */
export function drawMaps(ctx, bytes, rows, columns, palette, boxes, upsideDown) {
  if (!boxes.length) return;
  const image = imageOf(bytes, rows * boxes.length, columns, palette, upsideDown);
  put(image);
  ctx.imageSmoothingEnabled = false;
  boxes.forEach(({ left, top, width, height }, i) => {
    const at = upsideDown ? boxes.length - 1 - i : i;
    ctx.drawImage(scratch, 0, at * rows, columns, rows, left, top, width, height);
  });
}

/**
 * Draw bytes as an image through a palette of 256 colours.
 * @param {CanvasRenderingContext2D} ctx @param {Uint8Array} bytes row by row @param {number} rows
 * @param {number} columns
 * @param {Uint8ClampedArray} palette @param {import("./axes.js").Box} box
 * @param {{upsideDown?: boolean, smooth?: boolean}} [how] upsideDown: the first row is the lowest
 */
export function drawBytes(ctx, bytes, rows, columns, palette, box, how = {}) {
  drawImage(ctx, imageOf(bytes, rows, columns, palette, how.upsideDown ?? false), box, how.smooth ?? false);
}

/**
 * @param {Uint8Array} bytes @param {number} rows @param {number} columns @param {Uint8ClampedArray} palette
 * @param {boolean} upsideDown
 */
function imageOf(bytes, rows, columns, palette, upsideDown) {
  const image = new ImageData(columns, rows);
  const colours = new Uint32Array(palette.buffer);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < rows; i++) {
    const from = (upsideDown ? rows - 1 - i : i) * columns;
    for (let j = 0; j < columns; j++) pixels[i * columns + j] = colours[bytes[from + j]];
  }
  return image;
}

/**
 * Draw an image: bytes (rows, columns) in the colours of a palette, or (rows, columns, 3) of red, green and blue.
 * @param {CanvasRenderingContext2D} ctx @param {Uint8Array} bytes @param {number[]} shape
 * @param {Uint8ClampedArray} palette @param {import("./axes.js").Box} box @param {{smooth?: boolean}} [how]
 */
export function drawPixels(ctx, bytes, [rows, columns, channels], palette, box, how = {}) {
  if (channels !== 3) {
    drawBytes(ctx, bytes, rows, columns, palette, box, how);
    return;
  }
  const image = new ImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    image.data.set(bytes.subarray(3 * i, 3 * i + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  drawImage(ctx, image, box, how.smooth ?? false);
}

/** How many numbers an array of this shape has. @param {number[]} shape */
export const sizeOf = (shape) => shape.reduce((product, n) => product * n, 1);

/**
 * @param {CanvasRenderingContext2D} ctx @param {ImageData} image @param {import("./axes.js").Box} box
 * @param {boolean} smooth
 */
export function drawImage(ctx, image, box, smooth) {
  put(image);
  ctx.imageSmoothingEnabled = smooth;
  ctx.drawImage(scratch, box.left, box.top, box.width, box.height);
}

/** @param {ImageData} image */
function put(image) {
  const { width, height } = image;
  if (scratch.width !== width || scratch.height !== height) [scratch.width, scratch.height] = [width, height];
  scratch.getContext("2d")?.putImageData(image, 0, 0);
}

/** A square of so many pixels. @param {number} left @param {number} top @param {number} size */
export const square = (left, top, size) => ({ left, top, width: size, height: size });

/**
 * Give the i-th of equal parts of an array.
 * @template {Uint8Array | Float32Array} T @param {T} array @param {number} i @param {number} size @returns {T}
 */
export const part = (array, i, size) => /** @type {T} */ (array.subarray(i * size, (i + 1) * size));
