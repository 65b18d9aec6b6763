// Ed25519 by libsodium's strict rule (docs/format.md section 1), on the curve arithmetic of @noble/curves.
// Decides what counts as a valid signature and as an acceptable public key.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, hex, sameBytes } from "./bytes.mjs";

const Point = ed25519.Point;
const ORDER = Point.Fn.ORDER;

function number(littleEndian) {
  return BigInt(`0x${hex(Uint8Array.from(littleEndian).reverse())}`);
}

function pointOf(bytes) {
  try {
    const point = Point.fromBytes(bytes, false);
    return sameBytes(point.toBytes(), bytes) ? point : null;
  } catch {
    return null;
  }
}

/** Whether the signature holds: S reduced, key and R canonical and not of small order, no cofactor. */
export function isValid(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const [r, s] = [signature.slice(0, 32), number(signature.slice(32))];
  const [A, R] = [pointOf(key), pointOf(r)];
  if (s >= ORDER || A === null || R === null || A.isSmallOrder() || R.isSmallOrder()) return false;
  const h = number(sha512(concat(r, key, message))) % ORDER;
  const computed = Point.BASE.multiplyUnsafe(s).subtract(A.multiplyUnsafe(h));
  return sameBytes(computed.toBytes(), r);
}

const acceptable = new Map();

/** Whether a key may stand in a root or snapshot: a canonical point of the large prime-order subgroup. */
export function isAcceptable(key) {
  const name = hex(key);
  if (!acceptable.has(name)) {
    const point = key.length === 32 ? pointOf(key) : null;
    acceptable.set(name, point !== null && !point.isSmallOrder() && point.isTorsionFree());
  }
  return acceptable.get(name);
}
