// Whether an event continues its document and whether its actor was allowed to (docs/format.md section 16,
// steps 5 to 7). Never parses a payload and never walks a tree.

import { hex } from "./bytes.mjs";
import { kid } from "./hashes.mjs";
import { isValid } from "./keys.mjs";
import { holdsAt, isPlatformKey } from "./trust.mjs";
import { bad, good, unknown } from "./verdicts.mjs";
import { SYSTEM } from "./workflow.mjs";

const NO_FORM = "0".repeat(64);
const [REAFFIRM, CONSENT, SHRED] = ["review.reaffirm", "shred.approve", "shred"];
const STATELESS = new Set(["reseal", SHRED, CONSENT, "issue", "key.rewrap", REAFFIRM, "amend"]);
const CONSENTS_NEEDED = 2;

/** What is known of a document after its latest event. */
export class Chain {
  doc = "";
  seq = 0;
  head = "";
  state = "";
  index = -1;
  agency = "";
  creator = "";
  submitters = new Set();
  collectors = new Set();
  doers = new Map();
  holder = "";
  lastActor = "";
  unit = "";
  unchecked = new Set();
  suspects = new Map(); // by event: {seq, person, moves}
  confirmed = new Map(); // number of a suspect event → index of the event that confirmed it
  consents = new Map(); // by event: {person, key, basis}
  destroyedAt = null;
  judged = null; // what `judgeAuthority` found of the event to be taken

  take(one, event, index, workflow) {
    const { person } = one.actor;
    if (this.judged !== null) (this.judged.moves ? this.suspects : this.consents).set(event, this.judged);
    this.judged = null;
    for (const move of movesOf(one, workflow)) {
      if (move.holder) this.holder = ["takes", "take"].includes(move.holder) ? person : "";
    }
    if (this.seq === 0) [this.doc, this.agency, this.creator] = [one.doc, one.agency, person];
    [this.seq, this.head, this.index, this.state] = [one.seq, event, index, one.to];
    if (one.type === "submit" || one.transition === "submit") this.submitters.add(person);
    if (one.header.collector) this.collectors.add(one.header.collector);
    if (one.transition) {
      this.doers.set(one.transition, person);
      this.lastActor = person;
    }
    this.unit = one.header.dept_code ?? this.unit;
  }

  /** Who is meant by a word of `not_by` or `same_as`. */
  isMeant(person, word) {
    if (word === "creator" || word === "created_by") return person === this.creator;
    if (word === "submitter" || word === "submitted_by") return this.submitters.has(person);
    if (word === "collector" || word === "collected_by") return this.collectors.has(person);
    if (word === "claimed_by") return person === this.holder;
    if (word === "last_actor") return person === this.lastActor;
    return person === this.doers.get(word);
  }
}

const movesOf = (one, workflow) => (workflow === null ? [] : workflow.find(one.transition, one.from, one.to));

/** Step 5: every finding about the signatures of an event. */
export function judgeSignatures(envelope, one, index, person, root) {
  const place = { seq: one.seq, index };
  const { signatures } = envelope;
  for (const each of signatures) {
    if (!root.suites.includes(each.suite) || each.suite !== one.suite) return [bad("integrity", "integrity.suite", place)];
    if (!isValid(each.key, envelope.signed, each.sig)) return [bad("integrity", "integrity.signature", place)];
  }
  if (new Set(signatures.map((each) => hex(each.key))).size !== signatures.length) {
    return [bad("integrity", "integrity.repeated_signature", place)];
  }
  const isNamed = (each) => kid(each.key, each.suite) === one.actor.key;
  const platform = signatures.filter((each) => isPlatformKey(root, each.key, index));
  let others;
  if (one.actor.role === SYSTEM) {
    if (platform[0] !== signatures[0] || !isNamed(signatures[0])) return [bad("identity", "identity.platform", place)];
    others = signatures.slice(1);
  } else {
    const facts = { person: one.actor.person, ...place };
    if (person === undefined) return [bad("identity", "identity.person", facts)];
    const own = (each) => person.keys.some((key) => key.key === hex(each.key) && key.suite === each.suite);
    const mine = signatures.filter((each) => own(each) && isNamed(each));
    if (mine.length !== 1) return [bad("identity", "identity.key", facts)];
    others = signatures.filter((each) => each !== mine[0]);
    if (others.length === 0) return [bad("identity", "identity.platform", place)];
  }
  return others.every((each) => platform.includes(each)) ? [] : [bad("identity", "identity.platform", place)];
}

/** Step 6: whether key, grant and role were valid at this index, and nobody judged own work. */
export function judgeAuthority(chain, one, index, person, root, workflow) {
  const place = { seq: one.seq, index };
  const moves = movesOf(one, workflow);
  for (const move of moves) for (const each of move.unchecked) chain.unchecked.add(each);
  const { role } = one.actor;
  chain.judged = null;
  if (role === SYSTEM) {
    if (one.type === SHRED) return judgeShred(chain, one, index);
    const may = moves.length === 0 || moves.some((move) => move.roles.has(SYSTEM));
    return may ? [] : [bad("authority", "authority.role", { role, transition: one.transition, ...place })];
  }
  if (person === undefined) return [unknown("authority", "authority.person_missing", place)];
  const out = [...judgeKey(one, index, person), ...judgeGrant(one, index, person)];
  if (!(role in root.roles)) out.push(bad("authority", "authority.role_unknown", { role, ...place }));
  const faults = moves.map((move) => faultsOf(chain, one, move, index));
  if (faults.length > 0 && faults.every((each) => each.length > 0)) out.push(...faults[0]);
  if (one.type === SHRED) out.push(bad("authority", "authority.shred", place));
  if (one.type === REAFFIRM) out.push(...judgeReaffirmation(chain, one, index, out.length === 0));
  const { person: name, key } = one.actor;
  if (out.some((each) => each.code === "authority.suspect")) {
    chain.judged = { seq: one.seq, person: name, moves };
  } else if (one.type === CONSENT && out.length === 0) {
    chain.judged = { person: name, key, basis: basisOf(one) };
  }
  return out;
}

/** The findings once the whole chain is known: what was confirmed is no longer suspect, and says so. */
export function settle(findings, chain) {
  const out = findings.map((each) => {
    const seq = each.facts.seq ?? 0;
    if (each.code !== "authority.suspect" || !chain.confirmed.has(seq)) return each;
    return good("authority", "authority.reaffirmed", { seq, by_index: chain.confirmed.get(seq) });
  });
  if (chain.destroyedAt !== null) out.push(good("integrity", "integrity.destroyed", { index: chain.destroyedAt }));
  return out;
}

// A legal basis is a text; anything else is none.
const basisOf = (one) => (typeof one.body.basis === "string" ? one.body.basis : "");

function judgeReaffirmation(chain, one, index, isSound) {
  const named = (one.saw.events ?? []).map((event) => chain.suspects.get(event));
  if (named.length === 0 || !named.every((each) => each !== undefined && mayConfirm(chain, one, each))) {
    return [bad("authority", "authority.reaffirm", { seq: one.seq, index, person: one.actor.person })];
  }
  if (isSound) for (const each of named) chain.confirmed.set(each.seq, index);
  return [];
}

function mayConfirm(chain, one, suspect) {
  const { person, role } = one.actor;
  return person !== suspect.person && (suspect.moves.length === 0 || suspect.moves.some((move) =>
    move.roles.has(role) && !move.notBy.some((word) => chain.isMeant(person, word))));
}

function judgeShred(chain, one, index) {
  const named = Array.isArray(one.body.approvals) ? one.body.approvals : [];
  const basis = basisOf(one);
  const consents = named.map((event) => chain.consents.get(event));
  const found = consents.filter((each) => each !== undefined && each.basis === basis);
  const counted = Math.min(new Set(found.map((each) => each.person)).size, new Set(found.map((each) => each.key)).size);
  if (counted < CONSENTS_NEEDED || found.length !== consents.length || !basis) {
    return [bad("authority", "authority.shred", { seq: one.seq, index })];
  }
  chain.destroyedAt = index;
  return [];
}

function judgeKey(one, index, person) {
  const facts = { seq: one.seq, index, person: person.person };
  const key = person.keys.find((each) => each.kid === one.actor.key);
  if (key === undefined || !holdsAt(key.valid, index)) return [bad("authority", "authority.key", facts)];
  if (key.suspect !== null && index >= key.suspect) {
    return [unknown("authority", "authority.suspect", { since: key.suspect, ...facts })];
  }
  return [];
}

function judgeGrant(one, index, person) {
  const { actor } = one;
  const has = person.grants.some((grant) =>
    grant.id === actor.grant && grant.role === actor.role && (grant.unit === "" || grant.unit === actor.unit)
    && holdsAt(grant.valid, index));
  if (has) return [];
  return [bad("authority", "authority.grant", { role: actor.role, person: actor.person, seq: one.seq, index })];
}

function faultsOf(chain, one, move, index) {
  const { person, role, unit } = one.actor;
  const place = { seq: one.seq, index };
  const out = [];
  if (!move.roles.has(role)) out.push(bad("authority", "authority.role", { role, transition: move.name, ...place }));
  for (const word of move.notBy) {
    if (chain.isMeant(person, word)) out.push(bad("authority", "authority.own_work", { person, rule: word, ...place }));
  }
  const needed = move.unit === "document" ? chain.unit : move.unit;
  if (needed && unit !== needed) out.push(bad("authority", "authority.unit", { unit, needed, ...place }));
  if (move.sameAs && chain.seq > 0 && !chain.isMeant(person, move.sameAs)) {
    out.push(bad("authority", "authority.not_same", { person, rule: move.sameAs, ...place }));
  }
  return out;
}

/** Step 7: whether the event follows the one before: number, name, index, document, state. */
export function judgeOrder(chain, one, index, workflow) {
  const place = { seq: one.seq, index };
  const out = [];
  if (one.seq !== chain.seq + 1) out.push(bad("order", "order.gap", { expected: chain.seq + 1, ...place }));
  if (one.prev !== chain.head) out.push(bad("order", "order.prev", place));
  if (index <= chain.index) out.push(bad("order", "order.index", place));
  if (chain.seq > 0 && (one.doc !== chain.doc || one.agency !== chain.agency)) {
    out.push(bad("order", "order.document", place));
  }
  const wrong = (transition, more = {}) => bad("order", "order.transition", { transition, ...more, ...place });
  if (workflow === null && one.form.sha256 === NO_FORM && !one.transition) {
    return one.from === one.to ? out : [...out, wrong("")];
  }
  if (workflow === null) return [...out, bad("order", "order.form_missing", place)];
  const expected = chain.seq > 0 ? chain.state : workflow.initial;
  if (one.from !== expected) out.push(bad("order", "order.state", { expected, found: one.from, ...place }));
  if (STATELESS.has(one.type) && !one.transition) {
    if (one.to !== one.from) out.push(wrong(one.type));
  } else if (movesOf(one, workflow).length === 0) {
    out.push(wrong(one.transition, { source: one.from, target: one.to }));
  }
  return out;
}
