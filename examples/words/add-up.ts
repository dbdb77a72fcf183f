// Adds up the counts of all pieces, as they come in, and prints the ten commonest words.

import { createInterface } from "node:readline";

const total = new Map<string, number>();
for await (const line of createInterface({ input: process.stdin })) {
  for (const [word, count] of Object.entries(JSON.parse(line) as Record<string, number>)) total.set(word, (total.get(word) ?? 0) + count);
}
for (const [word, count] of [...total].sort(([, a], [, b]) => b - a).slice(0, 10)) console.log(`${word} ${count}`);
