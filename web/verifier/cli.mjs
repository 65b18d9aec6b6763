// `node web/verifier/cli.mjs FILE [--trust trust.json] [--at TIME] [--json]`: the second verifier in a terminal.
// `--batch` reads one question a line, `{bundle, trust, now}` with bytes in base64, and answers each on a line.
// Exit codes: 0 all verdicts good, 1 something is wrong, 2 cannot be judged.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fromBase64 } from "./bytes.mjs";
import { judge } from "./judge.mjs";
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

async function answerLines() {
  for await (const line of createInterface({ input: process.stdin })) {
    const { bundle, trust, now } = JSON.parse(line);
    const report = verify(fromBase64(bundle), trust === null ? null : fromBase64(trust), now);
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
}

const { options, files } = readArguments(process.argv.slice(2));
if (options["--batch"]) {
  await answerLines();
} else {
  const trust = options["--trust"] === undefined ? null : bytesOf(options["--trust"]);
  const now = options["--at"] ?? secondsOf(new Date());
  const found = await judge(bytesOf(files[0]), trust, now);
  const shown = options["--json"] ? found.asJson : found.asJson.report?.verdicts ?? found.result;
  process.stdout.write(`${JSON.stringify(shown, null, 1)}\n`);
  process.exitCode = found.exitCode;
}
