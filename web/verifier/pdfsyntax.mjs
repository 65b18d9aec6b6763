// The spelling of PDF objects (ISO 32000-1 sections 7.2 and 7.3): one value at a time from an offset.
// Dictionaries are Maps without the slash of their keys, strings are bytes.

/** A name, without its slash. */
export class Name {
  constructor(text) {
    this.text = text;
  }
}

/** A reference to an object. */
export class Ref {
  constructor(number, generation) {
    this.number = number;
    this.generation = generation;
  }
}

/** A number written with a point: 1.0 is spelled as a real even where its value is whole. */
export class Real {
  constructor(value) {
    this.value = value;
  }
}

/** A stream: its dictionary and its bytes as they stand in the file. */
export class Stream {
  constructor(dictionary, data) {
    this.dictionary = dictionary;
    this.data = data;
  }
}

const MOST_DEPTH = 100;
const codes = (text) => new Set([...text].map((one) => one.charCodeAt(0)));
const SPACE = codes("\0\t\n\f\r ");
const DELIMITER = codes("()<>[]{}/%");
const ESCAPED = new Map([["n", 10], ["r", 13], ["t", 9], ["b", 8], ["f", 12]].map(([a, b]) => [a.charCodeAt(0), b]));
const [OPEN, CLOSE, LESS, MORE, LIST, SLASH, PERCENT, BACKSLASH] = [..."()<>[/%\\"].map((one) => one.charCodeAt(0));
const LF = 10;
const CR = 13;

const isHex = (code) => (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);

export class Lexer {
  constructor(bytes, at) {
    if (!Number.isInteger(at) || at < 0 || at > bytes.length) throw new Error("offset");
    this.bytes = bytes;
    this.at = at;
  }

  skip() {
    for (;;) {
      const code = this.bytes[this.at];
      if (SPACE.has(code)) this.at += 1;
      else if (code === PERCENT) while (this.at < this.bytes.length && ![LF, CR].includes(this.bytes[this.at])) this.at += 1;
      else return;
    }
  }

  /** Whether this word comes next; it is taken when it does. */
  takes(word) {
    this.skip();
    for (let at = 0; at < word.length; at += 1) if (this.bytes[this.at + at] !== word.charCodeAt(at)) return false;
    this.at += word.length;
    return true;
  }

  /** The offset of the first byte after the mark `stream` and its line end. */
  afterStreamMark() {
    if (this.bytes[this.at] === CR) this.at += 1;
    if (this.bytes[this.at] === LF) this.at += 1;
    return this.at;
  }

  word() {
    const start = this.at;
    while (this.at < this.bytes.length && !SPACE.has(this.bytes[this.at]) && !DELIMITER.has(this.bytes[this.at])) this.at += 1;
    return String.fromCharCode(...this.bytes.subarray(start, Math.min(this.at, start + 256)));
  }

  value(depth = 0) {
    if (depth > MOST_DEPTH) throw new Error("nesting");
    this.skip();
    const code = this.bytes[this.at];
    if (code === SLASH) return this.name();
    if (code === OPEN) return this.literal();
    if (code === LESS) return this.bytes[this.at + 1] === LESS ? this.dictionary(depth) : this.hexadecimal();
    if (code === LIST) return this.list(depth);
    const word = this.word();
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(word)) throw new Error("value");
    if (word.includes(".")) return new Real(Number(word));
    return this.reference(word) ?? Number(word);
  }

  /** `12 0 R` when that is what begins with this number. */
  reference(word) {
    const back = this.at;
    if (/^\d+$/.test(word)) {
      this.skip();
      const generation = this.word();
      if (/^\d+$/.test(generation) && this.takes("R")) {
        const code = this.bytes[this.at];
        if (code === undefined || SPACE.has(code) || DELIMITER.has(code)) return new Ref(Number(word), Number(generation));
      }
    }
    this.at = back;
    return null;
  }

  name() {
    this.at += 1;
    const raw = this.word().replace(/#([0-9a-fA-F]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
    const bytes = Uint8Array.from(raw, (one) => one.charCodeAt(0));
    try {
      return new Name(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
      return new Name(raw);
    }
  }

  dictionary(depth) {
    this.at += 2;
    const out = new Map();
    for (;;) {
      if (this.takes(">>")) return out;
      const key = this.value(depth + 1);
      if (!(key instanceof Name)) throw new Error("key");
      out.set(key.text, this.value(depth + 1));
    }
  }

  list(depth) {
    this.at += 1;
    const out = [];
    while (!this.takes("]")) out.push(this.value(depth + 1));
    return out;
  }

  hexadecimal() {
    this.at += 1;
    let digits = "";
    for (; this.bytes[this.at] !== MORE; this.at += 1) {
      if (this.at >= this.bytes.length) throw new Error("string");
      if (isHex(this.bytes[this.at])) digits += String.fromCharCode(this.bytes[this.at]);
      else if (!SPACE.has(this.bytes[this.at])) throw new Error("string");
    }
    this.at += 1;
    if (digits.length % 2 === 1) digits += "0";
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  }

  literal() {
    this.at += 1;
    const out = [];
    for (let open = 1; ;) {
      if (this.at >= this.bytes.length) throw new Error("string");
      const code = this.bytes[this.at++];
      if (code === BACKSLASH) {
        this.escape(out);
        continue;
      }
      if (code === OPEN) open += 1;
      if (code === CLOSE && (open -= 1) === 0) return Uint8Array.from(out);
      if (code === CR) {
        if (this.bytes[this.at] === LF) this.at += 1;
        out.push(LF);
      } else {
        out.push(code);
      }
    }
  }

  escape(out) {
    const code = this.bytes[this.at++];
    if (ESCAPED.has(code)) out.push(ESCAPED.get(code));
    else if (code >= 48 && code <= 55) {
      let number = code - 48;
      for (let more = 0; more < 2 && this.bytes[this.at] >= 48 && this.bytes[this.at] <= 55; more += 1) {
        number = number * 8 + this.bytes[this.at++] - 48;
      }
      out.push(number & 255);
    } else if (code === CR) {
      if (this.bytes[this.at] === LF) this.at += 1;
    } else if (code !== LF) out.push(code);
  }
}
