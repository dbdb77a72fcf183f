// The package as users get it: packed, installed into an empty folder and used from there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import ts from "typescript";

const run = promisify(execFile);
const FIXTURES = resolve("test/package/fixtures");

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let packed: Packed;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "dure-package-"));
  // Without scripts: packing would build again, under the feet of other tests.
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder]);
  packed = JSON.parse(stdout)[0];
  await writeFile(join(folder, "package.json"), '{ "name": "user", "private": true }');
  // The test run takes these from the environment of what does not need them (scripts/test-run/run.mjs).
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: process.env["DURE_TEST_CA_CERTS"] };
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `./${packed.filename}`], { cwd: folder, env });
});

after(() => rm(folder, { recursive: true, force: true }));

async function installedFiles(): Promise<string[]> {
  const files = await readdir(join(folder, "node_modules/dure"), { recursive: true, withFileTypes: true });
  return files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Runs a fixture beside the installed package. */
async function runProgram(name: string, ...flags: readonly string[]): Promise<string> {
  await copyFile(join(FIXTURES, name), join(folder, name));
  const { stdout, stderr } = await run(process.execPath, [...flags, name], { cwd: folder });
  assert.equal(stderr, "");
  return stdout;
}

test("the tarball holds compiled code, declarations and documents, nothing else", (context) => {
  context.diagnostic(`${packed.files.length} files, ${packed.size} bytes packed, ${packed.unpackedSize} unpacked`);
  const unexpected = packed.files
    .map((file) => file.path)
    .filter((path) => !/^(package\.json|LICENSE|[A-Z]+(\.ko)?\.md|docs\/[\w-]+\.md|dist\/.+\.(js|cjs|d\.ts|js\.map)|dist\/cjs\/package\.json)$/.test(path));
  assert.deepEqual(unexpected, []);
  assert.deepEqual(
    packed.files.map((file) => file.path).filter((path) => /test/.test(path)),
    [],
  );
});

test("no packed file names the folder that it was built in", async () => {
  for (const file of await installedFiles()) {
    assert.equal((await readFile(file, "utf8")).includes(process.cwd()), false, file);
  }
});

const EVERY_RUNG = ["serial", "async", "threads", "processes"]
  .map((kind) => `{"kind":"${kind}","products":[3,6,9],"pair":{"left":4,"right":5},"isPair":true}\n`)
  .join("");

test("an ES module runs functions on every rung", async () => {
  assert.equal(await runProgram("program.mjs"), EVERY_RUNG);
});

test("a CommonJS module runs functions on every rung", async () => {
  assert.equal(await runProgram("program.cjs"), EVERY_RUNG);
});

test("a program whose closures are noted does the same", async () => {
  assert.equal(await runProgram("program.mjs", "--import", "dure/captures"), EVERY_RUNG);
  assert.equal(await runProgram("program.cjs", "--import", "dure/captures"), EVERY_RUNG);
});

test("require() and import give the same module", async () => {
  const { stdout } = await run(process.execPath, ["-e", 'import("dure").then((imported) => console.log(String(require("dure").Future === imported.Future)))'], {
    cwd: folder,
  });
  assert.equal(stdout, "true\n");
});

const COMPILERS = {
  "an ES module with Node's types": { file: "consumer.mts", types: ["node"], lib: ["ES2023", "ESNext.Disposable"], module: "NodeNext" },
  "an ES module without Node's types, in a browser's": { file: "consumer.mts", types: [], lib: ["ES2023", "ESNext.Disposable", "DOM"], module: "NodeNext" },
  "an ES module with both": { file: "consumer.mts", types: ["node"], lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable"], module: "NodeNext" },
  "a CommonJS module": { file: "consumer.cts", types: ["node"], lib: ["ES2023", "ESNext.Disposable"], module: "NodeNext" },
  "a CommonJS module of Node 16's rules": { file: "consumer.cts", types: ["node"], lib: ["ES2023", "ESNext.Disposable"], module: "Node16" },
  "a module for a bundler": { file: "consumer.ts", types: ["node"], lib: ["ES2023", "ESNext.Disposable"], module: "Preserve" },
};

const STRICT = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };

for (const [name, { file, types, lib, module }] of Object.entries(COMPILERS)) {
  test(`TypeScript compiles ${name} against the declarations, checking these too`, async () => {
    const consumer = join(folder, file);
    await copyFile(join(FIXTURES, "consumer.ts"), consumer);
    const { options, errors } = ts.convertCompilerOptionsFromJson(
      { target: "ES2022", lib, types, module, typeRoots: [resolve("node_modules/@types")], ...STRICT },
      folder,
    );
    assert.deepEqual(errors, []);
    const program = ts.createProgram([consumer], options, withParsedLibraries(ts.createCompilerHost(options)));
    const diagnostics = ts.getPreEmitDiagnostics(program);
    assert.equal(ts.formatDiagnostics(diagnostics, { getCurrentDirectory: () => folder, getCanonicalFileName: String, getNewLine: () => "\n" }), "");
  });
}

/** What comes with TypeScript and Node is parsed once: it is the same for every program, and most of its time. */
const libraries = new Map<string, ts.SourceFile | undefined>();

function withParsedLibraries(host: ts.CompilerHost): ts.CompilerHost {
  const getSourceFile: ts.CompilerHost["getSourceFile"] = (name, ...rest) => {
    if (!/\/node_modules\/(typescript|@types|undici-types)\//.test(name)) return host.getSourceFile(name, ...rest);
    if (!libraries.has(name)) libraries.set(name, host.getSourceFile(name, ...rest));
    return libraries.get(name);
  };
  return { ...host, getSourceFile };
}

test("the command runs", async () => {
  const { stdout } = await run(join(folder, "node_modules/.bin/dure"), ["--help"], { cwd: folder });
  assert.match(stdout, /compare/);
});
