// The example programs whose results they check themselves: each ends well, says what it should, and leaves nothing.

import assert from "node:assert/strict";
import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import type { ComparisonJson } from "#dure/cli/comparison-json.js";
import { runDure } from "../cli/run-dure.ts";

const run = promisify(execFile);

async function outputOf(program: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, ["--import", "tsx", `examples/${program}.ts`, ...args]);
  assert.equal(stderr, "", program);
  return stdout;
}

for (const rung of ["serial", "threads", "processes"]) {
  test(`examples/big-multiply/run-${rung}.ts computes its products, and says where`, async () => {
    const stdout = await outputOf(`big-multiply/run-${rung}`, "12", "15", "9");
    const places = [...stdout.matchAll(/^num (\d+): process (\d+), thread (\d+)$/gm)];
    assert.deepEqual(places.map(([, num]) => num).sort(), ["12", "15", "9"]);
    assert.ok(new Set(places.map(([, , pid]) => pid)).size <= (rung === "processes" ? 2 : 1));
    assert.ok(places.every(([, , , thread]) => (thread === "0") === (rung !== "threads")));
    assert.match(stdout, /^Took \d+\.\d{3} seconds$/m);
  });

  test(`examples/images/run-${rung}.ts makes its thumbnails`, async () => {
    assert.match(await outputOf(`images/run-${rung}`, "6"), /^6 thumbnails took \d+\.\d{3} seconds\n$/);
  });
}

for (const rung of ["serial", "event-loop", "threads"]) {
  test(`examples/sleepers/run-${rung}.ts waits ${rung === "serial" ? "one after another" : "all at once"}`, async () => {
    // Threads that start late on a busy machine must still find others waiting.
    const seconds = rung === "threads" ? 1 : 0.25;
    const stdout = await outputOf(`sleepers/run-${rung}`, String(1000 * seconds));
    assert.match(stdout, /^Five times (1|0\.25) seconds of waiting took \d+\.\d{3} seconds\n$/);
  });

  test(`examples/fetch/run-${rung}.ts gets its pages`, async () => {
    assert.match(await outputOf(`fetch/run-${rung}`, "10"), /^10 requests took \d+\.\d{3} seconds\n$/);
  });
}

for (const how of ["with-pool", "without-pool"]) {
  test(`examples/server/run-${how}.ts measures both routes`, async () => {
    const number = String.raw`\d+\.\d ms`;
    const stdout = await outputOf(`server/run-${how}`, "5");
    assert.match(stdout, new RegExp(`^/primes +5 requests, p50 ${number}, p99 ${number}\n/hello +\\d+ requests, p50 ${number}, p99 ${number}\n$`));
  });
}

test("examples/words/run-pipe.ts counts the words of a text that no part of the pipe holds whole", async () => {
  assert.match(await outputOf("words/run-pipe"), /^500000 words took \d+\.\d{3} seconds\. The commonest:\n(?:[a-z]+ \d+\n){10}$/);
});

test("the examples of a folder differ in one line each", () => {
  for (const folder of ["big-multiply", "fetch", "images"]) {
    const rungs = folder === "fetch" ? ["serial", "event-loop", "threads"] : ["serial", "threads", "processes"];
    const [serial, ...others] = rungs.map((rung) => readFileSync(`examples/${folder}/run-${rung}.ts`, "utf8").split("\n"));
    for (const other of others) assert.equal(other.filter((line, index) => line !== serial?.[index]).length, 1, folder);
  }
});

test("dure compare advises the event loop for the pages of examples/fetch, as they wait", async () => {
  const server = fork("examples/fetch/server.ts", { execArgv: ["--import", "tsx"] });
  try {
    const [url] = (await once(server, "message")) as [string];
    const items = JSON.stringify(Array.from({ length: 20 }, (_, id) => id));
    const { stdout, code } = await runDure(["compare", "examples/fetch/page.ts#page", "--items", "-", "--rungs", "async,threads", "--json"], {
      input: items,
      env: { PAGES_URL: url },
    });
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as ComparisonJson).recommendation.rung, "async");
  } finally {
    server.disconnect();
    await once(server, "exit");
  }
});
