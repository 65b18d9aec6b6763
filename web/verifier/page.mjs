// The verification page in the visitor's browser: the file is judged here and goes nowhere.
// On the agency's page it takes the place of the upload, which stays for browsers without a script and as a
// second way; in the file that works without a network it is the page.

import "./older.mjs";
import { fromBase64 } from "./bytes.mjs";
import { fingerprint } from "./hashes.mjs";
import { judge } from "./judge.mjs";
import { Invalid } from "./refusal.mjs";
import { element, resultElements } from "./showing.mjs";
import { readTrustFile, walkRoots } from "./trust.mjs";
import { LANGUAGES, say } from "./words.mjs";

const MOST_BYTES = 20 * 1048576;
const secondsNow = () => new Date().toISOString().replace(/\.\d+Z$/, "Z");
const bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());

/** Who a trust file speaks for: `{agency, fingerprint}`; null when it is none. */
function introduced(bytes) {
  try {
    const chain = readTrustFile(bytes);
    const roots = walkRoots(chain);
    return { agency: roots[roots.length - 1].agency, fingerprint: fingerprint(chain[0].signed) };
  } catch (fault) {
    if (!(fault instanceof Invalid)) throw fault;
    return null;
  }
}

/** Replace what is shown by these elements and put the focus on the first. */
function show(place, ...elements) {
  place.replaceChildren(...elements);
  elements[0].focus();
}

/** The drop zone: a dropped file is as good as a chosen one. */
function acceptDrops(zone, field) {
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    if (event.dataTransfer.files.length > 0) field.files = event.dataTransfer.files;
  });
}

/** The agency's page: the form judges here; its second button sends the file to the server. */
function takeOver(form) {
  const lang = document.documentElement.lang === "en" ? "en" : "zh-CN";
  const field = form.querySelector("input[type=file]");
  const first = form.querySelector("button");
  first.after(" ", element("button", { class: "button", name: "by", value: "server" }, say(lang, "verify.server")));
  first.after(element("p", { class: "hint" }, say(lang, "verify.local.hint")));
  const place = element("div", { class: "verify" });
  form.after(place);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "by") return;
    event.preventDefault();
    answer(field.files[0]);
  });

  async function answer(file) {
    if (file.size > MOST_BYTES) return show(place, failure(lang, "verify.too_large"));
    first.disabled = true;
    try {
      const found = await judge(await bytesOf(file), await fetched(form.dataset.trust), secondsNow(), current);
      const note = element("p", { class: "soft small" }, say(lang, "verify.local.done"));
      show(place, ...resultElements(found, lang), note, printButton(lang));
    } catch {
      // Whatever this browser lacks, the other button still gets an answer.
      show(place, failure(lang, "verify.local.failed"));
    } finally {
      first.disabled = false;
    }
  }

  async function fetched(address) {
    const answered = await fetch(address);
    return answered.ok ? new Uint8Array(await answered.arrayBuffer()) : null;
  }

  // Only the random id of the document is asked about, never the file.
  async function current(doc) {
    const answered = await fetch(`${form.dataset.standing}?doc=${encodeURIComponent(doc)}`).catch(() => null);
    return answered !== null && answered.ok ? answered.json() : null;
  }
}

const failure = (lang, key) =>
  element("div", { class: "summary", role: "alert", tabindex: "-1" }, element("h2", {}, say(lang, key)));

function printButton(lang) {
  const button = element("button", { type: "button", class: "button" }, say(lang, "verify.print"));
  button.addEventListener("click", () => window.print());
  return element("p", { class: "verify-again" }, button);
}

/** The page of the file that works without a network. */
class OfflinePage {
  found = null;
  failed = "";

  constructor(main, trust) {
    this.main = main;
    this.trust = trust;
    this.lang = /^zh/.test(navigator.language) ? "zh-CN" : "en";
    this.draw();
  }

  say(key, facts) {
    return say(this.lang, key, facts);
  }

  draw() {
    document.documentElement.lang = this.lang;
    const held = this.trust === null ? null : introduced(this.trust);
    document.title = this.say("verify.title");
    const other = LANGUAGES.find((one) => one !== this.lang);
    const language = element("button", { type: "button", class: "link", lang: other }, other === "en" ? "English" : "中文");
    language.addEventListener("click", () => {
      this.lang = other;
      this.draw();
      this.main.querySelector("[lang]").focus();
    });
    this.place = element("div", { class: "verify" });
    this.main.replaceChildren(
      element("p", { class: "small" }, language),
      element("h1", {}, this.say("verify.title")),
      element("p", {}, this.say("verify.offline.intro")),
      this.field("trust", ".json,application/json", "verify.trust.choose", this.heldText(held), (bytes) => this.hold(bytes)),
      this.field("file", ".pdf,.json,application/pdf,application/json", "verify.file", this.say("verify.offline.hint"), (bytes) => this.judge(bytes)),
      this.place,
    );
    if (this.failed !== "") show(this.place, failure(this.lang, this.failed));
    else if (this.found !== null) this.showFound();
  }

  heldText(held) {
    if (held === null) return this.say("verify.trust.none");
    const agency = this.lang === "en" ? held.agency.name_en : held.agency.name_zh;
    return this.say("verify.trust.held", { agency, fingerprint: held.fingerprint });
  }

  field(id, accepted, label, hint, take) {
    const input = element("input", { id, type: "file", accept: accepted, "aria-describedby": `${id}-hint` });
    const zone = element("div", { class: "field drop" },
      element("label", { for: id }, this.say(label)), input, element("p", { class: "hint", id: `${id}-hint` }, hint));
    const taken = async () => {
      const [file] = input.files;
      if (file === undefined) return;
      this.failed = file.size > MOST_BYTES ? "verify.too_large" : "";
      if (this.failed !== "") show(this.place, failure(this.lang, this.failed));
      else await take(await bytesOf(file));
    };
    acceptDrops(zone, input);
    zone.addEventListener("drop", taken);
    input.addEventListener("change", taken);
    return element("div", { class: "panel stack" }, zone);
  }

  async hold(bytes) {
    const isTrust = introduced(bytes) !== null;
    if (isTrust) this.trust = bytes;
    this.failed = isTrust ? "" : "verify.trust.refused";
    if (isTrust && this.bytes !== undefined) this.found = await judge(this.bytes, this.trust, secondsNow());
    this.draw();
    if (isTrust && this.found === null) this.main.querySelector("#file").focus();
  }

  async judge(bytes) {
    this.bytes = bytes;
    this.found = await judge(bytes, this.trust, secondsNow());
    this.showFound();
  }

  showFound() {
    show(this.place, ...resultElements(this.found, this.lang), printButton(this.lang));
  }
}

function begin() {
  const form = document.querySelector("form[data-verifier]");
  const main = document.querySelector("main[data-verifier]");
  // An old browser without streams keeps the upload: the check would fail for papers.
  const isAble = typeof DecompressionStream === "function" && typeof BigInt === "function";
  if (form !== null && isAble) takeOver(form);
  if (main !== null) {
    const held = document.querySelector("meta[name=fengjian-trust]").content;
    main.page = new OfflinePage(main, held === "" ? null : fromBase64(held));
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();

