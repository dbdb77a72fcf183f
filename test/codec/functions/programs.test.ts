// Functions of whole programs, run as users run them: from the command line, as TypeScript, bundled, minified. Each
// program sends functions to a thread and prints what comes back.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type BuildOptions } from "esbuild";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const SEND = fileURLToPath(new URL("../../fixtures/functions/send.js", import.meta.url));
const TSX = join(ROOT, "node_modules/tsx/dist/cli.mjs");
const folder = mkdtempSync(join(tmpdir(), "dure-programs-"));

/** The same for programs that cannot load a module with require. */
const SEND_CJS = join(folder, "send.cjs");
await build({
  entryPoints: [SEND],
  outfile: SEND_CJS,
  bundle: true,
  platform: "node",
  format: "cjs",
  define: { "import.meta.url": JSON.stringify(pathToFileURL(SEND).href) },
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** A program's functions: every line is plain JavaScript, so that they can be run in many ways. */
const BODY = `
const factor = 3;
let count = 0;
function bump() { count++; }
function gcd(a, b) { return b === 0 ? a : gcd(b, a % b); }
class Shape {
  static made = 1;
  #side = factor;
  area() { return this.#side * this.#side; }
}
class Square extends Shape { double() { return super.area() * 2; } }
const helpers = { offset: 100, add: (x) => x + helpers.offset };
function work(x) {
  bump(); bump();
  const { add } = helpers;
  return [x * factor, count, gcd(12, 18), new Square().double(), Shape.made, add(x), work.name.length > 0];
}
`;
const RESULT = [6, 2, 6, 18, 1, 102, true];

interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

function node(args: readonly string[], input?: string): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: folder, timeout: 50_000 }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1 });
    });
    // The prompt ends when its input does, so the program has to end it.
    if (args[0] === "-i") child.stdin?.write(input ?? "");
    else child.stdin?.end(input ?? "");
  });
}

async function prints(args: readonly string[], expected: unknown, input?: string): Promise<void> {
  const run = await node(args, input);
  const line = run.stdout.trim().split("\n").at(-1) ?? "";
  assert.ok(line.startsWith("[") || line.startsWith("{") || line.startsWith('"'), `${run.stdout}\n${run.stderr}`);
  assert.deepEqual(JSON.parse(line), expected);
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const REQUIRE = `const { send, print, kindsOf } = require(${JSON.stringify(SEND_CJS)});`;
const IMPORT = `import { send, print, kindsOf } from ${JSON.stringify(pathToFileURL(SEND).href)};`;
const IMPORT_BUNDLED = `import { send, print } from ${JSON.stringify(SEND_CJS)};`;
const REPORT = "send(work, 2).then(print);";

test("a program on the command line", () => prints(["-e", `${REQUIRE}${BODY}${REPORT}`], RESULT));

test("a module on the command line", () => prints(["--input-type=module", "-e", `${IMPORT}${BODY}${REPORT}`], RESULT));

test("a program from standard input", () => prints(["-"], RESULT, `${REQUIRE}${BODY}${REPORT}`));

test("a program that is typed at the prompt", async () => {
  const lines = `${REQUIRE}\nconst typed = 4\nlet later = 5\nfunction work(x) { return [x, typed, later] }\nlater = 6\nsend(work, 2).then(print).then(() => process.exit())\n`;
  const run = await node(["-i"], lines);
  assert.match(run.stdout, /\[2,4,6\]/, run.stdout + run.stderr);
});

test("the program's own file as a module, which exports the function and waits for it", () =>
  prints([file("entry.mjs", `${IMPORT}${BODY}export { work };\nprint([...await send(work, 2), kindsOf(gcd)]);`)], [...RESULT, "source"]));

test("the program's own file that its folder's package names as main", () => {
  mkdirSync(join(folder, "package/lib"), { recursive: true });
  file("package/package.json", '{ "type": "module", "main": "./lib/start.js" }');
  const later = "setTimeout(async () => print([...await send(work, 2), kindsOf(gcd)]), 1);";
  file("package/lib/start.js", `${IMPORT}${BODY}export { gcd, work };\n${later}`);
  return prints(["package"], [...RESULT, "source"]);
});

test("a program that is started by a file which only imports it", async () => {
  const later = "setTimeout(async () => print([...await send(work, 2), kindsOf(gcd)]), 1);";
  file("started.mjs", `${IMPORT}${BODY}export { gcd, work };\n${later}`);
  const entries = {
    "bin.mjs": 'import "./started.mjs";',
    "bin-later.mjs": '#!/usr/bin/env node\nawait import("./started.mjs");',
    "bin.cjs": '"use strict";\nimport("./started.mjs");',
    "bin-comments.mjs": "// It's only a start: f = 1\n/* class */ import './started.mjs';",
  };
  for (const [name, text] of Object.entries(entries)) await prints([file(name, text)], [...RESULT, "source"]);
  const user = 'import { gcd } from "./parts.mjs";\nprint(kindsOf(gcd));';
  file("parts.mjs", "export function gcd(a, b) { return b === 0 ? a : gcd(b, a % b); }");
  await prints([file("main.mjs", `${IMPORT}${user}`)], "reference");
});

test("the program's own file as CommonJS", () => prints([file("entry.cjs", `${REQUIRE}${BODY}module.exports = { work };\n${REPORT}`)], RESULT));

test("a program that may not make code of strings", () =>
  prints(["--disallow-code-generation-from-strings", file("strict.mjs", `${IMPORT}${BODY}${REPORT}`)], RESULT));

test("a function that is made in a thread", () =>
  prints([file("thread.cjs", `new (require("node:worker_threads").Worker)(${JSON.stringify(`${REQUIRE}${BODY}${REPORT}`)}, { eval: true });`)], RESULT));

const TYPES = "type N = number; interface Unused { readonly a: N }\n";

test("TypeScript under tsx, as a module", async () => {
  file("package.json", '{ "type": "module" }');
  file("lib.mts", `${TYPES}export const half = (x: N): N => x / 2; export enum Colour { Red = 5 }`);
  const program = `${IMPORT}${TYPES}import { half, Colour } from "./lib.mts";\n${BODY}
    const typed = (x: N): N => half(x) + Colour.Red;
    print([...(await send(work, 2)) as unknown[], await send(typed, 4), await send(half, 4), kindsOf(half)]);`;
  await prints([TSX, file("entry.mts", program)], [...RESULT, 7, 2, "source"]);
});

test("TypeScript under tsx, as CommonJS", async () => {
  file("lib.cts", `${TYPES}export const half = (x: N): N => x / 2; export enum Colour { Red = 5 }`);
  const program = `${REQUIRE}${TYPES}import { half, Colour } from "./lib.cts";\n${BODY}
    const typed = (x: N): N => half(x) + Colour.Red;
    (async () => print([...(await send(work, 2)) as unknown[], await send(typed, 4), await send(half, 4)]))();`;
  await prints([TSX, file("entry.cts", program)], [...RESULT, 7, 2]);
});

const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

test("TypeScript whose types Node itself strips", { skip: stripsTypes ? false : "this Node does not" }, async () => {
  file("stripped.mts", `${TYPES}export const half = (x: N): N => x / 2;`);
  const program = `${IMPORT}${TYPES}import { half } from "./stripped.mts";\n${BODY}
    const typed = (x: N): N => half(x) + factor;
    print([...(await send(work, 2)) as unknown[], await send(typed, 4), await send(half, 4), kindsOf(half)]);`;
  await prints([file("strips.mts", program)], [...RESULT, 5, 2, "reference"]);
});

const BUNDLES: readonly [what: string, options: BuildOptions][] = [
  ["an ESM bundle", { format: "esm" }],
  ["a CommonJS bundle", { format: "cjs" }],
  ["a minified ESM bundle", { format: "esm", minify: true }],
  ["a minified CommonJS bundle that keeps names", { format: "cjs", minify: true, keepNames: true }],
  ["a bundle for an old target", { format: "cjs", target: "es2016" }],
];

for (const [what, options] of BUNDLES) {
  test(what, async () => {
    file(
      "bundled-lib.mjs",
      "export const half = (x) => x / 2; export let state = 1; export function raise() { return ++state; } export default class { m() { return 'm'; } }",
    );
    file("bundled-cjs.cjs", "exports.third = (x) => x / 3;");
    // For old targets private fields become WeakMaps, which cannot be sent.
    const body = options.target === undefined ? BODY : BODY.replaceAll("#side", "side");
    const program = `${IMPORT_BUNDLED}import Default, * as lib from "./bundled-lib.mjs"; import { third } from "./bundled-cjs.cjs";\n${body}
      const more = async (x) => { lib.raise(); return [lib.half(x), lib.state, third(x), new Default().m()]; };
      Promise.all([send(work, 2), send(more, 6)]).then(([a, b]) => print([...a, ...b]));`;
    const entry = file(`bundled-${BUNDLES.findIndex(([name]) => name === what)}.mjs`, program);
    const outfile = entry.replace(".mjs", options.format === "cjs" ? ".out.cjs" : ".out.mjs");
    await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", external: [SEND_CJS], logLevel: "error", ...options });
    await prints([outfile], [...RESULT, 3, 2, 2, "m"]);
  });
}

test("a module that a hook of the program's own rewrites crosses by value", async () => {
  file("rewritten.mjs", "export const answer = () => 1;");
  const hook =
    "export async function load(url, context, next) { const loaded = await next(url, context); return url.endsWith('rewritten.mjs') ? { ...loaded, source: 'export const answer = () => 2;', shortCircuit: true } : loaded; }";
  const program = `${IMPORT}import { register } from "node:module";\nregister("data:text/javascript," + encodeURIComponent(${JSON.stringify(hook)}));
    const { answer } = await import("./rewritten.mjs"); print([await send(answer), kindsOf(answer)]);`;
  await prints([file("hooked.mjs", program)], [2, "source"]);
});

test("under the permission model the refusal points to task()", async () => {
  const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
  file("permitted.mjs", "export const half = (x) => x / 2;");
  const program = `${IMPORT}import { half } from "./permitted.mjs";
    import { task } from ${JSON.stringify(`file://${join(ROOT, "dist/codec/functions/task.js")}`)};
    const named = task(new URL("./permitted.mjs", import.meta.url), "half");
    try { await send(half, 4); } catch (error) { print([error.code, error.message, await send(named, 4), await named(6)]); }`;
  const run = await node([flag, "--allow-fs-read=*", "--allow-worker", "--no-warnings", file("permission.mjs", program)]);
  const [code, message, ...results] = JSON.parse(run.stdout || "[]") as unknown[];
  assert.equal(code, "DURE_SERIALIZATION", run.stderr);
  assert.match(String(message), /inspector is not available.*task\(import\.meta\.url/);
  assert.deepEqual(results, [2, 3]);
});

test("a module that submits its own export while it is evaluated sends it by value", async () => {
  file(
    "eager-lib.mjs",
    `${IMPORT}export const half = (x) => x / 2; export const third = (x) => x / 3; export const kinds = [kindsOf(half)]; export const result = await send(half, 4); await null; kinds.push(kindsOf((() => half)()));`,
  );
  const program = `${IMPORT}import { half, third, kinds, result } from "./eager-lib.mjs"; const again = (x) => half(x); print([...kinds, result, kindsOf(third), await send(again, 6)]);`;
  await prints([file("eager.mjs", program)], ["source", "source", 2, "reference", 3]);
});
