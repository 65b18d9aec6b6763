// Trust roots and trust snapshots (docs/format.md sections 12 and 13): who may sign what, by log index.
// Never decides whether the first root of a chain is the right one: that is what pinning is.

import { fromHex, hex } from "./bytes.mjs";
import { BUNDLE_BYTES, encode, isCanonical, parse } from "./canonical.mjs";
import { PAYLOAD_TYPES, TRUST_ROOT, readEnvelope } from "./envelope.mjs";
import { isIncluded, leafHash } from "./hashes.mjs";
import { isAcceptable, isValid } from "./keys.mjs";
import { LOG_KEY, isName, readPolicy, readVkey } from "./notes.mjs";
import {
  Invalid, decodeBase64, exactMembers, isDigest, isList, isNumber, isObject, isText, isTextUpTo, isTime, isWord,
} from "./refusal.mjs";

export const SUITES = ["L1"];
const FORMAT = "fengjian-trust/v1";
const ROOT = [
  "v", "agency", "origin", "version", "issued_at", "expires", "root", "registrar", "log", "platform",
  "witness_policy", "suites", "payload_types", "roles",
];

/** Whether an interval `[from, to)` holds at an index; `to` null means open. */
export const holdsAt = (interval, index) =>
  interval.from <= index && (interval.to === null || index < interval.to);

function readRoot(data) {
  const value = parse(data);
  const got = exactMembers(value, "", ROOT);
  if (!isCanonical(data, value) || got.v !== 1) throw new Invalid("", "root.format");
  const agency = exactMembers(got.agency, "/agency", ["code", "name_zh", "name_en"]);
  const areNamed = Object.values(agency).every((one) => isTextUpTo(one, 200) && one !== "");
  if (!areNamed || !isWord(agency.code)) throw new Invalid("/agency", "root.format");
  if (!isText(got.origin) || !isName(got.origin, 200)) throw new Invalid("/origin", "root.format");
  if (!isNumber(got.version) || got.version < 1) throw new Invalid("/version", "root.format");
  checkTimes(got, "root.format");
  if (!isText(got.witness_policy)) throw new Invalid("/witness_policy", "root.format");
  const policy = readPolicy(got.witness_policy);
  return {
    version: got.version, agency, origin: got.origin, issuedAt: got.issued_at, expires: got.expires,
    root: readThreshold(got.root, "/root"),
    registrar: readThreshold(got.registrar, "/registrar"),
    log: list(got.log, "/log").map((one, at) => readLogKey(one, `/log/${at}`, got.origin)),
    platform: list(got.platform, "/platform").map((one, at) => readPlatformKey(one, `/platform/${at}`)),
    policy,
    suites: chosen(got.suites, "/suites", SUITES),
    payloadTypes: chosen(got.payload_types, "/payload_types", PAYLOAD_TYPES),
    roles: readRoles(got.roles),
  };
}

function checkTimes(got, code) {
  if (!isTime(got.issued_at) || !isTime(got.expires) || !(got.issued_at < got.expires)) {
    throw new Invalid("/expires", code);
  }
}

function list(value, pointer) {
  if (!isList(value) || value.length < 1 || value.length > 64) throw new Invalid(pointer, "root.format");
  return value;
}

function readKey(value, pointer) {
  const key = isDigest(value) ? fromHex(value) : new Uint8Array(0);
  if (!isAcceptable(key)) throw new Invalid(pointer, "key.unacceptable");
  return hex(key);
}

function readInterval(from, to, pointer) {
  if (!isNumber(from) || from < 0 || !(to === null || (isNumber(to) && to >= from))) {
    throw new Invalid(pointer, "root.interval");
  }
  return { from, to };
}

function readThreshold(value, pointer) {
  const got = exactMembers(value, pointer, ["threshold", "keys"]);
  const rows = list(got.keys, `${pointer}/keys`).map((one) => exactMembers(one, `${pointer}/keys`, ["key", "suite"]));
  const keys = rows.map((one, at) => readKey(one.key, `${pointer}/keys/${at}`));
  // One key listed twice would count twice towards the threshold it is meant to share.
  if (new Set(keys).size !== keys.length || rows.some((one) => !SUITES.includes(one.suite))) {
    throw new Invalid(`${pointer}/keys`, "root.duplicate_key");
  }
  if (!isNumber(got.threshold) || got.threshold < 1 || got.threshold > keys.length) {
    throw new Invalid(`${pointer}/threshold`, "root.threshold");
  }
  return { threshold: got.threshold, keys };
}

function readLogKey(value, pointer, origin) {
  const got = exactMembers(value, pointer, ["vkey", "from_index", "to_index"]);
  if (!isText(got.vkey)) throw new Invalid(`${pointer}/vkey`, "checkpoint.vkey");
  const vkey = readVkey(got.vkey);
  if (vkey.kind !== LOG_KEY || vkey.name !== origin) throw new Invalid(`${pointer}/vkey`, "checkpoint.vkey");
  return { vkey, valid: readInterval(got.from_index, got.to_index, pointer) };
}

function readPlatformKey(value, pointer) {
  const got = exactMembers(value, pointer, ["key", "suite", "from_index", "to_index"]);
  if (!SUITES.includes(got.suite)) throw new Invalid(`${pointer}/suite`, "root.format");
  const valid = readInterval(got.from_index, got.to_index, pointer);
  return { key: readKey(got.key, `${pointer}/key`), suite: got.suite, valid };
}

function chosen(value, pointer, known) {
  if (list(value, pointer).some((one) => !known.includes(one))) throw new Invalid(pointer, "root.format");
  return value;
}

function readRoles(value) {
  if (!isObject(value) || Object.keys(value).length > 256) throw new Invalid("/roles", "root.format");
  for (const [role, titles] of Object.entries(value)) {
    const got = exactMembers(titles, `/roles/${role}`, ["title_zh", "title_en"]);
    if (!Object.values(got).every(isText)) throw new Invalid(`/roles/${role}`, "root.format");
  }
  return value;
}

/** The log key that signs checkpoints of this size, or null. */
export function logKeyFor(root, size) {
  const found = root.log.find((one) => holdsAt(one.valid, size - 1));
  return size > 0 && found !== undefined ? found.vkey : null;
}

/** Whether these raw bytes are a platform key that is valid at this index. */
export function isPlatformKey(root, key, index) {
  const name = hex(key);
  return root.platform.some((one) => one.key === name && holdsAt(one.valid, index));
}

/** Whether enough different raw keys of a threshold have validly signed the envelope. */
export function meets(envelope, threshold) {
  const signed = new Set();
  for (const one of envelope.signatures) {
    const name = hex(one.key);
    const counts = threshold.keys.includes(name) && !signed.has(name) && SUITES.includes(one.suite);
    if (counts && isValid(one.key, envelope.signed, one.sig)) signed.add(name);
  }
  return signed.size >= threshold.threshold;
}

/** The envelopes in a parsed trust.json. */
export function readChain(value) {
  const got = exactMembers(value, "", ["format", "chain"]);
  const { chain } = got;
  if (got.format !== FORMAT || !isList(chain) || chain.length < 1 || chain.length > 256) {
    throw new Invalid("/chain", "root.format");
  }
  return chain.map(readEnvelope);
}

/** The envelopes in the bytes of a trust.json. */
export const readTrustFile = (bytes) => readChain(parse(bytes, BUNDLE_BYTES));

/** Every root of a chain that holds; throws `Invalid` where it does not. */
export function walkRoots(chain) {
  const found = [];
  for (const envelope of chain) {
    const before = found[found.length - 1];
    if (envelope.type !== TRUST_ROOT) throw new Invalid("/chain", "root.chain");
    const one = readRoot(envelope.payload);
    const follows = before === undefined || (one.version === before.version + 1 && one.origin === before.origin);
    const isAgreed = before === undefined || (follows && meets(envelope, before.root));
    if (!follows || !isAgreed || !meets(envelope, one.root)) throw new Invalid("/chain", "root.chain");
    found.push(one);
  }
  return found;
}

/** The version of a root's payload, for its leaf. */
export const rootVersion = (data) => readRoot(data).version;

/** The snapshot in a payload; throws `Invalid` unless exact and canonical. */
export function readSnapshot(data) {
  const value = parse(data);
  const got = exactMembers(value, "", [
    "v", "origin", "version", "prev", "issued_at", "expires", "root_version", "people",
  ]);
  const people = exactMembers(got.people, "/people", ["size", "root"]);
  const areNumbers = [got.v, got.version, got.root_version, people.size].every(isNumber);
  if (!areNumbers || got.v !== 1 || got.version < 1 || people.size < 0) throw new Invalid("", "snapshot.format");
  if (!isText(got.origin) || !isDigest(people.root)) throw new Invalid("", "snapshot.format");
  if ((got.version === 1) !== (got.prev === "") || !(got.prev === "" || isDigest(got.prev))) {
    throw new Invalid("/prev", "snapshot.format");
  }
  checkTimes(got, "snapshot.format");
  if (!isCanonical(data, value)) throw new Invalid("", "snapshot.format");
  return {
    origin: got.origin, version: got.version, issuedAt: got.issued_at, expires: got.expires,
    rootVersion: got.root_version, size: people.size, root: fromHex(people.root),
  };
}

/** A person's entry, proved against the snapshot's people tree; throws `Invalid` otherwise. */
export function readProvenPerson(value, snapshot) {
  const got = exactMembers(value, "", ["entry", "index", "proof"]);
  if (!isNumber(got.index) || !isList(got.proof)) throw new Invalid("", "snapshot.person");
  const proof = got.proof.map((one) => decodeBase64(one));
  if (!isIncluded(leafHash(encode(got.entry)), got.index, snapshot.size, proof, snapshot.root)) {
    throw new Invalid("", "snapshot.person_proof");
  }
  return readPerson(got.entry);
}

function readPerson(value) {
  const got = exactMembers(value, "", ["person", "keys", "grants"]);
  if (!isWord(got.person) || !isList(got.keys) || !isList(got.grants)) throw new Invalid("", "snapshot.person");
  return {
    person: got.person,
    keys: got.keys.map((one, at) => readPersonKey(one, `/keys/${at}`)),
    grants: got.grants.map((one, at) => readGrant(one, `/grants/${at}`)),
  };
}

function readPersonKey(value, pointer) {
  const got = exactMembers(value, pointer, [
    "key", "suite", "tier", "valid_from_index", "valid_to_index", "reason", "suspect_since_index",
  ]);
  const suspect = got.suspect_since_index;
  const holds = SUITES.includes(got.suite) && isWord(got.tier) && (got.reason === "" || isWord(got.reason))
    && (suspect === null || (isNumber(suspect) && suspect >= 0));
  if (!holds) throw new Invalid(pointer, "snapshot.person");
  const valid = readInterval(got.valid_from_index, got.valid_to_index, pointer);
  return { key: readKey(got.key, `${pointer}/key`), suite: got.suite, valid, suspect };
}

function readGrant(value, pointer) {
  const got = exactMembers(value, pointer, ["id", "role", "unit", "region", "valid_from_index", "valid_to_index"]);
  const areTexts = [got.id, got.role, got.unit, got.region].every((one) => isTextUpTo(one, 128));
  if (!areTexts || got.id === "" || !isWord(got.role)) throw new Invalid(pointer, "snapshot.person");
  const valid = readInterval(got.valid_from_index, got.valid_to_index, pointer);
  return { id: got.id, role: got.role, unit: got.unit, valid };
}
