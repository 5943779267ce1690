/**
 * The binary frame of a picture: 4 bytes length, a JSON header of that length, and the arrays that the header
 * describes.
 */

/** @import {AnyPicture} from "../state/types.js" */

/** Unpack a frame. @param {ArrayBuffer} buffer @returns {AnyPicture} */
export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = 4 + length;
  /** @type {Record<string, Uint8Array | Float32Array>} */
  const arrays = {};
  /** @type {Record<string, number[]>} */
  const shapes = {};
  for (const { name, dtype, shape, offset } of header.arrays) {
    const size = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    arrays[name] =
      dtype === "u1" ? new Uint8Array(buffer, start + offset, size) : new Float32Array(buffer, start + offset, size);
    shapes[name] = shape;
  }
  return { ...header, arrays, shapes };
}

/** Unpack an answer of several frames, each after 4 bytes with its length. @param {ArrayBuffer} buffer */
export function unpackAll(buffer) {
  const pictures = [];
  const view = new DataView(buffer);
  for (let at = 0; at < buffer.byteLength; ) {
    const length = view.getUint32(at, true);
    pictures.push(unpack(buffer.slice(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return pictures;
}

/**
 * Cut a replay's film into the frames of one picture after the other: a length of 0 is no picture there, and a frame
 * that follows
 * another of its length is the change of its bytes.
 * @param {Uint8Array} bytes @param {Record<string, number[]>} lengths of each picture's frames
 * @returns {Map<string, (ArrayBuffer | null)[]>}
 */
export function cutChanges(bytes, lengths) {
  let at = 0;
  return new Map(
    Object.entries(lengths).map(([name, sizes]) => {
      /** @type {Uint8Array<ArrayBuffer> | null} */
      let before = null;
      return [
        name,
        sizes.map((length) => {
          if (!length) return null;
          const frame = bytes.slice(at, at + length);
          at += length;
          if (before?.length === length) for (let i = 0; i < length; i++) frame[i] += before[i];
          before = frame;
          return frame.buffer;
        }),
      ];
    }),
  );
}
