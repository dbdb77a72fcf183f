// What workers leave in the memory that they share with their pool.

import { deepEqual, equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { CLAIM_SLOTS } from "#dure/transport/claims.js";
import { DrivenWorker, killAllDriven, realHosts } from "./driven-worker.ts";

afterEach(killAllDriven);

const spin = (): { readonly worker: number; readonly caller: number } => ({ worker: 0, caller: 1 });

const hosts = realHosts.filter(({ kind }) => kind === "threads" || process.platform === "linux");

for (const host of hosts) {
  test(`${host.kind}: outcomes that are in the ring when the worker exits are told before its end, though nobody looks`, async () => {
    const worker = await new DrivenWorker(host, { spin }).ready();
    ok(worker.handle.ring !== undefined);
    worker.handle.ring.setLooking(true);
    // Wanted to stay undone: the last one never answers.
    const ids = worker.send([[() => 1], [() => "two"], [() => process.exit(3)]]);
    const { exitCode } = await worker.exited();
    equal(exitCode, 3);
    deepEqual(
      worker.outcomes.map(({ taskId, value }) => [taskId, value]),
      [
        [ids[0], 1],
        [ids[1], "two"],
      ],
    );
    equal(worker.heard.at(-1)?.type, "finished");
  });

  test(`${host.kind}: an outcome is found by looking, without an event`, async () => {
    const worker = await new DrivenWorker(host, { spin }).ready();
    const ring = worker.handle.ring!;
    ring.setLooking(true);
    worker.send([[() => 5]]);
    for (const end = Date.now() + 60_000; worker.outcomes.length === 0 && Date.now() < end; ) ring.look();
    equal(worker.outcomes[0]?.value, 5);
    ring.setLooking(false);
    equal((await worker.run(() => 6)).value, 6);
    await worker.stop();
  });

  test(`${host.kind}: without spinning ${host.kind === "threads" ? "there are rings, and a doorbell" : "few tasks map no memory"}`, async () => {
    const worker = await new DrivenWorker(host, { spin: () => ({ worker: 0, caller: 0 }) }).ready();
    // Slots of a file hold a generation.
    equal(worker.handle.claims!.offer() < CLAIM_SLOTS, host.kind === "threads");
    equal((await worker.run(() => 6)).value, 6);
    await worker.stop();
  });
}

const processes = hosts[1];

test("processes: control words in shared memory are claimed and taken back as those in a file", { skip: processes === undefined && "Linux only" }, async () => {
  const worker = await new DrivenWorker(processes!, { spin }).ready();
  const claims = worker.handle.claims!;
  const [begun, wanted, ending] = [claims.offer(), claims.offer(), claims.offer()];
  // Slots of a file hold a generation.
  deepEqual(
    [begun, wanted, ending].map((slot) => slot < CLAIM_SLOTS),
    [true, true, true],
  );
  equal(claims.takeBack(wanted), true);
  worker.send([[() => 1], [() => 2], [() => process.exit(0)]], [begun, wanted, ending]);
  await worker.exited();
  // Also once the memory is gone.
  deepEqual([claims.hasBegun(begun), claims.hasBegun(wanted), claims.hasBegun(ending)], [true, false, true]);
  deepEqual([...new Set(worker.outcomes.map(({ value }) => value))].includes(2), false);
});

test("processes: nothing is left of a killed worker's memory", { skip: processes === undefined && "Linux only" }, async () => {
  const left = (): number[] => [
    readdirSync("/proc/self/fd").length,
    readFileSync("/proc/self/maps", "utf8").split("memfd:dure").length,
    readdirSync("/dev/shm").length,
  ];
  const kill = async (): Promise<void> => {
    const worker = await new DrivenWorker(processes!, { spin }).ready();
    await worker.handle.kill();
    await worker.exited();
  };
  await kill();
  const before = left();
  await kill();
  deepEqual(left(), before);
});

test("processes: all works without koffi, by the socket", () => {
  const program = `
    import { Module } from "node:module";
    const load = Module._resolveFilename;
    Module._resolveFilename = function (name, ...rest) {
      if (name === "koffi") throw new Error("hidden");
      return load.call(this, name, ...rest);
    };
    const { ProcessPoolExecutor } = await import("dure");
    const pool = new ProcessPoolExecutor({ maxWorkers: 1, spin: 1 });
    console.log(await pool.submit((x) => x + 1, 1), (await pool.map((x) => x * 2, [1, 2, 3])).join());
    await pool.shutdown();
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  equal(stdout + stderr, "2 2,4,6\n");
});

test("processes: a pool within a thread leaves its memory without a warning", () => {
  const program = `
    const { Worker } = await import("node:worker_threads");
    const pool = \`
      import("dure").then(async ({ ProcessPoolExecutor }) => {
        const pool = new ProcessPoolExecutor({ maxWorkers: 1, spin: 1 });
        for (let n = 0; n < 3; n += 1) console.log((await pool.submit((bytes) => bytes, new Uint8Array(1_000_000))).length);
        await pool.shutdown();
      });
    \`;
    new Worker(pool, { eval: true });
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  equal(stdout + stderr, "1000000\n1000000\n1000000\n");
});
