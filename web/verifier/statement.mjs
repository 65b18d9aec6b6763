// The event statement and the head statement (docs/format.md sections 5 and 14): their members and shapes.
// Never says whether a well-formed statement is true.

import { characters } from "./bytes.mjs";
import { isCanonical, parse } from "./canonical.mjs";
import {
  Invalid, exactMembers, isDigest, isList, isNumber, isObject, isText, isTextUpTo, isTime, isWord,
} from "./refusal.mjs";
import { SUITES } from "./trust.mjs";

const CLASSES = ["identity", "health", "finance", "other"];
const isCount = (value) => isNumber(value) && value >= 0;
const isPositive = (value) => isNumber(value) && value >= 1;
const isShort = (value) => isTextUpTo(value, 256);
const isWordOrEmpty = (value) => value === "" || isWord(value);
const isNonce = (value) => isText(value) && /^[0-9a-f]{32}$/.test(value);
const isClass = (value) => CLASSES.includes(value);
const isOrigin = (value) => isText(value) && value !== "" && characters(value) <= 256 && !/[ +\n\t\r]/.test(value);
const areAll = (holds) => (value) => isList(value) && value.every(holds);

const TOP = {
  v: (value) => value === 1,
  suite: (value) => SUITES.includes(value),
  origin: isOrigin,
  agency: isWord,
  doc: isWord,
  seq: isPositive,
  prev: (value) => value === "" || isDigest(value),
  type: isWord,
  from: isWordOrEmpty,
  to: isWordOrEmpty,
  transition: isWordOrEmpty,
  time: isTime,
  nonce: isNonce,
  body: isObject,
};
const FORM = { id: isWord, version: isWord, sha256: isDigest };
const ACTOR = { person: isWord, role: isWord, unit: isWordOrEmpty, key: isNonce, grant: isShort };
const PART = {
  n: isCount, class: isClass, root: isDigest, leaves: isCount, ct: isDigest, len: isPositive, kc: isDigest,
};
const ATTACHMENT = { id: isWord, class: isClass, ct: isDigest, len: isPositive, kc: isDigest, commit: isDigest };
// Members of these may be absent: "not said".
const AUTH = { method: isWord, session: isDigest, tier: isWord };
const PURPOSE = { basis: isWord, code: isWord };
const SAW = { events: areAll(isDigest), report: isDigest };
const ANCHOR = { size: isCount, root: isDigest };
const HEADER = {
  doc_id: isShort, doc_no: isShort, region_code: isShort, dept_code: isShort, source_channel: isShort,
  data_level: isShort, legal_basis: isShort, retention_class: isShort, retain_until: isShort,
  created_at: isShort, submitted_at: isShort, collector: isShort, revision: isPositive,
  info_categories: areAll(isWord),
};
const MEMBERS = [
  ...Object.keys(TOP), "form", "actor", "auth", "purpose", "header", "parts", "attachments", "saw", "anchor",
];

function checkObject(value, pointer, shape, isExact) {
  const names = Object.keys(shape);
  const fits = isObject(value)
    && Object.keys(value).every((name) => names.includes(name))
    && (!isExact || Object.keys(value).length === names.length);
  if (!fits) throw new Invalid(pointer, "statement.members");
  for (const [name, member] of Object.entries(value)) {
    if (!shape[name](member)) throw new Invalid(`${pointer}/${name}`, "statement.value");
  }
}

function checkList(value, pointer, shape) {
  if (!isList(value) || value.length > 512) throw new Invalid(pointer, "statement.value");
  value.forEach((one, at) => checkObject(one, `${pointer}/${at}`, shape, true));
}

function check(value) {
  if (!isObject(value) || Object.keys(value).length !== MEMBERS.length || !MEMBERS.every((name) => name in value)) {
    throw new Invalid("", "statement.members");
  }
  for (const [name, holds] of Object.entries(TOP)) {
    if (!holds(value[name])) throw new Invalid(`/${name}`, "statement.value");
  }
  checkObject(value.form, "/form", FORM, true);
  checkObject(value.actor, "/actor", ACTOR, true);
  checkObject(value.auth, "/auth", AUTH, false);
  checkObject(value.purpose, "/purpose", PURPOSE, false);
  checkObject(value.saw, "/saw", SAW, false);
  checkObject(value.anchor, "/anchor", ANCHOR, false);
  checkObject(value.header, "/header", HEADER, false);
  checkList(value.parts, "/parts", PART);
  checkList(value.attachments, "/attachments", ATTACHMENT);
  if (value.parts.some((part, at) => part.n !== at)) throw new Invalid("/parts", "statement.part_numbers");
  if ((value.seq === 1) !== (value.prev === "")) throw new Invalid("/prev", "statement.value");
}

/** The statement in a payload, as the object that was signed; throws `Invalid` unless exact and canonical. */
export function readStatement(payload) {
  const value = parse(payload);
  check(value);
  if (!isCanonical(payload, value)) throw new Invalid("", "statement.not_canonical");
  return value;
}

/** The head statement in a payload; throws `Invalid` unless exact and canonical. */
export function readHead(payload) {
  const value = parse(payload);
  const got = exactMembers(value, "", ["v", "origin", "doc", "head", "seq", "state", "size"]);
  const holds = [got.v, got.seq, got.size].every(isPositive) && got.v === 1 && isText(got.origin)
    && isWord(got.doc) && isDigest(got.head) && isWord(got.state) && isCanonical(payload, value);
  if (!holds) throw new Invalid("", "head.format");
  return got;
}
