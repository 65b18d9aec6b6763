// How data is refused, and the small shapes that docs/format.md section 1 names.

import { characters, fromBase64 } from "./bytes.mjs";

/** Data that is not as the format says: `pointer` (RFC 6901) and `code` tell where and why. */
export class Invalid extends Error {
  constructor(pointer, code) {
    super(code);
    this.pointer = pointer;
    this.code = code;
  }
}

const TIME = /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/;
const WORD = /^[A-Za-z0-9_.-]{1,64}$/;
const DIGEST = /^[0-9a-f]{64}$/;

export const isText = (value) => typeof value === "string";
export const isNumber = (value) => typeof value === "number";
export const isList = (value) => Array.isArray(value);
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const isTime = (value) => isText(value) && TIME.test(value);
export const isWord = (value) => isText(value) && WORD.test(value);
export const isDigest = (value) => isText(value) && DIGEST.test(value);
export const isTextUpTo = (value, most) => isText(value) && characters(value) <= most;

/** `value` as an object that has exactly the members `names`. */
export function exactMembers(value, pointer, names) {
  if (!isObject(value) || Object.keys(value).length !== names.length || !names.every((name) => name in value)) {
    throw new Invalid(pointer, "format.members");
  }
  return value;
}

/** The bytes of canonical base64. */
export function decodeBase64(text, pointer = "") {
  const data = fromBase64(text);
  if (data === null) throw new Invalid(pointer, "envelope.base64");
  return data;
}
