// SHA-256 under the labels of docs/format.md, the RFC 6962 tree, and names made of digests.

import { sha256 } from "@noble/hashes/sha2.js";
import { compareBytes, concat, hex, sameBytes, utf8 } from "./bytes.mjs";

export { sha256 };

const label = (text) => utf8(`fengjian/${text}\0`);
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** DSSE pre-authentication encoding; lengths are byte lengths. */
export function pae(type, payload) {
  const kind = utf8(type);
  return concat(utf8(`DSSEv1 ${kind.length} `), kind, utf8(` ${payload.length} `), payload);
}

export const eventId = (signed) => hex(sha256(concat(label("event/v1"), signed)));

/** The key id of a raw key: 32 hex digits. */
export const kid = (key, suite) => hex(sha256(concat(label("kid/v1"), utf8(`${suite}\0`), key))).slice(0, 32);

/** The digest of a set of signatures, whatever their order. */
export function sigDigest(signatures) {
  const rows = signatures.map((one) => concat(utf8(`${one.suite}\0`), one.key, one.sig));
  return hex(sha256(concat(label("sigs/v1"), ...rows.sort(compareBytes))));
}

/** What is printed on paper: 20 letters of base32 in groups of four. */
export function fingerprint(signed) {
  const digest = sha256(concat(label("fingerprint/v1"), signed));
  let bits = "";
  for (const one of digest.slice(0, 13)) bits += one.toString(2).padStart(8, "0");
  let letters = "";
  for (let at = 0; at < 100; at += 5) letters += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(bits.slice(at, at + 5), 2)];
  return letters.match(/.{4}/g).join("-");
}

export const leafHash = (data) => sha256(concat(LEAF, data));
export const nodeHash = (left, right) => sha256(concat(NODE, left, right));

/** Whether `leaf` is number `index` of the tree of `size` with `root` (RFC 9162 section 2.1.3.2). */
export function isIncluded(leaf, index, size, proof, root) {
  if (!(index >= 0 && index < size) || proof.length > 64 || proof.some((one) => one.length !== 32)) return false;
  // Sizes reach 2^53: bit operators would cut them to 32 bits.
  const half = (number) => Math.floor(number / 2);
  let [node, last, hashed] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hashed = nodeHash(sibling, hashed);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hashed = nodeHash(hashed, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(hashed, root);
}
