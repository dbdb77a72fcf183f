// node:test's spec reporter without its closing counts, which are printed last, after the look for what was left behind;
// and with how a file's process ended, where that failed the file.
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { spec } from "node:test/reporters";

export const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

/** Characters of what a file's process wrote last that are told again where it died: V8's and the system's own words. */
const LAST_WORDS = 4000;

// A generator: node:test calls other functions with `new`.
export default async function* report(events) {
  yield* Readable.from(retold(events)).compose(new spec());
}

async function* retold(events) {
  const lastWords = new Map();
  for await (const event of events) {
    const { type, data } = event;
    // From Node 22 on the file is relative in one of the two.
    const file = resolve(data.file ?? "");
    if (type === "test:stderr") lastWords.set(file, `${lastWords.get(file) ?? ""}${data.message}`.slice(-LAST_WORDS));
    if (type === "test:fail") tellHowItEnded(data.details.error, () => lastWords.get(file));
    if (type !== "test:diagnostic" || !SUMMARY.test(data.message)) yield event;
  }
}

/** Only the error of a file has these fields; node:test shows no more of it than "test failed". */
function tellHowItEnded(error, lastWords) {
  const { signal, exitCode } = error;
  if (typeof signal !== "string" && typeof exitCode !== "number") return;
  const end = typeof signal === "string" ? `was killed by ${signal}` : `ended with exit code ${exitCode}`;
  // An error, as the lines of a text would be shown as one. What the process wrote last may be heard after its end, but before this is shown.
  error.cause = Object.defineProperty(new Error(), "stack", { get: () => `The file's process ${end}; ${told(lastWords())}` });
}

function told(words) {
  return words === undefined ? "it wrote nothing to stderr" : `the last that it wrote to stderr:\n${words.trimEnd()}`;
}
