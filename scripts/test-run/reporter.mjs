// node:test's spec reporter without its closing counts: those are printed last, after the look for what was left behind.
import { Readable } from "node:stream";
import { spec } from "node:test/reporters";

export const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

// A generator: node:test calls other functions with `new`.
export default async function* report(events) {
  yield* Readable.from(withoutSummary(events)).compose(new spec());
}

async function* withoutSummary(events) {
  for await (const event of events) {
    if (event.type !== "test:diagnostic" || !SUMMARY.test(event.data.message)) yield event;
  }
}
