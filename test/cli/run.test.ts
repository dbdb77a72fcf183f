import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { after, test } from "node:test";
import { DURE, runDure } from "./run-dure.ts";

// Inside the package, so that "dure" and tsx are found from it; with a space in its name.
mkdirSync(".build", { recursive: true });
const folder = resolve(mkdtempSync(".build/run dure-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

file("double.ts", "export const double = (n: number): number => n * 2;\n");
const PROGRAM = file(
  "program.ts",
  `import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
import { double } from "./double.ts";

enum Size { Small = 1, Large }
for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  await using pool = new Executor({ maxWorkers: 1 });
  console.log(pool.kind, (await pool.map(double, [1, 2])).join(), await pool.submit((n: number) => double(n) + Size.Large, 4));
}
console.log(process.argv.slice(2).join("|"));
`,
);

test("dure run runs TypeScript with enums, await using and imports of .ts, and hands its arguments on", async () => {
  const { stdout, stderr, code } = await runDure(["run", PROGRAM, "--flag", "-x", "a b", "--help"]);
  assert.deepEqual([stdout, stderr, code], ["threads 2,4 10\nprocesses 2,4 10\n--flag|-x|a b|--help\n", "", 0]);
});

for (const type of ["none", "commonjs"]) {
  test(`dure run runs a program that awaits at its top level where package.json has ${type === "none" ? "no type" : `the type ${type}`}`, async () => {
    file(`${type}/package.json`, type === "none" ? "{}" : `{ "type": "${type}" }`);
    mkdirSync(join(folder, type, "node_modules"));
    symlinkSync(resolve("."), join(folder, type, "node_modules/dure"), "junction");
    file(`${type}/double.ts`, "export const double = (n: number): number => n * 2;\n");
    const program = file(
      `${type}/program.ts`,
      `import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
import { double } from "./double.ts";

for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  await using pool = new Executor({ maxWorkers: 1 });
  console.log(await pool.map(double, [1, 2]), await pool.submit((n: number) => double(n) + 1, 4));
}
`,
    );
    const { stdout, stderr, code } = await runDure(["run", program]);
    assert.deepEqual([stdout, stderr, code], ["[ 2, 4 ] 9\n[ 2, 4 ] 9\n", "", 0]);
  });
}

test("tasks of a program under dure run import TypeScript as the program does, on threads and on processes", async () => {
  file("imports/tsconfig.json", '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }');
  file("imports/lib/three.ts", "export enum Three { Value = 3 }\n");
  file("imports/triple.ts", 'import { Three } from "@lib/three"; export const triple = (n: number): number => n * Three.Value;\n');
  const program = file(
    "imports/program.ts",
    `import { ProcessPoolExecutor, task, ThreadPoolExecutor } from "dure";
const named = task<(n: number) => number>(new URL("./triple.ts", import.meta.url), "triple");
for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  await using pool = new Executor({ maxWorkers: 1 });
  console.log(await pool.submit(async (n: number) => (await import("./triple.ts")).triple(n), 4));
  await using another = new Executor({ maxWorkers: 1 });
  console.log(await another.submit(named, 5));
}
`,
  );
  const { stdout, stderr, code } = await runDure(["run", program]);
  assert.deepEqual([stdout, stderr, code], ["12\n15\n12\n15\n", "", 0]);
});

test("dure run leaves a program that does not await at its top level a CommonJS module", async () => {
  file("common/package.json", "{}");
  const program = file(
    "common/program.ts",
    "const main = async (): Promise<void> => { await null; console.log(__filename.length > 0, require.main === module); };\nmain();\n",
  );
  const { stdout, code } = await runDure(["run", program]);
  assert.deepEqual([stdout, code], ["true true\n", 0]);
});

test("dure run follows tsconfig's paths and compiles JSX, in workers too", async () => {
  file("paths/tsconfig.json", '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h", "paths": { "@lib/*": ["./lib/*"] } } }');
  file("paths/lib/h.ts", "export const h = (name: string, _: unknown, ...children: unknown[]) => `<${name}>${children.join('')}`;\n");
  const program = file(
    "paths/main.tsx",
    `import { ThreadPoolExecutor } from "dure";
import { h } from "@lib/h";
await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
console.log(await pool.submit((text: string) => <b>{text}</b>, "hello"));
`,
  );
  const { stdout, stderr, code } = await runDure(["run", "paths/main.tsx"], { cwd: folder });
  assert.deepEqual([stdout, stderr, code], ["<b>hello\n", "", 0], program);
});

test("dure run runs JavaScript as node does: ES modules and CommonJS, as the main module", async () => {
  const commonJs = file("main.cjs", "console.log(require.main === module, process.argv.length)");
  assert.equal((await runDure(["run", commonJs, "one"])).stdout, "true 3\n");
  const module = file("main.mjs", "console.log(import.meta.url.endsWith('main.mjs'))");
  assert.equal((await runDure(["run", module])).stdout, "true\n");
});

test("dure run hands on standard input, and follows links", async () => {
  const program = file("cat.ts", "let text: string = ''; for await (const chunk of process.stdin) text += chunk; console.log(text.toUpperCase());\n");
  symlinkSync(program, join(folder, "link.ts"));
  assert.equal((await runDure(["run", join(folder, "link.ts")], { input: "hello" })).stdout, "HELLO\n");
});

test("dure run ends with the program's exit code, or by its signal", async () => {
  assert.equal((await runDure(["run", file("exit.ts", "process.exit(7 as number);\n")])).code, 7);
  const killed = await runDure(["run", file("kill.ts", "process.kill(process.pid, 'SIGKILL' as const); setInterval(() => {}, 1000);\n")]);
  assert.equal(killed.signal, "SIGKILL");
});

test("dure run shows an uncaught error with the place in the source", async () => {
  const { stderr, code } = await runDure([
    "run",
    file("throws.ts", "interface None {}\n\nconst value: None | undefined = undefined;\nthrow new Error(`no ${value}`);\n"),
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /throws\.ts:4/);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`dure run hands ${signal} on, and the program's own handler decides`, async () => {
    const program = file(
      `${signal}.ts`,
      `process.on("${signal}", () => { console.log("heard" as string); process.exit(5); });\nsetInterval(() => {}, 1000);\nconsole.error("ready");\n`,
    );
    const { stdout, code } = await runDure(["run", program], { signalWhen: (stderr) => (stderr.includes("ready") ? signal : undefined) });
    assert.deepEqual([stdout, code], ["heard\n", 5]);
  });
}

test("a program under dure run ends when dure is killed", async () => {
  const program = file("waits.ts", "console.log('ready' as string);\nsetInterval(() => {}, 1000);\n");
  const child = spawn(process.execPath, [DURE, "run", program]);
  await once(child.stdout, "data");
  // The program holds the pipe open until it has ended, which it would not do by itself.
  const ended = once(child, "close");
  child.kill("SIGKILL");
  const [, signal] = await ended;
  assert.equal(signal, "SIGKILL");
});

const REFUSED: [fact: string, args: string[], message: RegExp][] = [
  ["a missing file, with the nearest name", [join(folder, "progam.ts")], /there is no such file\. Did you mean .*program\.ts\?/],
  ["a folder", [folder], /there is no such file, but a folder/],
  ["a file behind a file", [join(PROGRAM, "job.ts")], /there is no such file\n/],
  ["an option before the script", ["--inspect", PROGRAM], /options of the program follow its file, those of Node go into NODE_OPTIONS/],
  ["no script", [], /missing required argument/],
];
for (const [fact, args, message] of REFUSED) {
  test(`dure run refuses ${fact}, and ends with 2`, async () => {
    const { stdout, stderr, code } = await runDure(["run", ...args]);
    assert.deepEqual([stdout, code], ["", 2]);
    assert.match(stderr, message);
  });
}
