// A node:test reporter that writes the closing counts as JSON.
import { SUMMARY } from "./reporter.mjs";

export default async function* report(events) {
  const counts = {};
  for await (const { type, data } of events) {
    const match = type === "test:diagnostic" ? SUMMARY.exec(data.message) : null;
    if (match !== null) counts[match[1]] = Number(match[2]);
  }
  yield JSON.stringify(counts);
}
