// The page seal (docs/format.md section 18): the platform's word for what each page showed, and the digest of
// a page as drawn. Never renders a page.

import { concat, hex, utf8 } from "./bytes.mjs";
import { isCanonical, parse } from "./canonical.mjs";
import { PAGE, readEnvelope } from "./envelope.mjs";
import { sha256 } from "./hashes.mjs";
import { isValid } from "./keys.mjs";
import { Name, Ref, Stream, Unreadable } from "./pdf.mjs";
import { Real } from "./pdfsyntax.mjs";
import { Invalid, exactMembers, isDigest, isList, isNumber, isText, isTextUpTo, isTime, isWord } from "./refusal.mjs";
import { holdsAt } from "./trust.mjs";

const MOST_PAGES = 200;
const MOST_OBJECTS = 50000;
const MOST_DEPTH = 48;
const SILENT = new Set(["Parent", "StructParents", "Filter", "DecodeParms", "Length", "P"]);
const INHERITED = ["MediaBox", "CropBox", "Rotate", "Resources"];

/** The page seal in an envelope's JSON bytes when a platform key valid at its index signed it, else null. */
export function openPageSeal(bytes, root) {
  const envelope = readEnvelope(parse(bytes, 262144));
  if (envelope.type !== PAGE) throw new Invalid("/payloadType", "page_seal.format");
  const value = parse(envelope.payload);
  const got = exactMembers(value, "", [
    "v", "origin", "doc", "event", "index", "kind", "copy", "printed_at", "bundle", "pages",
  ]);
  const holds = got.v === 1 && isText(got.origin) && isWord(got.doc) && isDigest(got.event) && isNumber(got.index)
    && got.index >= 0 && isWord(got.kind) && isTextUpTo(got.copy, 64) && isTime(got.printed_at) && isDigest(got.bundle)
    && isList(got.pages) && got.pages.length >= 1 && got.pages.length <= MOST_PAGES && got.pages.every(isDigest);
  if (!holds || !isCanonical(envelope.payload, value)) throw new Invalid("", "page_seal.format");
  const isPlatforms = (each) => {
    const known = root.platform.find((one) => one.key === hex(each.key) && holdsAt(one.valid, got.index));
    return known !== undefined && known.suite === each.suite && isValid(each.key, envelope.signed, each.sig);
  };
  return envelope.signatures.some(isPlatforms) ? got : null;
}

/** The numbers, from 1, of the pages that do not show what was sealed. */
export function differingPages(seal, drawn) {
  const out = [];
  for (let at = 0; at < Math.max(seal.pages.length, drawn.length); at += 1) {
    if (seal.pages[at] !== drawn[at]) out.push(at + 1);
  }
  return out;
}

/** The digest of each page as drawn; throws `Unreadable` beyond the limits. */
export async function drawnPages(document) {
  try {
    const pages = [];
    await collect(document, (await document.root()).get("Pages"), new Map(), pages, 0);
    const out = [];
    for (const page of pages) out.push(await new Walk(document).page(page));
    return out;
  } catch (fault) {
    throw fault instanceof Unreadable ? fault : new Unreadable(fault.message);
  }
}

async function collect(document, value, above, pages, depth) {
  const node = await document.follow(value);
  if (depth > MOST_DEPTH || pages.length > MOST_PAGES || !(node instanceof Map)) throw new Unreadable("pages");
  const own = new Map(above);
  for (const name of INHERITED) if (node.has(name)) own.set(name, node.get(name));
  const kids = await document.follow(node.get("Kids"));
  if (kids === null) pages.push(new Map([...own, ...node]));
  else for (const kid of kids) await collect(document, kid, own, pages, depth + 1);
}

class Walk {
  known = new Map();
  count = 0;

  constructor(document) {
    this.document = document;
  }

  async page(page) {
    return hex(sha256(concat(utf8("fengjian/page/v1\0"), await this.spell(page, 0))));
  }

  async spell(value, depth) {
    this.count += 1;
    if (depth > MOST_DEPTH || this.count > MOST_OBJECTS) throw new Unreadable("objects");
    if (value instanceof Ref) {
      const place = `${value.number} ${value.generation}`;
      if (!this.known.has(place)) {
        this.known.set(place, utf8("(cycle)"));
        this.known.set(place, sha256(await this.spell(await this.document.object(value.number), depth + 1)));
      }
      return this.known.get(place);
    }
    if (value instanceof Stream) {
      const content = await this.content(value);
      return concat(utf8("stream"), await this.dictionary(value.dictionary, depth), sha256(content));
    }
    if (value instanceof Map) return this.dictionary(value, depth);
    if (Array.isArray(value)) {
      const rows = [];
      for (const one of value) rows.push(sized(await this.spell(one, depth + 1)));
      return concat(utf8("["), ...rows, utf8("]"));
    }
    return scalar(value);
  }

  async dictionary(value, depth) {
    const rows = [];
    for (const name of [...value.keys()].filter((one) => !SILENT.has(one)).sort()) {
      rows.push(sized(utf8(`/${name}`)), sized(await this.spell(value.get(name), depth + 1)));
    }
    return concat(utf8("<"), ...rows, utf8(">"));
  }

  async content(stream) {
    try {
      return await this.document.contentOf(stream);
    } catch {
      // A filter that is not undone: the raw bytes are as good for telling two files apart.
      return stream.data;
    }
  }
}

function sized(data) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, data.length);
  return concat(length, data);
}

function scalar(value) {
  if (value === null) return utf8("null");
  if (typeof value === "boolean") return utf8(String(value));
  if (value instanceof Name) return utf8(`//${value.text}`);
  if (value instanceof Uint8Array) {
    const text = textOf(value);
    return text === null ? concat(utf8("b"), value) : utf8(`t${text}`);
  }
  return utf8(`n${value instanceof Real ? spellReal(value.value) : value}`);
}

/** Eight significant places after the first, without trailing zeros. */
function spellReal(value) {
  if (value === 0) return "0.0";
  const places = Math.max(1, 8 - Math.trunc(Math.log10(Math.abs(value))));
  return value.toFixed(places).replace(/0+$/, "").replace(/\.$/, "");
}

// PDFDocEncoding where it differs from Latin-1 (ISO 32000-1 annex D.2).
const LOW = "\u02d8\u02c7\u02c6\u02d9\u02dd\u02db\u02da\u02dc";
const HIGH = "\u2022\u2020\u2021\u2026\u2014\u2013\u0192\u2044\u2039\u203a\u2212\u2030\u201e\u201c\u201d\u2018\u2019"
  + "\u201a\u2122\ufb01\ufb02\u0141\u0152\u0160\u0178\u017d\u0131\u0142\u0153\u0161\u017e";

function decoded(encoding, bytes) {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

/** A string's text, by its byte order mark or where a zero byte stands, else in PDFDocEncoding; null for none. */
function textOf(bytes) {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    const text = decoded("utf-8", bytes);
    if (text !== null) return text;
  } else if ((bytes[0] === 0xfe && bytes[1] === 0xff) || bytes[0] === 0) {
    return decoded("utf-16be", bytes);
  } else if ((bytes[0] === 0xff && bytes[1] === 0xfe) || bytes[1] === 0) {
    return decoded("utf-16le", bytes);
  }
  let out = "";
  for (const code of bytes) {
    if ([0, 0x16, 0x7f, 0x9f, 0xad].includes(code)) return null;
    if (code >= 0x18 && code < 0x20) out += LOW[code - 0x18];
    else if (code >= 0x80 && code < 0x9f) out += HIGH[code - 0x80];
    else if (code === 0xa0) out += "\u20ac";
    else out += String.fromCharCode(code);
  }
  return out;
}
