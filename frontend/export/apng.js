/** Animated PNG: the browser's own PNGs in one file. Specification: PNG, third edition (W3C 2025). */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** Cut a PNG into its chunks. @param {Uint8Array} png @returns {{type: string, data: Uint8Array}[]} */
function chunks(png) {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const found = [];
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    found.push({
      type: String.fromCharCode(...png.subarray(at + 4, at + 8)),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return found;
}

/** @param {string} type @param {Uint8Array} data */
function chunk(type, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(
    [...type].map((c) => c.charCodeAt(0)),
    4,
  );
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** Numbers of 4 bytes each, big end first. @param {...number} numbers */
function words(...numbers) {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  for (const [i, n] of numbers.entries()) view.setUint32(4 * i, n);
  return bytes;
}

/** @param {Uint8Array[]} parts */
function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Put PNGs of one size into an animated PNG that repeats for ever.
 * @param {Uint8Array[]} pngs @param {number[]} delays milliseconds that each is shown
 */
export function animated(pngs, delays) {
  const frames = pngs.map(chunks);
  const header = frames[0][0].data;
  if (frames.some((frame) => frame[0].data.join() !== header.join()))
    throw new Error("the frames are of different sizes");
  const parts = [new Uint8Array(SIGNATURE), chunk("IHDR", header), chunk("acTL", words(frames.length, 0))];
  let sequence = 0;
  frames.forEach((frame, k) => {
    const control = new Uint8Array(26);
    control.set(
      words(sequence++, ...[0, 4].map((at) => new DataView(header.buffer, header.byteOffset).getUint32(at)), 0, 0),
    );
    new DataView(control.buffer).setUint16(20, Math.round(delays[k]));
    new DataView(control.buffer).setUint16(22, 1000);
    parts.push(chunk("fcTL", control));
    for (const { type, data } of frame) {
      if (type === "IDAT") parts.push(k === 0 ? chunk("IDAT", data) : chunk("fdAT", joined(words(sequence++), data)));
    }
  });
  parts.push(chunk("IEND", new Uint8Array(0)));
  return joined(...parts);
}
