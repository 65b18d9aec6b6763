// The proof bundle (docs/format.md section 15) read into values. Never judges.

import { utf8, hex } from "./bytes.mjs";
import { BUNDLE_BYTES, encode, isCanonical, parse } from "./canonical.mjs";
import { readEnvelope } from "./envelope.mjs";
import { isIncluded, leafHash, sha256 } from "./hashes.mjs";
import { concat } from "./bytes.mjs";
import { readProof } from "./notes.mjs";
import { Invalid, decodeBase64, exactMembers, isDigest, isList, isNumber, isText, isTime } from "./refusal.mjs";
import { readChain } from "./trust.mjs";

const MEMBERS = ["format", "trust", "checkpoint", "snapshots", "forms", "events", "head", "disclosures", "tokens"];

/** The bundle in `bytes`; throws `Invalid` unless it is canonical JSON with exactly the members of the format. */
export function readBundle(bytes) {
  const value = parse(bytes, BUNDLE_BYTES);
  const got = exactMembers(value, "", MEMBERS);
  if (got.format !== "fengjian-bundle/v1" || !isCanonical(bytes, value)) throw new Invalid("/format", "bundle.format");
  if (!isList(got.tokens) || got.tokens.length > 0) throw new Invalid("/tokens", "bundle.format");
  if (!isText(got.checkpoint)) throw new Invalid("/checkpoint", "bundle.format");
  if (!list(got, "forms").every(isText)) throw new Invalid("/forms", "bundle.format");
  return {
    trust: readChain(got.trust),
    note: got.checkpoint,
    snapshots: list(got, "snapshots").map(readSnapshotEntry),
    forms: new Map(got.forms.map((one) => [hex(sha256(utf8(one))), utf8(one)])),
    events: list(got, "events").map(readLogged),
    head: readEnvelope(got.head),
    disclosures: list(got, "disclosures").map(readDisclosure),
  };
}

function list(value, name) {
  if (!isList(value[name]) || value[name].length > 10000) throw new Invalid(`/${name}`, "bundle.format");
  return value[name];
}

function readLogged(value) {
  const got = exactMembers(value, "/events", ["envelope", "received_at", "proof"]);
  if (!isTime(got.received_at) || !isText(got.proof)) throw new Invalid("/events", "bundle.format");
  return { envelope: readEnvelope(got.envelope), receivedAt: got.received_at, proof: readProof(got.proof) };
}

function readSnapshotEntry(value) {
  const { people, ...logged } = exactMembers(value, "/snapshots", ["envelope", "received_at", "proof", "people"]);
  return { ...readLogged(logged), people: list({ people }, "people") };
}

function readDisclosure(value) {
  const got = exactMembers(value, "/disclosures", ["event", "part", "path", "value", "salt", "index", "proof"]);
  const holds = isDigest(got.event) && isText(got.path) && isList(got.proof) && isNumber(got.part) && isNumber(got.index);
  if (!holds) throw new Invalid("/disclosures", "bundle.format");
  const salt = decodeBase64(got.salt, "/disclosures/salt");
  const proof = got.proof.map((one) => decodeBase64(one, "/disclosures/proof"));
  return { event: got.event, part: got.part, path: got.path, value: got.value, salt, index: got.index, proof };
}

/** Whether a disclosure proves its value at its path, given a part of a statement. */
export function isDisclosed(one, leaves, root) {
  const name = utf8(one.path);
  if (one.salt.length !== 32 || name.length > 0xffff) return false;
  const length = Uint8Array.of(name.length >> 8, name.length & 255);
  const leaf = leafHash(concat(one.salt, length, name, encode(one.value)));
  return isIncluded(leaf, one.index, leaves, one.proof, root);
}
