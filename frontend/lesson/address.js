/** A lesson that an address carries itself, behind its #: packed, and never sent to any server. */

const NAME = "#lesson=";

/** @param {Blob} blob @param {CompressionStream | DecompressionStream} through */
const piped = (blob, through) => new Response(blob.stream().pipeThrough(through)).arrayBuffer();

/** @param {string} text */
export async function toAddress(text) {
  const bytes = new Uint8Array(await piped(new Blob([text]), new CompressionStream("deflate-raw")));
  const packed = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return NAME + packed.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Read what an address carries; null where it carries none, or one that was cut. @param {string} hash */
export async function fromAddress(hash) {
  if (!hash.startsWith(NAME)) return null;
  try {
    const packed = atob(hash.slice(NAME.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(packed, (c) => c.charCodeAt(0));
    return new TextDecoder().decode(await piped(new Blob([bytes]), new DecompressionStream("deflate-raw")));
  } catch {
    return "";
  }
}
