// The judgement of a proof bundle: the nine steps of docs/format.md section 16, written from that page.
// Asks no network and no clock, throws for no bytes, takes no key, leaf or state from the bundle that it can
// look up or recompute.

import { readBundle, isDisclosed } from "./bundle.mjs";
import { compareTexts, fromHex, hex, sameBytes, utf8 } from "./bytes.mjs";
import { Chain, judgeAuthority, judgeOrder, judgeSignatures, settle } from "./chain.mjs";
import { spell } from "./canonical.mjs";
import { EVENT, HEAD, TRUST_ROOT, TRUST_SNAPSHOT } from "./envelope.mjs";
import { eventId, fingerprint, isIncluded, kid, leafHash, sigDigest } from "./hashes.mjs";
import { isValid } from "./keys.mjs";
import { cosignatures, isSatisfied, isSignedBy, openNote } from "./notes.mjs";
import { Invalid } from "./refusal.mjs";
import { readHead, readStatement } from "./statement.mjs";
import {
  isPlatformKey, logKeyFor, meets, readProvenPerson, readSnapshot, readTrustFile, rootVersion, walkRoots,
} from "./trust.mjs";
import { bad, conclude, outcomeOf, unknown } from "./verdicts.mjs";
import { readWorkflow } from "./workflow.mjs";

const DEFAULT = { suites: ["L1"], min_root_version: 1, min_snapshot_version: 1, min_checkpoint_size: 1 };

class Stopped extends Error {}

/** Judge the bytes of a bundle. `trust`: bytes of the pinned trust.json or null; `now`: a time or null. */
export function verify(data, trust, now, policy = {}) {
  const judge = new Judge({ ...DEFAULT, ...policy }, now);
  try {
    judge.run(data, trust);
  } catch (fault) {
    if (fault instanceof Invalid) judge.stopFor(fault);
    // A hole in the steps must never look like a good answer.
    else if (!(fault instanceof Stopped)) judge.find(bad("integrity", "integrity.malformed", { kind: fault.name }));
  }
  return judge.report();
}

class Judge {
  findings = [];
  step = 0;
  pinned = false;
  chain = new Chain();
  last = null;
  header = {};
  events = [];
  values = [];
  trust = {};
  log = {};

  constructor(rules, now) {
    this.rules = rules;
    this.now = now;
  }

  find(finding) {
    this.findings.push(finding);
  }

  fail(verdict, code, facts = {}) {
    this.find(bad(verdict, code, facts));
    return new Stopped(code);
  }

  stopFor(fault) {
    const code = this.step === 0 ? "integrity.not_a_bundle" : "integrity.malformed";
    this.find(bad("integrity", code, { pointer: fault.pointer, problem: fault.code }));
  }

  run(data, trust) {
    // 1
    const found = readBundle(data);
    this.step = 1;
    // 2
    this.top = this.walk(found, trust);
    this.step = 2;
    // 3
    this.note = this.checkpoint(found.note);
    this.noteText = found.note;
    this.step = 3;
    // 4
    const { newest, people } = this.snapshots(found.snapshots);
    const logged = found.events.map((one) => ({ ...one, ...this.included(one) }));
    this.step = 4;
    // 5, 6, 7
    this.walkEvents(logged, found.forms, people);
    this.step = 6;
    this.judgeHead(found.head);
    this.step = 7;
    // 8
    this.disclosures(found.disclosures, logged);
    this.step = 8;
    // 9
    this.freshness(newest);
    this.step = 9;
  }

  walk(found, trust) {
    const carried = walkRoots(found.trust);
    let top = carried[carried.length - 1];
    const agency = { ...top.agency };
    this.trust = {
      agency, origin: top.origin, root_version: top.version, fingerprint: fingerprint(found.trust[0].signed),
    };
    if (trust === null) {
      this.find(unknown("identity", "identity.not_known_here", agency));
      return top;
    }
    let pinned, mine;
    try {
      pinned = readTrustFile(trust);
      mine = walkRoots(pinned);
    } catch (fault) {
      if (!(fault instanceof Invalid)) throw fault;
      throw this.fail("identity", "identity.trust_file");
    }
    const shorter = Math.min(pinned.length, found.trust.length);
    for (let at = 0; at < shorter; at += 1) {
      if (!sameBytes(pinned[at].signed, found.trust[at].signed)) {
        this.find(bad("identity", "identity.other_root", agency));
        return top;
      }
    }
    this.pinned = true;
    if (mine.length > carried.length) {
      top = mine[mine.length - 1];
      this.trust.root_version = top.version;
    }
    if (top.version < this.rules.min_root_version) {
      this.find(bad("freshness", "freshness.older_root", { known: this.rules.min_root_version }));
    }
    return top;
  }

  checkpoint(text) {
    const note = openNote(text);
    if (note.origin !== this.top.origin) throw this.fail("order", "order.origin", { origin: note.origin });
    const key = logKeyFor(this.top, note.size);
    if (key === null || !isSignedBy(note, key)) throw this.fail("integrity", "integrity.checkpoint_signature");
    const witnesses = [...this.top.policy.witnesses.values()];
    const seen = cosignatures(note, witnesses);
    if (!isSatisfied(this.top.policy, seen.map((one) => one.key))) {
      this.find(bad("order", "order.quorum", { seen: seen.length }));
    }
    const isKnown = (line) => [...witnesses, key].some((one) => one.name === line.name && one.id === line.id);
    if (!note.lines.every(isKnown) || note.lines.length !== 1 + seen.length) {
      throw this.fail("integrity", "integrity.checkpoint_lines");
    }
    const latest = seen.reduce((most, one) => (one.time > most ? one.time : most), 0n);
    this.log = {
      origin: note.origin, size: note.size, root: hex(note.root),
      witnesses: seen.map((one) => one.name).sort(compareTexts),
      witnessed_at: seen.length > 0 ? timeOf(latest) : null,
    };
    return note;
  }

  /** Step 4 of one envelope: its index, and its statement when it is an event. */
  included({ envelope, receivedAt, proof }) {
    const { index } = proof;
    if (!this.top.payloadTypes.includes(envelope.type)) {
      throw this.fail("integrity", "integrity.payload_type", { index });
    }
    if (proof.note !== this.noteText || proof.extra.length > 0) {
      throw this.fail("integrity", "integrity.other_checkpoint", { index });
    }
    const event = eventId(envelope.signed);
    const { statement, ...place } = placeOf(envelope);
    const leaf = utf8(spell({
      ...place, event_id: event, received_at: receivedAt, sig_digest: sigDigest(envelope.signatures), v: 1,
    }));
    if (!isIncluded(leafHash(leaf), index, this.note.size, proof.proof, this.note.root)) {
      throw this.fail("integrity", "integrity.not_in_log", { index });
    }
    return { index, event, statement };
  }

  snapshots(listed) {
    let [newest, people, last] = [null, new Map(), -1];
    for (const one of listed) {
      const { index } = this.included(one);
      const { envelope } = one;
      const { registrar } = this.top;
      if (envelope.type !== TRUST_SNAPSHOT || !meets(envelope, registrar)) {
        throw this.fail("identity", "identity.snapshot", { index });
      }
      const snapshot = readSnapshot(envelope.payload);
      const isByRegistrars = envelope.signatures.every((each) => registrar.keys.includes(hex(each.key)));
      if (!isByRegistrars || snapshot.origin !== this.top.origin || snapshot.rootVersion > this.top.version) {
        throw this.fail("identity", "identity.snapshot", { index });
      }
      if (newest !== null && (snapshot.version <= newest.version || index <= last)) {
        throw this.fail("order", "order.snapshots", { index });
      }
      const proven = one.people.map((each) => readProvenPerson(each, snapshot));
      people = new Map(proven.map((each) => [each.person, each]));
      [newest, last] = [snapshot, index];
    }
    if (newest === null) throw this.fail("identity", "identity.no_snapshot");
    for (const person of people.values()) for (const key of person.keys) key.kid = kid(fromHex(key.key), key.suite);
    this.trust.snapshot_version = newest.version;
    return { newest, people };
  }

  walkEvents(logged, forms, people) {
    if (logged.length === 0) throw this.fail("order", "order.empty");
    const workflows = new Map();
    for (const { envelope, receivedAt, index, event, statement: one } of logged) {
      if (envelope.type !== EVENT) throw this.fail("integrity", "integrity.payload_type", { index });
      if (one.origin !== this.top.origin) throw this.fail("order", "order.origin", { origin: one.origin });
      if (one.agency !== this.top.agency.code) this.find(bad("identity", "identity.agency", { agency: one.agency }));
      if (!this.rules.suites.includes(one.suite)) {
        throw this.fail("integrity", "integrity.suite", { seq: one.seq, index });
      }
      const person = people.get(one.actor.person);
      const digest = one.form.sha256;
      if (!workflows.has(digest)) workflows.set(digest, forms.has(digest) ? readWorkflow(forms.get(digest)) : null);
      const workflow = workflows.get(digest);
      // 5
      this.findings.push(...judgeSignatures(envelope, one, index, person, this.top));
      // 6
      this.findings.push(...judgeAuthority(this.chain, one, index, person, this.top, workflow));
      // 7
      this.findings.push(...judgeOrder(this.chain, one, index, workflow));
      this.chain.take(one, event, index, workflow);
      this.last = one;
      Object.assign(this.header, one.header);
      this.events.push({
        index, seq: one.seq, event, type: one.type, transition: one.transition, source: one.from, target: one.to,
        person: one.actor.person, role: one.actor.role, unit: one.actor.unit, tier: one.auth.tier ?? "",
        time: one.time, received_at: receivedAt, form: one.form.id, version: one.form.version,
      });
    }
    this.findings = settle(this.findings, this.chain);
  }

  judgeHead(envelope) {
    if (envelope.type !== HEAD || !this.top.payloadTypes.includes(HEAD)) throw this.fail("order", "order.head");
    for (const each of envelope.signatures) {
      const isPlatforms = isPlatformKey(this.top, each.key, this.note.size - 1);
      if (!isPlatforms || !isValid(each.key, envelope.signed, each.sig)) throw this.fail("order", "order.head_signature");
    }
    const said = readHead(envelope.payload);
    const { doc, head, seq, state } = this.chain;
    const here = { origin: this.note.origin, doc, head, seq, state, size: this.note.size };
    if (Object.keys(here).some((name) => said[name] !== here[name])) {
      this.find(bad("order", "order.head", { said: said.seq, found: seq }));
    }
  }

  disclosures(listed, logged) {
    const parts = new Map();
    for (const { event, statement } of logged) {
      for (const part of statement.parts) parts.set(`${event} ${part.n}`, { seq: statement.seq, part });
    }
    for (const one of listed) {
      const place = parts.get(`${one.event} ${one.part}`);
      if (place === undefined) throw this.fail("integrity", "integrity.disclosure_place");
      if (!isDisclosed(one, place.part.leaves, fromHex(place.part.root))) {
        throw this.fail("integrity", "integrity.disclosure", { path: one.path, seq: place.seq });
      }
      this.values.push({ seq: place.seq, class: place.part.class, path: one.path, value: one.value });
    }
  }

  freshness(newest) {
    const { min_snapshot_version: minSnapshot, min_checkpoint_size: minCheckpoint } = this.rules;
    if (newest.version < minSnapshot) this.find(bad("freshness", "freshness.older_snapshot", { known: minSnapshot }));
    if (this.note.size < minCheckpoint) {
      this.find(bad("freshness", "freshness.older_checkpoint", { known: minCheckpoint }));
    }
    if (this.now === null) {
      this.find(unknown("freshness", "freshness.no_clock", { as_of: newest.issuedAt }));
      return;
    }
    if (this.now > newest.expires) this.find(unknown("freshness", "freshness.snapshot_expired", { as_of: newest.expires }));
    if (this.now > this.top.expires) this.find(unknown("freshness", "freshness.root_expired", { as_of: this.top.expires }));
    if (this.now < newest.issuedAt) this.find(unknown("freshness", "freshness.clock", { issued_at: newest.issuedAt }));
  }

  report() {
    const facts = { size: this.log.size ?? null, seq: this.chain.seq, now: this.now };
    const verdicts = conclude(this.findings, this.step, facts);
    const { doc, state, seq } = this.chain;
    const { id: form = "", version = "" } = this.last?.form ?? {};
    return {
      outcome: outcomeOf(verdicts), pinned: this.pinned, step: this.step, verdicts,
      document: { doc, state, seq, form, version, header: this.header },
      events: this.events, values: this.values, unchecked: [...this.chain.unchecked].sort(compareTexts),
      trust: this.trust, log: this.log,
    };
  }
}

/** What the leaf says of a logged envelope. */
function placeOf(envelope) {
  if (envelope.type === EVENT) {
    const statement = readStatement(envelope.payload);
    return { doc: statement.doc, seq: statement.seq, type: statement.type, statement };
  }
  if (envelope.type === TRUST_SNAPSHOT) {
    return { doc: "trust.snapshot", seq: readSnapshot(envelope.payload).version, type: "trust.snapshot" };
  }
  if (envelope.type === TRUST_ROOT) return { doc: "trust.root", seq: rootVersion(envelope.payload), type: "trust.root" };
  throw new Invalid("/payloadType", "leaf.type");
}

function timeOf(seconds) {
  const most = 2n ** 37n;
  const milliseconds = Number(seconds < most ? seconds : most) * 1000;
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}
