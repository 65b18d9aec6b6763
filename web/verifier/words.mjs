// A verification put into the words of one language. The sentences come from the catalogue that set-up takes
// from engine/trust/sentences.py and web/messages, so that no word is written twice; labels of states, steps and
// fields come from the form version inside the bundle. Never judges.

import catalogue from "fengjian-catalogue";
import { readBundle } from "./bundle.mjs";
import { parseForm, spell } from "./canonical.mjs";
import { Invalid, isObject, isText } from "./refusal.mjs";

export const LANGUAGES = ["zh-CN", "en"];
const TONES = {
  genuine: "good", pending: "good", replaced: "warn", altered: "bad", unauthorised: "bad",
  unknown_seal: "warn", page_unsealed: "warn", unsealed: "warn", unreadable: "warn",
};
const ICONS = { good: "✓", warn: "!", bad: "✕" };

const filled = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(facts[name] ?? "–"));

/** The sentence of a key of the page in a language. */
export const say = (lang, key, facts = {}) => filled(catalogue.page[lang][key] ?? key, facts);

const sentence = (lang, code, facts) => filled(catalogue.sentences[code][LANGUAGES.indexOf(lang)], facts);

/** A time of signed data as it is read on a wall in Beijing. */
export function local(text) {
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) return "";
  return new Date(moment + 8 * 3600000).toISOString().slice(0, 16).replace("T", " ");
}

/** Labels from a form bundle; codes where there is none. */
class FormWords {
  constructor(form, lang) {
    this.form = form;
    this.lang = lang;
  }

  state(name) {
    return this.titled(this.form.states?.states?.[name], `#/states/${name}`, name);
  }

  transition(name) {
    const listed = [...(this.form.states?.transitions ?? []), ...(this.form.states?.system ?? [])];
    return this.titled(listed.find((one) => one.name === name), `#/transitions/${name}`, name);
  }

  titled(found, pointer, name) {
    const english = this.form.locale?.[pointer];
    if (this.lang === "en" && isText(english)) return english;
    return isObject(found) ? String(found.title ?? name) : name;
  }

  field(path) {
    const [, rule, pointer] = /^\/_derived(?:\/@(\w+))?(\/.*)$/.exec(path) ?? [null, null, path];
    const words = this.titles(pointer);
    if (pointer === path) return words;
    return say(this.lang, `verify.derived.${rule ?? "masked"}`, { field: words });
  }

  titles(pointer) {
    const words = [];
    this.walk(pointer, (step, here, isPlace) => words.push(isPlace ? String(Number(step) + 1) : String(here.title ?? step)));
    return words.join(" · ");
  }

  value(pointer, value) {
    const here = this.walk(pointer, () => {});
    const label = here["x-enum"]?.[String(value)];
    const text = isText(value) ? value : spell(value);
    return label === undefined ? text : `${label}（${text}）`;
  }

  walk(pointer, visit) {
    let here = this.resolved(this.form.schema);
    for (const step of pointer.split("/").slice(1)) {
      const isPlace = /^\d+$/.test(step) && isObject(here.items);
      here = this.resolved(isPlace ? here.items : here.properties?.[step]);
      visit(step, here, isPlace);
    }
    return here;
  }

  resolved(schema) {
    let here = schema;
    for (let count = 0; count < 8; count += 1) {
      if (!isObject(here)) return {};
      const reference = here.$ref;
      if (!isText(reference) || !reference.startsWith("#/")) return here;
      let target = this.form.schema;
      for (const step of reference.slice(2).split("/")) target = isObject(target) ? target[step] ?? {} : {};
      const { $ref: _, ...own } = here;
      here = { ...target, ...own };
    }
    return {};
  }
}

function formOf(found) {
  if (found.proof === null || found.report === null || found.report.document.form === "") return {};
  try {
    const parsed = [...readBundle(found.proof).forms.values()].map(parseForm).filter(isObject);
    return parsed.length > 0 ? parsed[parsed.length - 1] : {};
  } catch (fault) {
    if (!(fault instanceof Invalid)) throw fault;
    return {};
  }
}

/** What a page shows of a verification. */
export function putIntoWords(found, lang) {
  const { facts, report } = found;
  const form = new FormWords(formOf(found), lang);
  const pages = (facts.pages ?? []).join("、");
  const told = {
    agency: (lang === "en" ? facts.agency_en : facts.agency_zh) ?? "",
    at: local(facts.at ?? ""),
    day: local(facts.state_at ?? "").slice(0, 10),
    state: form.state(facts.state ?? ""),
    where: facts.where === undefined ? "" : say(lang, `verify.where.${facts.where}`, { pages }),
    by: facts.by ?? "",
  };
  const key = found.result === "replaced" && facts.by ? "replaced_by" : found.result;
  const tone = TONES[found.result];
  return {
    tone,
    icon: ICONS[tone],
    mark: say(lang, `verify.mark.${found.result}`),
    sentence: say(lang, `verify.result.${key}`, told),
    questions: Object.entries(found.questions).map(([name, answer]) => answered(found, name, answer, told, lang)),
    document: documentRows(found, lang),
    verdicts: (report?.verdicts ?? []).map((one) => ({
      title: catalogue.titles[one.name][LANGUAGES.indexOf(lang)],
      status: one.status,
      word: say(lang, `verify.status.${one.status}`),
      reason: sentence(lang, one.code, one.facts),
    })),
    steps: (report?.events ?? []).map((one) => [
      String(one.seq), `${form.transition(one.transition)} → ${form.state(one.target)}`, one.role,
      local(one.received_at), String(one.index),
    ]),
    values: (report?.values ?? []).map((one) => [form.field(one.path), form.value(one.path, one.value)]),
    unchecked: (report?.unchecked ?? []).join("、"),
  };
}

function answered(found, name, answer, told, lang) {
  let key = `verify.${name}.${answer}`;
  if (key === "verify.changed.no" && found.pageSeal !== null) key += "_page";
  if (key === "verify.valid.yes" && !found.facts.is_live) key += "_as_of";
  return [say(lang, `verify.ask.${name}`), say(lang, key, told)];
}

function documentRows(found, lang) {
  const rows = [["verify.doc_no", found.facts.doc_no], ["verify.doc_id", found.facts.doc_id]];
  if (found.pageSeal !== null) {
    rows.push(["verify.copy", found.pageSeal.copy], ["verify.printed_at", local(found.pageSeal.printed_at)]);
  }
  const { status, signer } = found.fileSeal;
  if (status !== "none") rows.push(["verify.file_seal", say(lang, `verify.file_seal.${status}`, { signer })]);
  const size = found.report?.log.size;
  if (size !== undefined) rows.push(["verify.log", say(lang, "verify.log.size", { size })]);
  return rows.filter(([, text]) => text).map(([key, text]) => [say(lang, key), text]);
}
