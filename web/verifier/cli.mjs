// `node web/verifier/cli.mjs FILE [--trust trust.json] [--at TIME] [--json]`: the second verifier in a terminal.
// `--batch` answers questions `{bundle, trust, now, policy}` (bytes in base64), `--signatures` questions
// `[key, message, signature]` (hex), one on a line each.
// Exit codes: 0 all verdicts good, 1 something is wrong, 2 cannot be judged.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fromBase64, fromHex } from "./bytes.mjs";
import { asJson, judge } from "./judge.mjs";
import { isValid } from "./keys.mjs";
import { verify } from "./verify.mjs";

const VALUED = new Set(["--trust", "--at"]);

function readArguments(words) {
  const options = {};
  const files = [];
  for (let at = 0; at < words.length; at += 1) {
    if (VALUED.has(words[at])) options[words[at]] = words[(at += 1)];
    else if (words[at].startsWith("--")) options[words[at]] = true;
    else files.push(words[at]);
  }
  return { options, files };
}

const bytesOf = (path) => new Uint8Array(readFileSync(path));
const secondsOf = (date) => date.toISOString().replace(/\.\d+Z$/, "Z");

async function answerLines(answer) {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
  }
}

function answerQuestion({ bundle, trust, now, policy }) {
  return verify(fromBase64(bundle), trust === null ? null : fromBase64(trust), now, policy);
}

async function answerFile(file, options) {
  const trust = options["--trust"] === undefined ? null : bytesOf(options["--trust"]);
  const found = await judge(bytesOf(file), trust, options["--at"] ?? secondsOf(new Date()));
  const whole = asJson(found);
  if (options["--json"]) process.stdout.write(`${JSON.stringify(whole, null, 1)}\n`);
  else {
    process.stdout.write(`${found.result}\n`);
    for (const one of whole.report?.verdicts ?? []) process.stdout.write(`  ${one.name}  ${one.status}  ${one.code}\n`);
  }
  process.exitCode = found.exitCode;
}

const { options, files } = readArguments(process.argv.slice(2));
if (options["--batch"]) await answerLines(answerQuestion);
else if (options["--signatures"]) await answerLines((row) => isValid(...row.map(fromHex)));
else await answerFile(files[0], options);
