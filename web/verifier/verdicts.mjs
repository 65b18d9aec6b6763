// What a verifier says: five verdicts, each with a code and facts. Holds no sentences.

export const NAMES = ["integrity", "identity", "authority", "order", "freshness"];

/** A finding that proves a verdict wrong. */
export const bad = (verdict, code, facts = {}) => ({ verdict, status: "bad", code, facts });

/** A finding that keeps a verdict from being reached. */
export const unknown = (verdict, code, facts = {}) => ({ verdict, status: "unknown", code, facts });

/** A finding that is worth saying of a verdict which holds. */
export const good = (verdict, code, facts = {}) => ({ verdict, status: "good", code, facts });

// How far the verifier must have come before silence means "good".
const DECIDED_AT = { integrity: 8, identity: 5, authority: 6, order: 7, freshness: 9 };

/** The five verdicts from all findings; one whose step was not reached is unknown. */
export function conclude(findings, step, facts) {
  return NAMES.map((name) => {
    const mine = findings.filter((one) => one.verdict === name);
    const is = (status) => mine.find((one) => one.status === status);
    const first = is("bad") ?? is("unknown")
      ?? (step < DECIDED_AT[name] ? unknown(name, "not_judged")
        : is("good") ?? { status: "good", code: `${name}.good`, facts });
    return { name, status: first.status, code: first.code, facts: first.facts };
  });
}

/** good when all five are, bad when one is, else unknown. */
export function outcomeOf(verdicts) {
  if (verdicts.some((one) => one.status === "bad")) return "bad";
  return verdicts.some((one) => one.status === "unknown") ? "unknown" : "good";
}
