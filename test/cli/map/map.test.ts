import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DURE, runDure } from "../run-dure.ts";
import type { RunOptions } from "../run-dure.ts";

const FUNCTIONS = fileURLToPath(new URL("../fixtures/map-functions.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "dure-map-"));
after(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
function file(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}
const lines = (count: number): string => Array.from({ length: count }, (_, index) => `${index + 1}\n`).join("");
const map = (name: string, args: readonly string[] = [], options: RunOptions = {}) =>
  runDure(["map", `${FUNCTIONS}#${name}`, "--workers", "1", ...args], options);
/** For what the command does before and after a worker has the item: starting one takes longer than all the rest. */
const mapSerially = (name: string, args: readonly string[] = [], options: RunOptions = {}) =>
  runDure(["map", `${FUNCTIONS}#${name}`, "--executor", "serial", ...args], options);

for (const executor of ["serial", "async", "threads:2", "processes:2"]) {
  test(`dure map gives results in order on ${executor}, and nothing else on standard output`, async () => {
    const ended = await runDure(["map", `${FUNCTIONS}#prints`, "--executor", executor], { input: lines(5) });
    assert.deepEqual([ended.code, ended.stdout], [0, lines(5)]);
    assert.match(ended.stderr, /prints 1\n/);
    assert.match(ended.stderr, /too\n/);
  });
}

test("dure map runs a TypeScript module", async () => {
  const ended = await runDure(["map", "examples/gcd/my_module.ts#gcd"], { input: "[12, 18]\n[5, 10]\n" });
  assert.deepEqual(ended, { code: 0, signal: null, stdout: "6\n5\n", stderr: "" });
});

test("dure map reads a TypeScript module with the tsconfig.json above it, wherever it is run", async () => {
  mkdirSync(path("app/lib"), { recursive: true });
  file("app/tsconfig.json", '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h", "paths": { "@lib/*": ["./lib/*"] } } }');
  file("app/lib/h.ts", "export const h = (name: string, _: unknown, ...children: unknown[]) => `<${name}>${children.join('')}</${name}>`;");
  const module = file("app/tag.tsx", 'import { h } from "@lib/h"; export const bold = (text: string) => <b>{text}</b>;');
  for (const executor of ["threads:1", "processes:1"]) {
    const ended = await runDure(["map", `${module}#bold`, "--executor", executor], { input: '"one"\n' });
    assert.deepEqual(ended, { code: 0, signal: null, stdout: '"<b>one</b>"\n', stderr: "" });
  }
});

const INPUTS: [fact: string, input: string, stdout: string][] = [
  ["nothing", "", ""],
  ["blank lines only", "\n\r\n", ""],
  ["a byte order mark, CR LF, and a last line without an end", "\uFEFF1\r\n2", "2\n3\n"],
  ["one array", "[1, 2,\n3]", "2\n3\n4\n"],
  ["an array on one line", "[1,2]\n", "2\n3\n"],
];
for (const [fact, input, stdout] of INPUTS) {
  test(`dure map reads ${fact}`, async () => {
    assert.deepEqual(await mapSerially("increment", [], { input }), { code: 0, signal: null, stdout, stderr: "" });
  });
}

test("dure map reads a line of a million characters, and a one-line array as one item with --format lines", async () => {
  const long = await mapSerially("upper", [], { input: `"${"x".repeat(1_000_000)}"\n` });
  assert.equal(long.stdout, `"${"X".repeat(1_000_000)}"\n`);
  const gcd = await runDure(["map", "examples/gcd/my_module.ts#gcd", "--format", "lines"], { input: "[12, 18]\n" });
  assert.equal(gcd.stdout, "6\n");
});

const EVEN_FAILS = /^error: line 2: RangeError: 2 is even \(at failsForEven .*\n/;
const ON_ERROR: [policy: string, stdout: string, stderr: RegExp][] = [
  ["fail", "1\n", /stopped at a failure after 2 items\nerror: 1 of 2 items failed\n$/],
  ["skip", "1\n3\n5\n", /error: line 4: .*\nerror: 2 of 5 items failed\n$/],
  ["null", "1\nnull\n3\nnull\n5\n", /error: 2 of 5 items failed\n$/],
];
for (const [policy, stdout, stderr] of ON_ERROR) {
  test(`dure map --on-error ${policy} reports a failed item with its line, and ends with 1`, async () => {
    const ended = await map("failsForEven", ["--on-error", policy], { input: lines(5) });
    assert.deepEqual([ended.code, ended.stdout], [1, stdout]);
    assert.match(ended.stderr, EVEN_FAILS);
    assert.match(ended.stderr, stderr);
  });
}

test("dure map reports a line that is not JSON, and input that is no text", async () => {
  const ended = await mapSerially("increment", ["--on-error", "null"], { input: "1\n\n{x\n2\n\u001B]0;steer\u0007\n" });
  assert.equal(ended.stdout, "2\nnull\n3\nnull\n");
  assert.match(ended.stderr, /^error: line 3: it is not JSON: .*\nerror: line 5: it is not JSON: /);
  assert.ok(!/\p{Cc}/u.test(ended.stderr.replaceAll("\n", "")));
  assert.equal(ended.code, 1);
});

test("dure map says of a value on several lines how it must stand", async () => {
  const { stderr } = await mapSerially("increment", [], { input: '{\n  "a": 1\n}\n' });
  assert.match(stderr, /^error: line 1: it is not JSON: .*; each value stands on one line, as jq -c writes it\n/);
});

test("dure map says of a result that is not JSON why, and writes null for undefined", async () => {
  const input = ["bigint", "circular", "undefined", "function", "symbol", "date"].map((kind) => `"${kind}"\n`).join("");
  const ended = await mapSerially("kindOfResult", ["--on-error", "skip"], { input });
  assert.equal(ended.stdout, 'null\n"1970-01-01T00:00:00.000Z"\n');
  assert.match(ended.stderr, /line 1: the result cannot be written as JSON: Do not know how to serialize a BigInt\n/);
  assert.match(ended.stderr, /line 2: the result cannot be written as JSON: Converting circular structure/);
  assert.match(ended.stderr, /line 4: the result is a function, which is not JSON\nerror: line 5: the result is a symbol/);
});

test("dure map refuses a generator as a result, whose JSON would be empty", async () => {
  const ended = await mapSerially("yields", ["--on-error", "skip"], { input: "1\n" });
  assert.deepEqual([ended.code, ended.stdout], [1, ""]);
  assert.match(ended.stderr, /line 1: the result is a generator .* put what it yields into an array\n/);
});

test("dure map awaits whatever can be awaited, and shows what was thrown that is no error", async () => {
  assert.equal((await mapSerially("thenable", [], { input: "1\n" })).stdout, "2\n");
  const { stderr } = await mapSerially("throwsNoErrors", ["--on-error", "skip"], { input: "1\n2\n" });
  assert.match(stderr, /line 1: threw \{ status: 404 \}\nerror: line 2: the result cannot be written as JSON: no JSON\n/);
});

test("dure map takes - for standard input and standard output", async () => {
  const { stdout } = await runDure(["map", `${FUNCTIONS}#increment`, "--executor", "serial", "--items", "-", "--output", "-"], { input: "1\n", cwd: folder });
  assert.equal(stdout, "2\n");
  assert.ok(!existsSync(path("-")));
});

for (const executor of ["async:1", "threads:1", "processes:1"]) {
  test(`dure map goes on when an item has left a promise behind that rejects, on ${executor}, and ends with 1`, async () => {
    const args = ["map", `${FUNCTIONS}#leavesBehind`, "--executor", executor];
    const ended = await runDure([...args, "--on-error", "skip"], { input: lines(3) });
    assert.deepEqual([ended.code, ended.stdout], [1, lines(3)], ended.stderr);
    assert.match(ended.stderr, /^error: left behind by an item: Error: nobody awaits it \(at leavesBehind .*\)\n$/);
    const stopped = await runDure([...args, "--json"], { input: lines(2000) });
    assert.deepEqual([stopped.code, stopped.stdout.startsWith("1\n"), stopped.stdout.includes("2000")], [1, true, false]);
    const [stray, summary] = stopped.stderr.trimEnd().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: short
    assert.deepEqual([stray.type, summary.failed, summary.stopped], ["stray", 0, "stopped at what an item left behind"]);
  });
}

test("dure map --unordered writes results as they come", async () => {
  const ended = await runDure(["map", `${FUNCTIONS}#waitsLessForMore`, "--executor", "async", "--unordered"], { input: lines(3) });
  assert.equal(ended.stdout, "3\n2\n1\n");
});

test("dure map --json writes failures and a summary as JSON on standard error", async () => {
  const { stderr } = await mapSerially("failsForEven", ["--on-error", "skip", "--json"], { input: lines(3) });
  const [failure, summary] = stderr.trimEnd().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: short
  assert.deepEqual([failure.type, failure.number, failure.line], ["failure", 2, 2]);
  assert.ok(summary.seconds > 0);
  assert.deepEqual({ ...summary, seconds: 0 }, { type: "summary", items: 3, failed: 1, resumed: 0, seconds: 0, stopped: null });
});

test("dure map --dry-run says what would run, and runs nothing", async () => {
  const { code, stdout } = await map("runsForEver", ["--dry-run", "--workers", "2"], { input: "7\n8\n" });
  assert.equal(code, 0);
  assert.match(stdout, /^function: +runsForEver\n.*\nexecutor: +threads\nworkers: +2\nitems: +2\ndone before: +0\nfirst item: +7\n$/s);
  const { stdout: json } = await map("runsForEver", ["--dry-run", "--json", "--workers", "2"], { input: "" });
  assert.deepEqual(JSON.parse(json), { function: "runsForEver", module: FUNCTIONS, executor: "threads", workers: 2, items: 0, done: 0, firstItem: null });
});

test("dure map --retries tries a failed item again, and --joblog counts its attempts", async () => {
  const joblog = path("retries.log");
  const ended = await map("succeedsAtThird", ["--retries", "2", "--joblog", joblog], { input: JSON.stringify(path("attempts")) });
  assert.deepEqual([ended.code, ended.stdout], [0, '"at last"\n']);
  const job = readFileSync(joblog, "utf8").trimEnd().split("\n").at(-1);
  assert.equal(job?.split("\t")[5], "3");
});

test("dure map --timeout fails an item that runs for longer", async () => {
  const ended = await map("runsForEver", ["--timeout", "100ms", "--on-error", "null"], { input: "1\n" });
  assert.deepEqual([ended.code, ended.stdout], [1, "null\n"]);
  assert.match(ended.stderr, /error: line 1: TimeoutError: .*100 ms/);
});

test("dure map --halt stops at so many failures, or so many of a hundred items", async () => {
  const number = await map("failsForEven", ["--on-error", "skip", "--halt", "soon,fail=2"], { input: lines(10_000) });
  assert.equal(number.code, 1);
  assert.match(number.stderr, /stopped as --halt says at 2 failures after/);
  assert.ok(number.stdout.startsWith("1\n3\n") && !number.stdout.includes("9999"));
  const percentage = await map("failsForEven", ["--on-error", "null", "--halt", "now,fail=30%", "--workers", "1"], { input: lines(10_000) });
  assert.match(percentage.stderr, /stopped as --halt says/);
});

test("dure map --chunk-size changes how items travel, and no result", async () => {
  const ended = await map("increment", ["--chunk-size", "3"], { input: lines(10) });
  assert.equal(ended.stdout, lines(11).slice(2));
});

test("dure map --joblog tells of each item, and --resume passes over what is done", async () => {
  const [items, output, joblog] = [file("a.ndjson", lines(4)), path("a.out"), path("a.log")];
  const args = ["--items", items, "--output", output, "--joblog", joblog, "--on-error", "skip", "--resume"];
  const first = await map("failsForEven", args);
  assert.deepEqual([first.code, readFileSync(output, "utf8")], [1, "1\n3\n"]);
  const [header = "", columns, ...jobs] = readFileSync(joblog, "utf8").trimEnd().split("\n"); // biome-ignore format: short
  assert.match(header, /^# dure joblog 1 \{"function":"failsForEven",/);
  assert.equal(columns, "number\tline\tworker\tstart\tseconds\tattempts\toutcome\toutput\tcheck\terror");
  assert.deepEqual(jobs.map((job) => job.split("\t")[6]), ["ok", "skipped", "ok", "skipped"]); // biome-ignore format: short
  for (const job of jobs) assert.match(job, /^\d\t\d\t[01]\t\d{10}\.\d{3}\t\d+\.\d{6}\t1\t/);
  writeFileSync(items, lines(6));
  const second = await map("failsForEven", args);
  assert.equal(readFileSync(output, "utf8"), "1\n3\n5\n");
  assert.match(second.stderr, /^error: line 6: .*\nerror: 3 of 6 items failed\n$/);
});

test("dure map --resume runs the item again that stopped the run", async () => {
  const args = ["--output", path("again.out"), "--joblog", path("again.log"), "--resume"];
  assert.equal((await mapSerially("failsForEven", args, { input: lines(3) })).code, 1);
  assert.equal((await mapSerially("failsForEven", [...args, "--on-error", "null"], { input: lines(3) })).code, 1);
  assert.equal(readFileSync(path("again.out"), "utf8"), "1\nnull\n3\n");
});

test("dure map --resume takes away a torn result and a torn line of the joblog", async () => {
  const [items, output, joblog] = [file("torn.ndjson", lines(5)), path("torn.out"), path("torn.log")];
  const args = ["--items", items, "--output", output, "--joblog", joblog, "--resume"];
  await mapSerially("increment", args);
  const whole = readFileSync(output, "utf8");
  const log = readFileSync(joblog, "utf8");
  for (const bytes of [1, 20, 60, 130]) {
    truncateSync(joblog, log.length - bytes);
    truncateSync(output, whole.length - (bytes === 1 ? 1 : 0));
    if (bytes === 1) writeFileSync(output, whole);
    assert.equal((await mapSerially("increment", args)).code, 0);
    assert.equal(readFileSync(output, "utf8"), whole);
  }
});

/** A run that is done, to be resumed with something changed. */
async function doneRun(name: string): Promise<{ args: string[]; items: string; output: string; joblog: string; module: string }> {
  const [items, output, joblog] = [file(`${name}.ndjson`, lines(4)), path(`${name}.out`), path(`${name}.log`)];
  const module = file(`${name}.mjs`, "export const same = (item) => item; export const other = same;");
  const args = ["map", `${module}#same`, "--executor", "serial", "--items", items, "--output", output, "--joblog", joblog];
  assert.equal((await runDure(args)).code, 0);
  return { args: [...args, "--resume"], items, output, joblog, module };
}

const CHANGES: [fact: string, change: (run: Awaited<ReturnType<typeof doneRun>>) => string[], message: RegExp][] = [
  ["a changed input", ({ args, items }) => (writeFileSync(items, "1\n2\n9\n4\n5\n"), args), /the input has changed, its items up to line 4/],
  ["an input that is shorter", ({ args, items }) => (writeFileSync(items, "1\n2\n"), args), /it ends after 2 items/],
  ["a changed module", ({ args, module }) => (writeFileSync(module, "export const same = (item) => -item;"), args), /has changed since the run began/],
  ["another function", ({ args, module }) => ["map", `${module}#other`, ...args.slice(2)], /is of a run of same, not of other/],
  ["an output that was cut", ({ args, output }) => (truncateSync(output, 3), args), /holds 3 bytes of the 8 .* behind line 3 of the joblog/],
  [
    "an output that others have written to",
    ({ args, output }) => (writeFileSync(output, "x\n".repeat(200_000), { flag: "a" }), args),
    /holds more than this run/,
  ],
  ["a joblog that is none", ({ args, joblog }) => (writeFileSync(joblog, "hello\n"), args), /its line 1 is not one of dure's/],
  ["results that went elsewhere", ({ args }) => args.filter((arg, at) => arg !== "--output" && args[at - 1] !== "--output"), /results so far went to a file/],
  ["no --resume", ({ args }) => args.slice(0, -1), /is the joblog of another. Give --resume/],
  ["no joblog but an output", ({ args, joblog }) => (rmSync(joblog), args), /there is no joblog, and .* holds something/],
];
for (const [index, [fact, change, message]] of CHANGES.entries()) {
  test(`dure map refuses to resume with ${fact}, and changes nothing`, async () => {
    const run = await doneRun(`change-${index}`);
    const args = change(run);
    const before = readFileSync(run.output, "utf8");
    const { code, stdout, stderr } = await runDure(args);
    assert.match(stderr, /^error: Cannot /);
    assert.match(stderr, message);
    assert.deepEqual([code, stdout, readFileSync(run.output, "utf8")], [2, "", before]);
  });
}

test("dure map that refuses to resume ends at once", async () => {
  const { args, items } = await doneRun("at-once");
  writeFileSync(items, "1\n");
  const preloaded = new URL("../fixtures/tells-timers.js", import.meta.url).href;
  const { stderr } = await runDure(args, { env: { NODE_OPTIONS: `--import=${preloaded}` } });
  assert.match(stderr, /^error: Cannot resume: .*\ntimers: 0\n$/);
});

test("dure map > FILE --resume says that the shell has emptied the file", async () => {
  const args = `"${process.execPath}" "${DURE}" map "${FUNCTIONS}#increment" --items "${file("shell.ndjson", lines(3))}" --joblog "${path("shell.log")}" --resume`;
  const shell = (redirection: string): { status: number | null; stderr: string } => spawnSync("sh", ["-c", `${args} ${redirection}`], { encoding: "utf8" });
  assert.equal(shell(`> "${path("shell.out")}"`).status, 0);
  assert.equal(shell(`>> "${path("shell.out")}"`).status, 0);
  assert.equal(readFileSync(path("shell.out"), "utf8"), "2\n3\n4\n");
  const emptied = shell(`> "${path("shell.out")}"`);
  assert.equal(emptied.status, 2);
  assert.match(emptied.stderr, /If > has emptied it/);
});

test("dure map leaves the results of others before its own in a shared file", () => {
  const command = `"${process.execPath}" "${DURE}" map "${FUNCTIONS}#increment"`;
  execFileSync("sh", ["-c", `(echo 1 | ${command}; echo 5 | ${command}; echo end) > "${path("shared.out")}"`]);
  assert.equal(readFileSync(path("shared.out"), "utf8"), "2\n6\nend\n");
});

const linuxOnly = process.platform === "linux" ? {} : { skip: "/dev/full is Linux's" };
test("a full disk is an error of dure map, for results and for the joblog", linuxOnly, async () => {
  const results = await mapSerially("increment", ["--output", "/dev/full"], { input: lines(3) });
  assert.deepEqual([results.code, results.stdout], [3, ""]);
  assert.match(results.stderr, /Cannot write the results to \/dev\/full: no space is left on the device/);
  const shell = spawnSync("sh", ["-c", `echo 1 | "${process.execPath}" "${DURE}" map "${FUNCTIONS}#increment" > /dev/full`], { encoding: "utf8" });
  assert.equal(shell.status, 3);
  assert.match(shell.stderr, /standard output: no space is left/);
});

test("a joblog that cannot be written ends dure map before a result is lost", linuxOnly, async () => {
  const refused = await mapSerially("increment", ["--joblog", "/dev/full"], { input: lines(3) });
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(refused.stderr, /Cannot write the joblog \/dev\/full: it is not a regular file/);
  const [items, output, joblog] = [file("full.ndjson", lines(3000)), path("full.out"), path("full.log")];
  // Results come to a few bytes each, so that it is the joblog that meets the limit.
  const command = `"${process.execPath}" "${DURE}" map "${FUNCTIONS}#increment" --items "${items}" --output "${output}" --joblog "${joblog}" --resume`;
  const limited = spawnSync("sh", ["-c", `trap '' XFSZ; ulimit -f 60; ${command}`], { encoding: "utf8" });
  assert.equal(limited.status, 3, limited.stderr);
  assert.match(limited.stderr, /Cannot write the joblog .*full\.log: /);
  const resumed = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  assert.equal(resumed.status, 0, resumed.stderr);
  assert.equal(readFileSync(output, "utf8"), Array.from({ length: 3000 }, (_, index) => `${index + 2}\n`).join(""));
});

test("a file that may grow no further keeps whole results, and the run goes on from them", linuxOnly, async () => {
  const [items, output, joblog] = [file("limit.ndjson", lines(3000)), path("limit.out"), path("limit.log")];
  const command = `"${process.execPath}" "${DURE}" map "${FUNCTIONS}#describe" --items "${items}" --output "${output}" --joblog "${joblog}" --resume`;
  // 16 blocks of 512 bytes in sh. The signal that comes with the limit is ignored, as it would end the program.
  const limited = spawnSync("sh", ["-c", `trap '' XFSZ; ulimit -f 16; ${command}`], { encoding: "utf8" });
  assert.equal(limited.status, 3, limited.stderr);
  assert.match(readFileSync(output, "utf8"), /^$|\}\n$/);
  assert.equal(spawnSync("sh", ["-c", command]).status, 0);
  assert.equal(readFileSync(output, "utf8").split("\n").length, 3001);
});

test("dure map ends quietly when its reader leaves", async () => {
  const { code, stderr } = await map("increment", [], { closeStdout: true, input: lines(1000) });
  assert.deepEqual([code, stderr], [0, ""]);
  const piped = spawnSync("bash", ["-c", `yes 1 | "${process.execPath}" "${DURE}" map "${FUNCTIONS}#increment" | head -2`], { encoding: "utf8" });
  assert.deepEqual([piped.status, piped.stdout, piped.stderr], [0, "2\n2\n", ""]);
});

test("dure map passes 400,000 items through a heap that could not hold them", () => {
  // Three million pass through it as well: what is kept does not grow with the input.
  const command = `seq 400000 | "${process.execPath}" --max-old-space-size=64 "${DURE}" map "${FUNCTIONS}#increment" --workers 1 | tail -1`;
  const { stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8" });
  assert.deepEqual([stdout, stderr], ["400001\n", ""]);
});

test("dure map reads no further than its reader takes results", async () => {
  const child = spawn(process.execPath, [DURE, "map", `${FUNCTIONS}#increment`, "--workers", "2"], { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "close");
  child.stdin.write("1\n");
  // It has started, and nothing of its output is read.
  await once(child.stdout, "readable");
  let isFull = false;
  const line = "1\n".repeat(32_768);
  // Far more than all buffers on the way hold: written on only when the one before has been taken.
  child.stdin.on("error", () => {});
  const full = new Promise<void>((resolve) => {
    let written = 0;
    const write = (): void => {
      written += 1;
      if (written > 400 || isFull) return resolve();
      const timer = setTimeout(() => {
        isFull = true;
        resolve();
      }, 1_500);
      child.stdin.write(line, () => {
        clearTimeout(timer);
        write();
      });
    };
    write();
  });
  await full;
  assert.ok(isFull);
  child.stdout.destroy();
  await exit;
});

test("dure map gives results of a slow input at once", async () => {
  const child = spawn(process.execPath, [DURE, "map", `${FUNCTIONS}#increment`]);
  const exit = once(child, "close");
  child.stdin.write("1\n");
  const [first] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  assert.equal(first, "2\n");
  child.stdin.end();
  await exit;
});

for (const executor of ["async", "threads:2", "processes:2"]) {
  test(`Ctrl-C tells what runs on ${executor}, starts nothing more, and ends with 130 and a joblog to go on with`, async () => {
    const [output, joblog, go] = [path(`c-${executor}.out`), path(`c-${executor}.log`), path(`c-${executor}.go`)];
    const args = ["map", `${FUNCTIONS}#waitsForFile`, "--executor", executor, "--output", output, "--joblog", joblog, "--resume"];
    const input = [folder, go, go, folder, folder].map((each) => `${JSON.stringify(each)}\n`).join("");
    const ended = await runDure(args, { input, signalWhen: (stderr) => (stderr.includes("waits\nwaits") ? "SIGINT" : undefined) });
    assert.equal(ended.code, 130, ended.stderr);
    assert.match(ended.stderr, /interrupted after/);
    writeFileSync(go, "");
    const resumed = await runDure(args, { input });
    assert.deepEqual([resumed.code, readFileSync(output, "utf8")], [0, '"done"\n'.repeat(5)]);
    assert.ok(existsSync(joblog));
  });
}

test("Ctrl-C ends dure map also while items run that nobody can stop", async () => {
  for (const args of [
    ["--executor", "serial"],
    ["--executor", "threads:2"],
    ["--executor", "processes:1"],
  ]) {
    const ended = await runDure(["map", `${FUNCTIONS}#runsForEver`, ...args], {
      input: lines(3),
      signalWhen: (stderr) => (stderr.includes("runs") ? "SIGINT" : undefined),
    });
    assert.ok(ended.code === 130 || ended.signal === "SIGINT", `${args.join(" ")}: ${ended.code} ${ended.signal}`);
    assert.equal(ended.stdout, "");
  }
});

test("the first Ctrl-C asks the run to end, and another ends it at once", async () => {
  const program = fileURLToPath(new URL("../fixtures/interrupted.js", import.meta.url));
  for (const [signal, why, exitCode] of [
    ["SIGINT", "interrupted", 130],
    ["SIGTERM", "terminated", 143],
  ] as const) {
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    let printed = "";
    let again: NodeJS.Timeout | undefined;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      child.kill(signal);
      // One that comes right after the first is the same one, handed on: so more than one may be needed.
      if (printed.includes(why)) again ??= setInterval(() => child.kill(signal), 20);
    });
    const [code] = (await ended) as [number];
    clearInterval(again);
    assert.deepEqual([code, printed], [exitCode, `ready\n${why} ${exitCode}\n`]);
  }
});

test("dure map ends with 143 on SIGTERM", async () => {
  const ended = await map("never", [], { input: "1\n", signalWhen: (stderr) => (stderr.includes("runs") ? "SIGTERM" : undefined) });
  assert.equal(ended.code, 143);
});

test("dure map refuses a joblog that another run writes", linuxOnly, async () => {
  const joblog = path("locked.log");
  const child = spawn(process.execPath, [DURE, "map", `${FUNCTIONS}#never`, "--joblog", joblog], { stdio: ["pipe", "ignore", "pipe"] });
  const exit = once(child, "close");
  child.stdin.write("1\n");
  await once(child.stderr, "data");
  const ended = await mapSerially("increment", ["--joblog", joblog, "--resume"], { input: "1\n" });
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /another dure map that still runs writes it/);
  child.kill("SIGKILL");
  await exit;
});

const unreadable = file("unreadable.ndjson", "1\n");
chmodSync(unreadable, 0);
const USAGE: [fact: string, args: string[], message: RegExp][] = [
  ["an items file that is not there", ["--items", path("none.ndjson")], /Cannot read the items file .*: there is no such file/],
  ["a directory of items", ["--items", folder], /it is a directory/],
  ...(process.getuid?.() === 0 ? [] : ([["an items file that may not be read", ["--items", unreadable], /permission denied/]] as [string, string[], RegExp][])),
  ["an unknown format", ["--format", "csv"], /'csv' is invalid. Allowed choices are lines, array/],
  ["an unknown executor", ["--executor", "thread"], /there is no rung "thread", did you mean threads/],
  ["a number of workers twice", ["--executor", "threads:2", "--workers", "2"], /two numbers of workers/],
  ["workers for serial", ["--executor", "serial", "--workers", "2"], /takes no number/],
  ["workers out of range", ["--workers", "0"], /whole number from 1 to 1024/],
  ["a chunk size that is no number", ["--chunk-size", "many"], /'many' is invalid/],
  ["an unknown word for errors", ["--on-error", "ignore"], /Allowed choices are fail, skip, null/],
  ["a halt that is none", ["--on-error", "skip", "--halt", "later"], /soon,fail=N/],
  ["a halt at more than all", ["--on-error", "skip", "--halt", "now,fail=101%"], /soon,fail=N/],
  ["a halt where the first failure stops", ["--halt", "soon,fail=3"], /give --on-error skip or null/],
  ["retries below 0", ["--retries", "-1"], /'-1' is invalid.*0 or more/],
  ["a timeout of nothing", ["--timeout", "0"], /a time above 0, such as/],
  ["a timeout in fortnights", ["--timeout", "1fortnight"], /a time above 0, such as/],
  ["to resume without a joblog", ["--resume"], /give --joblog FILE/],
  ["a joblog that cannot be written", ["--joblog", join(folder, "none", "j.log")], /Cannot write the joblog .*: there is no such directory/],
  ["a joblog that is no file", ["--joblog", "/dev/null"], /not a regular file/],
  ["an output that cannot be written", ["--output", folder], /Cannot write the results to .*: it is a directory/],
  ["an output in no folder", ["--output", join(folder, "none", "out.ndjson")], /Cannot write the results to .*: there is no such directory/],
  ["an output behind a file", ["--output", join(FUNCTIONS, "out.ndjson")], /Cannot write the results to .*: a part of the path is no directory/],
  ["an output that is the input", ["--items", file("both.ndjson", "1\n"), "--output", path("both.ndjson")], /Cannot use one file as two/],
  ["an unknown option", ["--unorderd"], /unknown option '--unorderd'\n\(Did you mean --unordered\?\)/],
];
for (const [fact, args, message] of USAGE) {
  test(`dure map refuses ${fact}, and ends with 2`, async () => {
    const { code, stdout, stderr } = await runDure(["map", `${FUNCTIONS}#increment`, ...args], { input: "1\n" });
    assert.match(stderr, message);
    assert.match(stderr, /^error: /);
    assert.deepEqual([code, stdout], [2, ""]);
  });
}

test("dure map refuses to write over its module, its items or its joblog, and changes nothing", async () => {
  const run = await doneRun("over");
  const anew = ["map", `${run.module}#same`, "--items", run.items];
  for (const [args, victim] of [
    [anew, run.module],
    [anew, run.items],
    [run.args, run.module],
    [run.args, run.joblog],
  ] as const) {
    const before = readFileSync(victim, "utf8");
    const { code, stderr } = await runDure([...args, "--output", victim]);
    assert.match(stderr, /^error: Cannot use one file as two: /);
    assert.deepEqual([code, readFileSync(victim, "utf8")], [2, before]);
  }
});

test("dure map takes no file of others for the joblog of a run that was killed at once", async () => {
  const note = file("note.txt", "a note without an end of line");
  const refused = await mapSerially("increment", ["--joblog", note], { input: "1\n" });
  assert.match(refused.stderr, /its line 1 is not one of dure's/);
  assert.deepEqual([refused.code, readFileSync(note, "utf8")], [2, "a note without an end of line"]);
  const torn = file("torn-header.log", '# dure joblog 1 {"functi');
  assert.equal((await mapSerially("increment", ["--joblog", torn], { input: "1\n" })).code, 0);
});

test("dure map says how a TypeScript module may await at its top level where package.json does not call it a module", async () => {
  file("package.json", "{}");
  const module = file("awaits.ts", "const one: number = await 1; export const add = (item: number): number => item + one;");
  const { code, stderr } = await runDure(["map", `${module}#add`], { input: "1\n" });
  if (code === 0) return; // Node reads it itself.
  assert.equal(code, 2);
  assert.match(stderr, /name it \.mts, or write "type": "module" into package\.json\n$/);
});

test("dure map refuses a function that cannot cross, and ends with 2", async () => {
  const { code, stderr } = await map("withSocket", ["--on-error", "skip"], { input: lines(3) });
  assert.equal(code, 2);
  assert.match(stderr, /^error: .*socket/);
  assert.equal(readFileSync(path("both.ndjson"), "utf8"), "1\n");
});

test("dure map --help has examples and the exit codes", async () => {
  const { code, stdout } = await runDure(["map", "--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /\$ dure map \.\/my_module\.ts#gcd --items pairs\.ndjson/);
  assert.match(stdout, /Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}130 .*\n {2}143 /);
});
