// A verification as elements of the page: the same parts and classes as the server's answer without a script.
// Text is set as text, never as markup.

import { putIntoWords, say } from "./words.mjs";

/** An element with attributes and children; texts become text nodes. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function table(heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  return element("table", { class: "plain-table" }, element("thead", {}, head), element("tbody", {}, ...rows));
}

const row = (texts, isHeaded) =>
  element("tr", {}, ...texts.map((text, at) =>
    (at === 0 && isHeaded ? element("th", { scope: "row" }, text) : element("td", {}, text))));

const pairs = (kind, listed) =>
  element("dl", { class: `${kind} panel` }, ...listed.flatMap(([a, b]) => [element("dt", {}, a), element("dd", {}, b)]));

/** The elements of a result in a language, the verdict first. */
export function resultElements(found, lang) {
  const shown = putIntoWords(found, lang);
  const verdict = element("section",
    { class: `verdict verdict-${shown.tone}`, role: "status", tabindex: "-1", "aria-labelledby": "result" },
    element("span", { class: "verdict-icon", "aria-hidden": "true" }, shown.icon),
    element("div", {},
      element("p", { class: "verdict-mark" }, shown.mark),
      element("h2", { id: "result", class: "verdict-sentence" }, shown.sentence)));
  const out = [verdict];
  if (shown.document.length > 0) out.push(pairs("facts", shown.document));
  out.push(pairs("asked", shown.questions));
  if (shown.verdicts.length > 0) out.push(details(shown, lang));
  return out;
}

function details(shown, lang) {
  const title = (key) => element("h2", {}, say(lang, key));
  const out = element("details", { class: "panel" }, element("summary", {}, say(lang, "verify.details")));
  const heads = (...keys) => keys.map((key) => say(lang, key));
  out.append(title("verify.verdicts"), table(
    heads("verify.verdict", "verify.status", "verify.reason"),
    shown.verdicts.map((one) => element("tr", {},
      element("th", { scope: "row" }, one.title),
      element("td", { class: `status-${one.status}` }, one.word),
      element("td", {}, one.reason))),
  ));
  if (shown.steps.length > 0) {
    const names = heads("verify.step.no", "verify.step.what", "verify.step.role", "verify.step.at", "verify.step.index");
    out.append(title("verify.steps"), table(names, shown.steps.map((texts) => row(texts, false))));
  }
  out.append(title("verify.values"));
  if (shown.values.length > 0) {
    out.append(
      element("p", { class: "soft" }, say(lang, "verify.values.hint")),
      table(heads("verify.label", "verify.value"), shown.values.map((texts) => row(texts, true))),
    );
  } else {
    out.append(element("p", { class: "soft" }, say(lang, "verify.values.none")));
  }
  if (shown.unchecked !== "") {
    out.append(element("p", { class: "soft small" }, say(lang, "verify.unchecked", { rules: shown.unchecked })));
  }
  return out;
}
