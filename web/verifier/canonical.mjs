// The canonical form (docs/format.md section 2): strict reading of JSON, and the one spelling of a value.
// Reads from left to right and refuses the first thing outside the profile; never repairs.

import { sameBytes, utf8 } from "./bytes.mjs";
import { Invalid } from "./refusal.mjs";

export const BUNDLE_BYTES = 16 * 1048576;
const DOCUMENT = { key: /^[A-Za-z0-9_.-]{1,64}$/, bytes: 1048576, depth: 32 };
const FORM = { key: /^[\x20-\x7e]{1,256}$/, bytes: BUNDLE_BYTES, depth: 64 };

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const NAME = /-?[A-Za-z]+/y;
const NAMES = new Map([["true", true], ["false", false], ["null", null]]);
const CONSTANTS = new Set(["NaN", "Infinity", "-Infinity"]);
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const FORBIDDEN = /[\u0000\u202a-\u202e\u2066-\u2069]/;

class Reader {
  constructor(text, profile) {
    this.text = text;
    this.profile = profile;
    this.at = 0;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  whole() {
    this.take(SPACE);
    const value = this.value("", 0);
    this.take(SPACE);
    if (this.at !== this.text.length) throw new Invalid("", "json.syntax");
    return value;
  }

  value(pointer, depth) {
    const mark = this.text[this.at];
    if (mark === "{") return this.members(pointer, depth + 1);
    if (mark === "[") return this.elements(pointer, depth + 1);
    if (mark === '"') {
      const content = this.string(pointer);
      checkText(content, pointer);
      return content;
    }
    const name = this.take(NAME);
    if (name !== null) {
      if (CONSTANTS.has(name[0])) throw new Invalid(pointer, "json.constant");
      if (!NAMES.has(name[0])) throw new Invalid(pointer, "json.syntax");
      return NAMES.get(name[0]);
    }
    return this.number(pointer);
  }

  number(pointer) {
    const found = this.take(NUMBER);
    if (found === null) throw new Invalid(pointer, "json.syntax");
    if (found[1] !== undefined || found[2] !== undefined) throw new Invalid(pointer, "json.float");
    const number = Number(found[0]);
    if (found[0].length > 17 || !Number.isSafeInteger(number)) throw new Invalid(pointer, "json.number_range");
    return number;
  }

  string(pointer) {
    const found = this.take(STRING);
    if (found === null) throw new Invalid(pointer, "json.syntax");
    return found[0].includes("\\") ? JSON.parse(found[0]) : found[0].slice(1, -1);
  }

  enter(pointer, depth) {
    if (depth > this.profile.depth) throw new Invalid(pointer, "json.too_deep");
    this.at += 1;
    this.take(SPACE);
  }

  members(pointer, depth) {
    this.enter(pointer, depth);
    // Without a prototype, so that a key such as __proto__ is a key like any other.
    const out = Object.create(null);
    if (this.text[this.at] === "}") {
      this.at += 1;
      return out;
    }
    for (;;) {
      if (this.text[this.at] !== '"') throw new Invalid(pointer, "json.syntax");
      const key = this.string(pointer);
      checkText(key, pointer);
      const place = child(pointer, key);
      if (key in out) throw new Invalid(place, "json.duplicate_key");
      if (!this.profile.key.test(key)) throw new Invalid(place, "json.key");
      this.take(SPACE);
      if (this.text[this.at] !== ":") throw new Invalid(place, "json.syntax");
      this.at += 1;
      this.take(SPACE);
      out[key] = this.value(place, depth);
      if (this.isOver("}", pointer)) return out;
    }
  }

  elements(pointer, depth) {
    this.enter(pointer, depth);
    const out = [];
    if (this.text[this.at] === "]") {
      this.at += 1;
      return out;
    }
    for (;;) {
      out.push(this.value(child(pointer, out.length), depth));
      if (this.isOver("]", pointer)) return out;
    }
  }

  isOver(end, pointer) {
    this.take(SPACE);
    const mark = this.text[this.at];
    if (mark !== end && mark !== ",") throw new Invalid(pointer, "json.syntax");
    this.at += 1;
    if (mark === ",") this.take(SPACE);
    return mark === end;
  }
}

function checkText(content, pointer) {
  if (LONE_SURROGATE.test(content)) throw new Invalid(pointer, "json.surrogate");
  if (FORBIDDEN.test(content)) throw new Invalid(pointer, "json.control_character");
}

const child = (pointer, step) => `${pointer}/${String(step).replace(/~/g, "~0").replace(/\//g, "~1")}`;

function parseIn(profile, bytes, most) {
  if (bytes.length > most) throw new Invalid("", "json.too_large");
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw new Invalid("", "json.bom");
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Invalid("", "json.utf8");
  }
  return new Reader(text, profile).whole();
}

/** The value of a JSON text of the document profile; throws `Invalid`. */
export const parse = (bytes, most = DOCUMENT.bytes) => parseIn(DOCUMENT, bytes, most);

/** The same for form bundles, whose keys may be any printable ASCII. */
export const parseForm = (bytes) => parseIn(FORM, bytes, FORM.bytes);

/** The canonical text of a value that was read by `parse`. */
export function spell(value) {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spell).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const rows = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${spell(value[key])}`);
    return `{${rows.join(",")}}`;
  }
  // Minus zero is read as a number and has the spelling of zero, so that it is never canonical.
  return String(value);
}

/** The canonical bytes of a value that was read by `parse`. */
export const encode = (value) => utf8(spell(value));

/** Whether `bytes` are exactly the canonical form of the value that was read from them. */
export const isCanonical = (bytes, value) => sameBytes(bytes, encode(value));
