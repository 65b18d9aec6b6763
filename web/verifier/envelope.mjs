// The DSSE envelope (docs/format.md section 3): its one JSON form and the bytes under its signatures.
// Never says whether a key may be believed.

import { kid, pae } from "./hashes.mjs";
import { Invalid, decodeBase64, exactMembers, isList, isText } from "./refusal.mjs";

const type = (name) => `application/vnd.fengjian.${name}.v1+json`;
export const EVENT = type("event");
export const TRUST_ROOT = type("trust-root");
export const TRUST_SNAPSHOT = type("trust-snapshot");
export const HEAD = type("head");
export const PAGE = type("page");
export const PAYLOAD_TYPES = [EVENT, TRUST_ROOT, TRUST_SNAPSHOT, HEAD, type("query-result"), type("receipt"), PAGE];

/** Read the JSON object: `{type, payload, signatures: [{key, kid, sig, suite}], signed}`; throws `Invalid`. */
export function readEnvelope(value) {
  const got = exactMembers(value, "", ["payload", "payloadType", "signatures"]);
  if (!PAYLOAD_TYPES.includes(got.payloadType)) throw new Invalid("/payloadType", "envelope.payload_type");
  if (!isList(got.signatures) || got.signatures.length < 1 || got.signatures.length > 16) {
    throw new Invalid("/signatures", "envelope.signatures");
  }
  const payload = decodeBase64(got.payload, "/payload");
  const signatures = got.signatures.map((one, at) => readSignature(one, `/signatures/${at}`));
  return { type: got.payloadType, payload, signatures, signed: pae(got.payloadType, payload) };
}

function readSignature(value, pointer) {
  const got = exactMembers(value, pointer, ["key", "keyid", "sig", "suite"]);
  if (!isText(got.suite) || !/^[A-Za-z0-9]{1,8}$/.test(got.suite)) {
    throw new Invalid(`${pointer}/suite`, "envelope.suite");
  }
  const key = decodeBase64(got.key, `${pointer}/key`);
  if (got.keyid !== kid(key, got.suite)) throw new Invalid(`${pointer}/keyid`, "envelope.keyid");
  return { key, kid: got.keyid, sig: decodeBase64(got.sig, `${pointer}/sig`), suite: got.suite };
}
