// A PDF somebody hands in: which files it encloses, and its objects for the page digests.
// Reads what papers of ours are made of (ISO 32000-1 section 7: tables and streams of cross-references, object
// streams, Flate), within limits; anything else is `Unreadable`, which says nothing about the paper.

import { indexOfBytes, utf8 } from "./bytes.mjs";
import { Lexer, Name, Ref, Stream } from "./pdfsyntax.mjs";

const MOST_BYTES = 20 * 1048576;
const MOST_ENCLOSED = 16 * 1048576;
const MOST_DECODED = 64 * 1048576;
const MOST_OBJECTS = 50000;
const MOST_SECTIONS = 16;

/** The file is damaged, locked, too large, or made in a way this reader does not know. */
export class Unreadable extends Error {}

/** Whether the bytes claim to be a PDF. */
export const isPdf = (bytes) => indexOfBytes(bytes.subarray(0, 1024), utf8("%PDF-")) >= 0;

/** Read a PDF: `{enclosures: Map of name to bytes, isAppended, document}`; throws `Unreadable` and only that. */
export async function readPdf(bytes, names) {
  if (bytes.length > MOST_BYTES || !isPdf(bytes)) throw new Unreadable("size");
  try {
    const document = new Document(bytes);
    await document.open();
    return { enclosures: await document.enclosures(names), isAppended: countOf(bytes, "startxref") !== 1, document };
  } catch (fault) {
    throw fault instanceof Unreadable ? fault : new Unreadable(fault.message);
  }
}

function countOf(bytes, word) {
  let count = 0;
  for (let at = indexOfBytes(bytes, utf8(word)); at >= 0; at = indexOfBytes(bytes, utf8(word), at + 1)) count += 1;
  return count;
}

/** What a Flate stream holds; throws beyond `most` bytes. */
async function inflate(data, most) {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const pieces = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) throw new Unreadable("decoded size");
    pieces.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const one of pieces) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}

/** Undo PNG predictors (ISO 32000-1 section 7.4.4.4). */
function unpredicted(data, parameters) {
  const number = (name, otherwise) => parameters.get(name) ?? otherwise;
  if (number("Predictor", 1) < 10) {
    if (number("Predictor", 1) !== 1) throw new Unreadable("predictor");
    return data;
  }
  const pixel = Math.max(1, (number("Colors", 1) * number("BitsPerComponent", 8)) >> 3);
  const width = (number("Colors", 1) * number("BitsPerComponent", 8) * number("Columns", 1) + 7) >> 3;
  const rows = Math.ceil(data.length / (width + 1));
  const out = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    const kind = data[row * (width + 1)];
    for (let at = 0; at < width; at += 1) {
      const place = row * width + at;
      const left = at >= pixel ? out[place - pixel] : 0;
      const up = row > 0 ? out[place - width] : 0;
      const corner = row > 0 && at >= pixel ? out[place - width - pixel] : 0;
      out[place] = (data[row * (width + 1) + 1 + at] ?? 0) + predicted(kind, left, up, corner);
    }
  }
  return out;
}

function predicted(kind, left, up, corner) {
  if (kind === 0) return 0;
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  if (kind !== 4) throw new Unreadable("predictor");
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((one) => Math.abs(estimate - one));
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

class Document {
  places = new Map();
  known = new Map();
  packed = new Map();
  decoded = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  async open() {
    const tail = Math.max(0, this.bytes.length - 2048);
    let last = -1;
    for (let at = indexOfBytes(this.bytes, utf8("startxref"), tail); at >= 0;) {
      last = at;
      at = indexOfBytes(this.bytes, utf8("startxref"), at + 1);
    }
    if (last < 0) throw new Unreadable("startxref");
    let next = new Lexer(this.bytes, last + 9).value();
    this.trailer = new Map();
    for (let count = 0; typeof next === "number"; count += 1) {
      if (count >= MOST_SECTIONS) throw new Unreadable("sections");
      const trailer = await this.section(next);
      // The newest section is read first: what it says of an object or the trailer stays.
      for (const [name, value] of trailer) if (!this.trailer.has(name)) this.trailer.set(name, value);
      next = trailer.get("Prev");
    }
    if (this.trailer.has("Encrypt")) throw new Unreadable("encrypted");
  }

  async section(offset) {
    const lexer = new Lexer(this.bytes, offset);
    if (!lexer.takes("xref")) return this.streamSection(offset);
    while (!lexer.takes("trailer")) {
      const [first, count] = [lexer.value(), lexer.value()];
      if (!(count <= MOST_OBJECTS)) throw new Unreadable("objects");
      for (let at = 0; at < count; at += 1) {
        const [place, generation] = [lexer.value(), lexer.value()];
        const isUsed = lexer.takes("n");
        if (!isUsed && !lexer.takes("f")) throw new Unreadable("table");
        if (isUsed && !this.places.has(first + at)) this.places.set(first + at, { offset: place, generation });
        else if (!isUsed && !this.places.has(first + at)) this.places.set(first + at, null);
      }
    }
    const trailer = lexer.value();
    if (typeof trailer.get("XRefStm") === "number") await this.streamSection(trailer.get("XRefStm"));
    return trailer;
  }

  async streamSection(offset) {
    const stream = this.objectAt(offset);
    if (!(stream instanceof Stream)) throw new Unreadable("cross-references");
    const data = await this.contentOf(stream);
    const widths = stream.dictionary.get("W");
    const size = stream.dictionary.get("Size");
    const index = stream.dictionary.get("Index") ?? [0, size];
    let at = 0;
    const field = (width, otherwise) => {
      let number = width === 0 ? otherwise : 0;
      for (let left = width; left > 0; left -= 1) number = number * 256 + (data[at++] ?? 0);
      return number;
    };
    for (let pair = 0; pair < index.length; pair += 2) {
      if (!(index[pair + 1] <= MOST_OBJECTS)) throw new Unreadable("objects");
      for (let count = 0; count < index[pair + 1]; count += 1) {
        const [kind, second, third] = [field(widths[0], 1), field(widths[1], 0), field(widths[2], 0)];
        const number = index[pair] + count;
        if (this.places.has(number)) continue;
        const isPacked = kind === 2;
        this.places.set(number, isPacked ? { packed: second, at: third } : kind === 1 ? { offset: second } : null);
      }
    }
    return stream.dictionary;
  }

  /** The object that stands at an offset, with its stream where it has one. */
  objectAt(offset) {
    const lexer = new Lexer(this.bytes, offset);
    const [number, generation] = [lexer.value(), lexer.value()];
    if (typeof number !== "number" || typeof generation !== "number" || !lexer.takes("obj")) throw new Unreadable("object");
    const value = lexer.value();
    if (!(value instanceof Map) || !lexer.takes("stream")) return value;
    const start = lexer.afterStreamMark();
    const said = value.get("Length");
    const length = said instanceof Ref ? this.plain(said) : said;
    if (!Number.isInteger(length) || length < 0 || start + length > this.bytes.length) throw new Unreadable("stream");
    return new Stream(value, this.bytes.subarray(start, start + length));
  }

  /** A number that a reference leads to; lengths stand outside of object streams. */
  plain(ref) {
    const place = this.places.get(ref.number);
    return place && place.offset !== undefined ? this.objectAt(place.offset) : null;
  }

  /** What a value is once references are followed. */
  async follow(value) {
    let found = value;
    for (let count = 0; found instanceof Ref; count += 1) {
      if (count > 16) throw new Unreadable("references");
      found = await this.object(found.number);
    }
    return found ?? null;
  }

  async object(number) {
    if (!this.known.has(number)) {
      const place = this.places.get(number);
      const isThere = place !== undefined && place !== null;
      if (!isThere) this.known.set(number, null);
      else if (place.offset !== undefined) this.known.set(number, this.objectAt(place.offset));
      else this.known.set(number, await this.fromPacked(place));
    }
    return this.known.get(number);
  }

  async fromPacked({ packed, at }) {
    if (!this.packed.has(packed)) {
      const place = this.places.get(packed);
      const stream = place && place.offset !== undefined ? this.objectAt(place.offset) : null;
      if (!(stream instanceof Stream)) throw new Unreadable("object stream");
      const data = await this.contentOf(stream);
      const lexer = new Lexer(data, 0);
      const first = stream.dictionary.get("First");
      const count = stream.dictionary.get("N");
      if (!(count <= MOST_OBJECTS)) throw new Unreadable("objects");
      const offsets = [];
      for (let each = 0; each < count; each += 1) {
        lexer.value();
        offsets.push(first + lexer.value());
      }
      this.packed.set(packed, { data, offsets });
    }
    const { data, offsets } = this.packed.get(packed);
    return new Lexer(data, offsets[at]).value();
  }

  /** The decoded content of a stream; throws for filters this reader does not undo. */
  async contentOf(stream) {
    const listed = (value) => (Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]);
    const filters = listed(await this.follow(stream.dictionary.get("Filter")));
    const parameters = listed(await this.follow(stream.dictionary.get("DecodeParms")));
    let data = stream.data;
    for (const [at, filter] of filters.entries()) {
      const name = (await this.follow(filter))?.text;
      // Pictures stay as they are: their own encoding is what is drawn.
      if (name === "DCTDecode" || name === "JPXDecode") continue;
      if (name !== "FlateDecode") throw new Unreadable("filter");
      data = await inflate(data, MOST_DECODED - this.decoded);
      this.decoded += data.length;
      const said = await this.follow(parameters[at]);
      if (said instanceof Map) data = unpredicted(data, said);
    }
    return data;
  }

  async root() {
    const root = await this.follow(this.trailer.get("Root"));
    if (!(root instanceof Map)) throw new Unreadable("root");
    return root;
  }

  /** The enclosed files of these names (name tree of ISO 32000-1 section 7.11.4). */
  async enclosures(names) {
    const found = new Map();
    const tree = await this.follow((await this.root()).get("Names"));
    const files = tree instanceof Map ? await this.follow(tree.get("EmbeddedFiles")) : null;
    const open = files instanceof Map ? [files] : [];
    for (let count = 0; open.length > 0; count += 1) {
      if (count > 64) throw new Unreadable("name tree");
      const node = open.shift();
      for (const kid of (await this.follow(node.get("Kids"))) ?? []) {
        const next = await this.follow(kid);
        if (next instanceof Map) open.push(next);
      }
      const listed = (await this.follow(node.get("Names"))) ?? [];
      for (let at = 0; at + 1 < listed.length; at += 2) {
        const name = new TextDecoder("latin1").decode((await this.follow(listed[at])) ?? new Uint8Array(0));
        if (!names.includes(name)) continue;
        if (found.has(name)) throw new Unreadable("enclosed twice");
        found.set(name, await this.enclosed(await this.follow(listed[at + 1])));
      }
    }
    return found;
  }

  async enclosed(specification) {
    const files = specification instanceof Map ? await this.follow(specification.get("EF")) : null;
    const stream = files instanceof Map ? await this.follow(files.get("F") ?? files.get("UF")) : null;
    if (!(stream instanceof Stream)) throw new Unreadable("enclosed file");
    const data = await this.contentOf(stream);
    if (data.length > MOST_ENCLOSED) throw new Unreadable("enclosed size");
    return data;
  }
}

export { Name, Ref, Stream };
