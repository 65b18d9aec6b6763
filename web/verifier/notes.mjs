// Signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature), proofs (tlog-proof@v1) and witness
// policies (tlog-policy), as docs/format.md section 11 narrows them. Never decides whom to believe.

import { compareBytes, characters, concat, fromBase64, hex, sameBytes, utf8 } from "./bytes.mjs";
import { sha256 } from "./hashes.mjs";
import { isAcceptable, isValid } from "./keys.mjs";
import { Invalid, decodeBase64 } from "./refusal.mjs";

export const LOG_KEY = 0x01;
export const WITNESS_KEY = 0x04;
// White space as docs/format.md section 11 lists it; the pattern language's own class differs in places.
const NAME = /^[^+\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{1,256}$/u;
const NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

export const isName = (text, most = 256) => NAME.test(text) && characters(text) <= most;

function count(text) {
  const number = NUMBER.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** Read a vkey: `{name, kind, key, id}`; throws `Invalid` when name, id and key do not belong together. */
export function readVkey(text) {
  const parts = text.split("+");
  const data = parts.length >= 3 && isName(parts[0]) ? fromBase64(parts.slice(2).join("+")) : null;
  if (data !== null && data.length === 33 && [LOG_KEY, WITNESS_KEY].includes(data[0])) {
    const id = hex(sha256(concat(utf8(`${parts[0]}\n`), data)).slice(0, 4));
    const key = data.slice(1);
    if (id === parts[1] && isAcceptable(key)) return { name: parts[0], kind: data[0], key, id };
  }
  throw new Invalid("", "checkpoint.vkey");
}

/** Read a note as a checkpoint: `{origin, size, root, text, lines: [{name, id, data}]}`; throws `Invalid`. */
export function openNote(note) {
  const refused = new Invalid("", "checkpoint.format");
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.includes("\n\n") || characters(note) > 65536) throw refused;
  const cut = note.lastIndexOf("\n\n") + 1;
  const [text, tail] = [note.slice(0, cut), note.slice(cut + 1)];
  const rows = text.split("\n");
  const size = count(rows[1] ?? "");
  if (rows.length !== 4 || rows[3] !== "" || rows[0] === "" || size === null) throw refused;
  const root = fromBase64(rows[2]);
  if (root === null || root.length !== 32 || !tail.endsWith("\n")) throw refused;
  const lines = tail.slice(0, -1).split("\n").map((line) => {
    const parts = line.split(" ");
    const data = parts.length === 3 && parts[0] === "—" && isName(parts[1]) ? fromBase64(parts[2]) : null;
    if (data === null || data.length <= 4) throw refused;
    return { name: parts[1], id: hex(data.slice(0, 4)), data: data.slice(4) };
  });
  if (lines.length > 64) throw refused;
  return { origin: rows[0], size, root, text, lines };
}

const isLineOf = (line, vkey) => line.name === vkey.name && line.id === vkey.id;

/** Whether the note carries a valid line of this log key and no broken one. */
export function isSignedBy(note, vkey) {
  const mine = note.lines.filter((one) => isLineOf(one, vkey));
  const text = utf8(note.text);
  return vkey.kind === LOG_KEY && mine.length > 0 && mine.every((one) => isValid(vkey.key, text, one.data));
}

/** The cosignatures that hold, at most one for each witness: `{name, key, time}`, time as a BigInt. */
export function cosignatures(note, witnesses) {
  const found = [];
  for (const witness of witnesses) {
    for (const one of note.lines.filter((each) => isLineOf(each, witness) && each.data.length === 72)) {
      const time = BigInt(`0x${hex(one.data.slice(0, 8))}`);
      const message = utf8(`cosignature/v1\ntime ${time}\n${note.text}`);
      if (isValid(witness.key, message, one.data.slice(8))) {
        found.push({ name: witness.name, key: witness.key, time });
        break;
      }
    }
  }
  return found;
}

/** Read a tlog-proof text: `{index, proof, note, extra}`; throws `Invalid`. */
export function readProof(text) {
  const refused = new Invalid("", "tlogproof.format");
  const cut = text.indexOf("\n\n");
  const lines = (cut < 0 ? text : text.slice(0, cut)).split("\n");
  if (cut < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1" || lines.length === 0) throw refused;
  let extra = new Uint8Array(0);
  if (lines[0].startsWith("extra ")) {
    const encoded = lines.shift().slice(6);
    if (encoded.length > 4096) throw refused;
    extra = decodeBase64(encoded);
  }
  const named = /^index (.*)$/.exec(lines.shift() ?? "");
  const index = named === null ? null : count(named[1]);
  if (index === null || lines.length > 64) throw refused;
  const proof = lines.map((line) => decodeBase64(line));
  if (proof.some((one) => one.length !== 32)) throw refused;
  return { index, proof, note: text.slice(cut + 2), extra };
}

/** Read a tlog-policy: `{witnesses: Map, groups: Map, quorum}`; throws `Invalid`. */
export function readPolicy(text) {
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw new Invalid("", "policy.line");
  const reader = new PolicyReader();
  for (const line of text.split("\n")) {
    const words = line.split(/[\t ]/).filter((word) => word !== "");
    if (words.length === 0 || words[0].startsWith("#")) continue;
    let holds = false;
    try {
      holds = reader.take(words);
    } catch (fault) {
      if (!(fault instanceof Invalid)) throw fault;
    }
    if (!holds) throw new Invalid("", "policy.line");
  }
  if (reader.quorum === null) throw new Invalid("", "policy.quorum");
  return reader;
}

class PolicyReader {
  logs = [];
  witnesses = new Map();
  groups = new Map();
  members = new Set();
  quorum = null;

  take(words) {
    const [kind, name] = words;
    if (kind === "log" && words.length >= 2 && words.length <= 3) {
      const vkey = readVkey(name);
      const isFresh = this.logs.every((one) => compareBytes(one.key, vkey.key) !== 0);
      this.logs.push(vkey);
      return isFresh && vkey.kind === LOG_KEY;
    }
    if (kind === "witness" && words.length >= 3 && words.length <= 4) {
      const vkey = readVkey(words[2]);
      const isFresh = [...this.witnesses.values()].every((one) => compareBytes(one.key, vkey.key) !== 0);
      if (!isFresh || vkey.kind !== WITNESS_KEY || name === "none" || this.knows(name)) return false;
      this.witnesses.set(name, vkey);
      return true;
    }
    if (kind === "group" && words.length >= 4) return this.group(name, words[2], words.slice(3));
    if (kind === "quorum" && words.length === 2 && this.quorum === null) {
      this.quorum = name;
      return name === "none" || this.knows(name);
    }
    return false;
  }

  knows(name) {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  group(name, amount, members) {
    if (name === "none" || this.knows(name) || !members.every((one) => this.knows(one))) return false;
    if (new Set(members).size !== members.length || members.some((one) => this.members.has(one))) return false;
    for (const one of members) this.members.add(one);
    const fixed = { any: 1, all: members.length };
    const threshold = Object.hasOwnProperty.call(fixed, amount) ? fixed[amount]
      : /^[1-9][0-9]{0,3}$/.test(amount) ? Number(amount) : 0;
    this.groups.set(name, { threshold, members });
    return threshold >= 1 && threshold <= members.length;
  }
}

/** Whether the witnesses whose raw keys are given make up the quorum. */
export function isSatisfied(policy, keys) {
  const has = (name) => {
    const witness = policy.witnesses.get(name);
    if (witness !== undefined) return keys.some((one) => sameBytes(one, witness.key));
    const group = policy.groups.get(name);
    return group.members.filter(has).length >= group.threshold;
  };
  return policy.quorum === "none" || has(policy.quorum);
}
