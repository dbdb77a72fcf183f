// What users load as "dure/sync": one file, with the errors of dure itself, in this thread and in workers.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

async function printed(code: string): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", code]);
  assert.equal(stderr, "");
  return stdout.trimEnd();
}

test("import, require() and what dure exports have the same classes", async () => {
  const code = `
    import { createRequire } from "node:module";
    import * as dure from "dure";
    import * as sync from "dure/sync";
    const required = createRequire(process.cwd() + "/x.js")("dure/sync");
    const refused = (() => { try { new sync.Lock().acquireSync(); } catch (error) { return error; } })();
    console.log(required.Lock === sync.Lock, sync.AbandonedLockError === dure.AbandonedLockError, refused instanceof dure.UnsupportedError);`;
  assert.equal(await printed(code), "true true true");
});

test("a lock has its name where it is shown, also in the refusal of a process to take it", async () => {
  const code = `
    import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
    import { Lock } from "dure/sync";
    const lock = new Lock();
    const threads = new ThreadPoolExecutor({ maxWorkers: 1 });
    const processes = new ProcessPoolExecutor({ maxWorkers: 1 });
    console.log(lock, await threads.submit((lock) => lock.constructor.name, lock));
    console.log((await processes.submit((lock) => lock.locked, lock).exception()).message);
    await Promise.all([threads.shutdown(), processes.shutdown()]);`;
  assert.match(await printed(code), /^Lock \{\} Lock\nCannot send args\[0\] as it is a Lock, /);
});

test("importing dure loads nothing of it", async () => {
  const code = `
    await import("dure");
    console.log(process.listenerCount("worker"), Object.getOwnPropertySymbols(globalThis).some((key) => String(key).includes("sync.")));`;
  assert.equal(await printed(code), "0 false");
});

test("errors that a lock throws in a closure in a worker are of the classes that the closure captured", async () => {
  const code = `
    import { AbandonedLockError, ThreadPoolExecutor, TimeoutError } from "dure";
    import { Lock } from "dure/sync";
    const lock = new Lock();
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    await pool.submit(async () => void (await lock.acquire()));
    console.log(await pool.submit(async () => {
      const abandoned = await lock.acquire().catch((error) => error);
      const late = await lock.acquire({ timeout: 0 }).catch((error) => error);
      abandoned.guard.release();
      return [lock instanceof Lock, new Lock().locked, abandoned instanceof AbandonedLockError, late instanceof TimeoutError].join(" ");
    }));
    await pool.shutdown();`;
  assert.equal(await printed(code), "true false true true");
});

test("also where the closure captured the error alone", async () => {
  const code = `
    import { ThreadPoolExecutor, TimeoutError } from "dure";
    import { Lock } from "dure/sync";
    const lock = new Lock();
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const guard = await lock.acquire();
    console.log(await pool.submit(async () => (await lock.acquire({ timeout: 0 }).catch((error) => error)) instanceof TimeoutError));
    guard.release();
    await pool.shutdown();`;
  assert.equal(await printed(code), "true");
});
