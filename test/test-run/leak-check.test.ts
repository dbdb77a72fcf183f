// The test run's own look for what tests leave behind, tried on files that leave something on purpose.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

const linuxOnly = process.platform === "linux" ? false : "only Linux shows another process's environment";

interface Run {
  readonly exitCode: number | null;
  readonly output: string;
  readonly lines: readonly string[];
}

/** `folder`: as its shared memory, and whatever else the file needs one for. `heard`: called with what it has printed so far. */
function runFixture(name: string, folder = "/dev/shm", heard: (output: string) => void = () => {}): Promise<Run> {
  const args = ["test/test-run/fixtures/run-files.mjs", `test/test-run/fixtures/${name}.test.js`, folder];
  const child = spawn(process.execPath, args, { env: { ...process.env, TEST_SHARED_MEMORY: folder } });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    heard(output);
  });
  child.stderr.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.once("close", (exitCode) => resolve({ exitCode, output, lines: output.trimEnd().split("\n") }));
  });
}

describe("the look for what tests leave", { concurrency: true }, () => {
  test("a clean run succeeds and ends with node:test's counts", async () => {
    const { exitCode, lines, output } = await runFixture("is-clean");
    assert.equal(exitCode, 0, output);
    assert.deepEqual(lines.slice(-8, -1), ["# tests 2", "# suites 0", "# pass 2", "# fail 0", "# cancelled 0", "# skipped 0", "# todo 0"]);
  });

  test("a failed test fails the run", async () => {
    const { exitCode, output } = await runFixture("fails");
    assert.equal(exitCode, 1);
    assert.match(output, /^# fail 1$/m);
  });

  test("a file without a test fails the run", async () => {
    const { exitCode, output } = await runFixture("has-no-test");
    assert.equal(exitCode, 1);
    assert.match(output, /no test in .*has-no-test/);
  });

  test("a file whose process dies is told of with the signal and its last words", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dure-"));
    try {
      const { exitCode, output } = await runFixture("dies", folder, (heard) => {
        if (heard.includes("last words")) writeFileSync(join(folder, "heard"), "");
      });
      assert.equal(exitCode, 1);
      assert.match(output, /✖ .*dies.test.js[^]*was killed by SIGSEGV; the last that it wrote to stderr:\s+last words/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a process that is left fails the run, and is ended", { skip: linuxOnly }, async () => {
    const { exitCode, output } = await runFixture("leaks-a-process");
    assert.equal(exitCode, 1);
    const left = /left behind: process (\d+)/.exec(output);
    assert.ok(left, output);
    assert.equal(existsSync(`/proc/${left[1]}/cwd`), false);
  });

  test("a thread that is left fails the run", async () => {
    const { exitCode, output } = await runFixture("leaks-a-thread");
    assert.equal(exitCode, 1);
    assert.match(output, /left behind by .*leaks-a-thread.*: thread \d+/);
  });

  test("a temporary file that is left fails the run", async () => {
    const { exitCode, output } = await runFixture("leaks-a-file");
    assert.equal(exitCode, 1);
    assert.match(output, /left behind: temporary file: left-/);
  });

  test("shared memory that is left fails the run", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dure-shm-"));
    const { exitCode, output } = await runFixture("leaks-shared-memory", folder);
    rmSync(folder, { recursive: true });
    assert.equal(exitCode, 1);
    assert.match(output, /left behind: shared memory: dure-left/);
  });
});
