// Bytes and texts: hex, base64 and the orders that docs/format.md names. Decides nothing about meaning.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PLACE = new Map([...LETTERS].map((letter, place) => [letter.charCodeAt(0), place]));
const CANONICAL = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
const encoder = new TextEncoder();

/** The UTF-8 bytes of a text. */
export const utf8 = (text) => encoder.encode(text);

/** One array of bytes after the other. */
export function concat(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of pieces) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}

/** Lower-case hex. */
export function hex(bytes) {
  let out = "";
  for (const one of bytes) out += (one < 16 ? "0" : "") + one.toString(16);
  return out;
}

/** The bytes of a text of lower-case hex digits, which the caller has checked. */
export function fromHex(text) {
  const out = new Uint8Array(text.length / 2);
  for (let at = 0; at < out.length; at += 1) out[at] = parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return out;
}

/** The bytes of standard base64 in its only spelling (RFC 4648 section 4), or null. */
export function fromBase64(text) {
  if (typeof text !== "string" || !CANONICAL.test(text)) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const out = new Uint8Array((text.length / 4) * 3 - padding);
  let to = 0;
  for (let at = 0; at < text.length; at += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((step) => PLACE.get(text.charCodeAt(at + step)) ?? 0);
    const group = (a << 18) | (b << 12) | (c << 6) | d;
    for (const shift of [16, 8, 0]) if (to < out.length) out[to++] = (group >> shift) & 255;
  }
  return out;
}

/** Standard base64 with padding. */
export function base64(bytes) {
  let out = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const left = bytes.length - at;
    out += LETTERS[group >> 18] + LETTERS[(group >> 12) & 63];
    out += (left > 1 ? LETTERS[(group >> 6) & 63] : "=") + (left > 2 ? LETTERS[group & 63] : "=");
  }
  return out;
}

/** Order of bytes, shorter first when one begins the other. */
export function compareBytes(a, b) {
  for (let at = 0; at < a.length && at < b.length; at += 1) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

export const sameBytes = (a, b) => compareBytes(a, b) === 0;

/** Order by code point, which is that of the UTF-8 bytes and not that of UTF-16. */
export const compareTexts = (a, b) => compareBytes(utf8(a), utf8(b));

/** How many code points a text has. */
export function characters(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Whether `piece` stands anywhere in `whole`. */
export function includesBytes(whole, piece, from = 0) {
  return indexOfBytes(whole, piece, from) >= 0;
}

/** Where `piece` first stands in `whole` at or after `from`, or -1. */
export function indexOfBytes(whole, piece, from = 0) {
  for (let at = whole.indexOf(piece[0], from); at >= 0; at = whole.indexOf(piece[0], at + 1)) {
    let length = 1;
    while (length < piece.length && whole[at + length] === piece[length]) length += 1;
    if (length === piece.length) return at;
  }
  return -1;
}
