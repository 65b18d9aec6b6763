// From bytes to one result: a PDF with its bundle, or a bundle alone, judged as the public page does.
// Decides in this order, and stops at the first that applies:
//  1 can the file be read at all                    -> unreadable
//  2 does it carry a bundle                         -> unsealed
//  3 do content, order or disclosed values disagree -> altered
//  4 is the sealer known to this verifier           -> unknown_seal, or altered when its own page seal does not
//                                                      fit its pages; known, but a foreign key signed -> altered
//  5 could the signer take that step                -> unauthorised
//  6 do the pages show what was sealed              -> altered, or page_unsealed without a page seal
//  7 where the document stands now                  -> replaced, pending, genuine
// What a later event did is known only as far as the bundle, or a live log that is asked, can say.

import { readBundle } from "./bundle.mjs";
import { hex, indexOfBytes, utf8 } from "./bytes.mjs";
import { sha256 } from "./hashes.mjs";
import { differingPages, drawnPages, openPageSeal } from "./pageseal.mjs";
import { Unreadable, isPdf, readPdf } from "./pdf.mjs";
import { Invalid } from "./refusal.mjs";
import { readTrustFile, walkRoots } from "./trust.mjs";
import { verify } from "./verify.mjs";

// The states that end a document, and those in which it is in force; any other is on its way.
const ENDED = new Set(["superseded", "voided", "withdrawn", "rejected", "revoked", "expired", "destroyed"]);
const IN_FORCE = new Set(["effective", "applied", "archived", "issued", "published", "sealed", "delivered", "closed"]);
const MARK = utf8('"format":"fengjian-bundle/');
const ENCLOSED = ["bundle.json", "page.json"];
const BYTE_RANGE = utf8("/ByteRange");
const NO_SEAL = { status: "none", signer: "", certificate: "" };

/** Judge a file. `trust`: bytes of a pinned trust.json or null; `now`: a time; `current` asks a live log where a
 * document stands: `{seq, state, at, by}` or null. */
export async function judge(bytes, trust, now, current = async () => null) {
  let fileSeal = NO_SEAL;
  const judged = await judgedWithout(bytes, trust, now, current, () => {
    fileSeal = fileSealOf(bytes);
  });
  return { ...judged, fileSeal };
}

// A seal over the whole file (PAdES) is only found here; the first verifier judges it.
const fileSealOf = (bytes) => (indexOfBytes(bytes, BYTE_RANGE) < 0 ? NO_SEAL : { ...NO_SEAL, status: "unchecked" });

async function judgedWithout(bytes, trust, now, current, whenRead) {
  const isPaper = isPdf(bytes);
  let paper = null;
  let proof = bytes;
  // 1, 2
  if (isPaper) {
    try {
      paper = await readPdf(bytes, ENCLOSED);
      paper.drawn = await drawnPages(paper.document);
      whenRead();
    } catch (fault) {
      if (!(fault instanceof Unreadable)) throw fault;
      return withoutReport("unreadable", isPaper);
    }
    proof = paper.enclosures.get("bundle.json");
    if (proof === undefined) return withoutReport("unsealed", isPaper);
  } else if (indexOfBytes(bytes, MARK) < 0) {
    return withoutReport("unreadable", isPaper);
  }
  const report = verify(proof, trust, now);
  const status = Object.fromEntries(report.verdicts.map((one) => [one.name, one.status]));
  const live = report.document.doc === "" ? null : await current(report.document.doc);
  const standing = live !== null && live.seq >= report.document.seq ? live : null;
  const found = { report, status, isPaper, proof, standing, pageSeal: null, lacksPageSeal: false, pages: [] };
  // 3
  if (status.integrity === "bad") return concluded(found, "altered", { where: "data" });
  if (status.order === "bad") return concluded(found, "altered", { where: "order" });
  // 4
  if (status.identity !== "good") {
    if (report.pinned) return concluded(found, "altered", { where: "signature" });
    const stopped = paper === null ? null : checkPages(found, paper, null);
    return stopped !== null && stopped.result === "altered" ? stopped : concluded(found, "unknown_seal");
  }
  // 5
  if (status.authority === "bad") return concluded(found, "unauthorised");
  if (status.integrity !== "good") return concluded(found, "unreadable");
  // 6
  const stopped = paper === null ? null : checkPages(found, paper, trust);
  if (stopped !== null) return stopped;
  // 7
  const { state } = standing ?? report.document;
  return concluded(found, ENDED.has(state) ? "replaced" : IN_FORCE.has(state) ? "genuine" : "pending");
}

function newestRoot(proof, trust) {
  const carried = walkRoots(readBundle(proof).trust);
  const pinned = trust === null ? [] : walkRoots(readTrustFile(trust));
  return [...carried, ...pinned].reduce((most, one) => (one.version > most.version ? one : most));
}

function checkPages(found, paper, trust) {
  const sealed = paper.enclosures.get("page.json");
  if (sealed === undefined) {
    found.lacksPageSeal = true;
    return concluded(found, "page_unsealed");
  }
  try {
    found.pageSeal = openPageSeal(sealed, newestRoot(found.proof, trust));
  } catch (fault) {
    if (!(fault instanceof Invalid)) throw fault;
  }
  const seal = found.pageSeal;
  if (seal === null) return concluded(found, "altered", { where: "page_seal" });
  const { report } = found;
  const belongs = seal.doc === report.document.doc && seal.bundle === hex(sha256(found.proof))
    && report.events.some((one) => one.event === seal.event && one.index === seal.index);
  if (!belongs) return concluded(found, "altered", { where: "data" });
  found.pages = differingPages(seal, paper.drawn);
  if (found.pages.length > 0) return concluded(found, "altered", { where: "pages", pages: found.pages });
  return paper.isAppended ? concluded(found, "altered", { where: "appended" }) : null;
}

function withoutReport(result, isPaper) {
  const questions = { who: "unknown", changed: "unknown", when: "unknown", valid: "unknown" };
  return { result, facts: {}, questions, isPaper, report: null, pageSeal: null, pages: [], proof: null, exitCode: 2 };
}

function concluded(found, result, more = {}) {
  const { report } = found;
  const at = report.events.length > 0 ? report.events[report.events.length - 1].received_at : "";
  const { header } = report.document;
  const { state, at: since, by } = found.standing ?? { state: report.document.state, at, by: "" };
  const isLive = found.standing !== null;
  const facts = {
    agency_zh: report.trust.agency?.name_zh ?? "", agency_en: report.trust.agency?.name_en ?? "", at,
    doc_id: header.doc_id ?? "", doc_no: header.doc_no ?? "", state, state_at: since, by, is_live: isLive, ...more,
  };
  return { ...found, result, facts, questions: questionsOf(found, result, at), exitCode: exitCodeOf(report, result) };
}

function exitCodeOf(report, result) {
  if (result === "altered" || result === "unauthorised") return 1;
  return ["genuine", "pending", "replaced"].includes(result) && report.outcome === "good" ? 0 : 2;
}

function questionsOf({ status, standing, lacksPageSeal }, result, at) {
  const isKnown = status.identity === "good";
  const isOpen = result === "unreadable" || lacksPageSeal || status.integrity !== "good";
  const changed = result === "altered" ? "yes" : isOpen ? "unknown" : "no";
  let valid = "unknown";
  if (isKnown && ["replaced", "unauthorised", "pending"].includes(result)) valid = "no";
  else if (isKnown && result === "genuine" && (status.freshness === "good" || standing !== null)) valid = "yes";
  return {
    who: isKnown ? "yes" : "unknown",
    changed,
    when: isKnown && result !== "altered" && at !== "" ? "yes" : "unknown",
    valid,
  };
}

/** The verification as the JSON object of `fengjian verify --json`. */
export function asJson(found) {
  const seal = found.pageSeal;
  return {
    result: found.result,
    exit_code: found.exitCode,
    facts: found.facts,
    questions: found.questions,
    kind: found.isPaper ? "pdf" : "bundle",
    pages_changed: found.pages,
    file_seal: found.fileSeal,
    page_seal: seal === null ? null : { kind: seal.kind, copy: seal.copy, printed_at: seal.printed_at },
    report: found.report,
  };
}
