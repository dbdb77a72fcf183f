import assert from "node:assert/strict";
import { test } from "node:test";
import { recommend } from "#dure/measure/advice.js";
import type { Comparison, CompletedRun, RungRun } from "#dure/measure/comparison.js";

function run(rung: string, fields: Partial<CompletedRun> = {}): CompletedRun {
  return { rung, completed: true, startSeconds: 0, seconds: 1, moveSecondsPerItem: 10e-6, predictedSeconds: undefined, agrees: true, ...fields };
}

function comparison(runs: readonly RungRun[], fields: Partial<Comparison> = {}): Comparison {
  return {
    functionName: "gcd",
    items: 10,
    workers: 2,
    repetitions: 1,
    runs,
    baseline: { timeUse: { waiting: 0, blocked: 0, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 0.1, bytesPerItem: 20 } },
    ...fields,
  };
}

interface Case {
  readonly fact: string;
  readonly given: Comparison;
  readonly rung: string | null;
  readonly says: readonly RegExp[];
  readonly never?: RegExp;
}

const computing = [run("serial"), run("async"), run("threads", { startSeconds: 0.05, seconds: 0.52 }), run("processes", { startSeconds: 0.1, seconds: 0.53 })];

const CASES: readonly Case[] = [
  {
    fact: "threads when the function computes long enough",
    given: comparison(computing),
    rung: "threads",
    says: [
      /computes for 100 ms/,
      /20 bytes/,
      /5 ms of computing per byte/,
      /10 µs on threads/,
      /Starting 2 workers.*50 ms on threads and 100 ms on processes/,
      /threads pay for these 10 items: 1\.75 times/,
      /from about 2 items on/,
    ],
  },
  {
    fact: "processes when they are clearly faster than threads",
    given: comparison([run("serial"), run("threads", { seconds: 0.9 }), run("processes", { startSeconds: 0.1, seconds: 0.4 })]),
    rung: "processes",
    says: [/processes pay for these 10 items: 2\.00 times/],
  },
  {
    fact: "serial when starting the workers costs more than they save, with the number of items from which it turns",
    given: comparison([run("serial", { seconds: 0.1 }), run("threads", { startSeconds: 0.2, seconds: 0.05 })]),
    rung: "serial",
    says: [/for these 10 items alone stay serial/, /From about 40 items on threads pay/, /keeps its executor they pay at once, 2\.00 times as fast/],
  },
  {
    fact: "that nothing pays when moving costs more than computing, with a size of group that would",
    given: comparison([run("serial", { seconds: 1e-5 }), run("threads", { startSeconds: 0.05, seconds: 3e-4 })], {
      baseline: { timeUse: { waiting: 0, blocked: 0, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 1e-6, bytesPerItem: 20 } },
    }),
    rung: "serial",
    says: [/nothing pays: moving an item costs more than computing it/, /the work of some 100 items/],
  },
  {
    fact: "to move less when the items are large",
    given: comparison([run("serial", { seconds: 1e-5 }), run("threads", { seconds: 3e-2, moveSecondsPerItem: 3e-3, predictedSeconds: undefined })], {
      baseline: { timeUse: { waiting: 0, blocked: 0, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 1e-6, bytesPerItem: 2 ** 20 } },
    }),
    rung: "serial",
    says: [/1 MiB/, /Move less/],
    never: /the work of some/,
  },
  {
    fact: "that nothing pays when workers bring no speed, though the items are worth moving",
    given: comparison([run("serial"), run("threads", { seconds: 0.98 })]),
    rung: "serial",
    says: [/no other rung was clearly faster than serial/],
    never: /so few items/,
  },
  {
    fact: "to try more items when there are fewer of them than workers",
    given: comparison([run("serial"), run("threads")], { items: 1, workers: 4 }),
    rung: "serial",
    says: [/so few items.*try 8 items or more/],
  },
  {
    fact: "the event loop when the function waits",
    given: comparison([run("serial"), run("async", { seconds: 0.11 }), run("threads", { startSeconds: 0.05, seconds: 0.5 })], {
      baseline: { timeUse: { waiting: 0.98, blocked: 0, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 0.1, bytesPerItem: 20 } },
    }),
    rung: "async",
    says: [/waits for 98 % of it instead of computing/, /the event loop pays/, /9\.09 times/],
  },
  {
    fact: "to try more items when the function waits but there is one item only",
    given: comparison([run("serial"), run("async"), run("threads")], {
      items: 1,
      baseline: { timeUse: { waiting: 0.98, blocked: 0, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 1e-6, bytesPerItem: 20 } },
    }),
    rung: "serial",
    says: [/so few items.*try 4 items or more/],
    never: /costs more than computing/,
  },
  {
    fact: "threads when the function blocks its thread",
    given: comparison([run("serial"), run("async"), run("threads", { startSeconds: 0.05, seconds: 0.5 })], {
      baseline: { timeUse: { waiting: 0, blocked: 0.9, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 0.1, bytesPerItem: 20 } },
    }),
    rung: "threads",
    says: [/blocks its thread for 90 % of it/, /threads pay/],
  },
  {
    fact: "serial to a function that does not wait, however fast the event loop seems",
    given: comparison([run("serial", { seconds: 1e-4 }), run("async", { seconds: 1e-5 })]),
    rung: "serial",
    says: [/nothing pays/],
  },
  {
    fact: "that nothing pays for tiny calls, though threads seem faster once started",
    given: comparison([run("serial", { seconds: 1e-4 }), run("threads", { startSeconds: 0.05, seconds: 7e-5 })], {
      baseline: { timeUse: { waiting: 0, blocked: 0, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 1e-7, bytesPerItem: 20 } },
    }),
    rung: "serial",
    says: [/nothing pays: moving an item costs more than computing it/],
  },
  {
    fact: "with a warning when the machine was busy",
    given: comparison(computing, {
      baseline: { timeUse: { waiting: 0, blocked: 0, outrun: 0.4, elsewhere: 0 }, leverage: { computeSecondsPerItem: 0.1, bytesPerItem: 20 } },
    }),
    rung: "threads",
    says: [/figures are rough: for 40 % of the serial run/],
  },
  {
    fact: "never a rung whose results differ",
    given: comparison([run("serial"), run("threads", { seconds: 0.1, agrees: false }), run("processes", { startSeconds: 0.1, seconds: 0.5 })]),
    rung: "processes",
    says: [/Do not use threads: the results differ from serial/],
  },
  {
    fact: "the rung that worked when another failed",
    given: comparison([run("serial"), run("threads", { seconds: 0.5 }), { rung: "processes", completed: false, error: "Error: no" }]),
    rung: "threads",
    says: [/It failed on processes/],
  },
  {
    fact: "nothing when the function fails serially",
    given: comparison([{ rung: "serial", completed: false, error: "Error: no" }, run("threads")], { baseline: undefined }),
    rung: null,
    says: [/gcd fails serially/],
  },
  {
    fact: "serial when the results vary even serially",
    given: comparison([run("serial", { agrees: false }), run("threads", { seconds: 0.1, agrees: false })]),
    rung: "serial",
    says: [/does not give the same results twice/],
  },
  {
    fact: "serial when only serial was run",
    given: comparison([run("serial")]),
    rung: "serial",
    says: [/no other rung was compared/],
  },
  {
    fact: "the simplest of rungs that are equally fast",
    given: comparison([run("processes", { seconds: 0.5 }), run("threads", { seconds: 0.52 }), run("serial")]),
    rung: "threads",
    says: [/threads pay/],
  },
];

for (const { fact, given, rung, says, never } of CASES) {
  test(`recommend() recommends ${fact}`, () => {
    const advice = recommend(given);
    assert.equal(advice.rung, rung);
    for (const part of says) assert.match(advice.reason, part);
    if (never !== undefined) assert.doesNotMatch(advice.reason, never);
    assert.doesNotMatch(advice.reason, /NaN|undefined|Infinity|null/);
  });
}
