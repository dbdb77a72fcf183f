// npm run test:nodes: runs the compiled tests under every supported major version of Node, each fetched from npm into
// .nodes/ once. Arguments: versions to run (`22 24`; default all) and parts of test paths, as for npm test. `--others`, for
// a machine that has run npm test: all versions but this one, each without tests that it would only repeat.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { testFiles } from "./test-run/files.mjs";
import { addCounts, printSummary, runTests, succeeded } from "./test-run/run.mjs";

const SUPPORTED = ["20", "22", "24", "26"];

/** Tests that see nothing of Node, or nothing that the first run has not seen: of the build, the package, the examples, of what is pure, of how long and how well, under other people's tools, and of what the command reads and prints. */
const OF_THE_TREE =
  /\/(layers|test-run|package|examples|policy|soak|measure|runtimes\/(jest|vitest|bundlers)|conformance\/.*-spinning|cli\/(map\/map|compare|comparison|doctor|items-file|target))\b/;

/** Long ones, and the rungs in the caller's own thread: beside the first version, only the newest runs them. */
const OF_THE_NEWEST = new RegExp(
  `/(${[
    "faults",
    "sync",
    "runtimes/tsx",
    "cli/(?!run)",
    "captures/(programs|conformance)",
    "codec/values/round-trip",
    "codec/functions/(programs|nothing-stays)",
    "conformance/(serial|async)",
    "executors/(nested|single|processes|hosts|waking|pooled/large-arguments)",
    "transport/(ring-frames|head-start)",
  ].join("|")})\\b`,
);

const RUNNING = process.versions.node.split(".")[0];

const wanted = process.argv.slice(2);
const isRepeat = wanted.includes("--others");
const files = testFiles(wanted.filter((argument) => !/^\d+$|^--others$/.test(argument)));

let total;
for (const version of versionsToRun()) {
  const node = installedNode(version);
  console.log(`\nNode ${spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim()}`);
  const counts = await runTests({ files: isRepeat ? filesOf(version) : files, node });
  printSummary(counts);
  total = addCounts(total, counts);
}
console.log("\nAll versions");
printSummary(total);
process.exit(succeeded(total) ? 0 : 1);

function filesOf(version) {
  return files.filter((file) => !OF_THE_TREE.test(file) && (version === SUPPORTED.at(-1) || !OF_THE_NEWEST.test(file)));
}

function versionsToRun() {
  if (isRepeat) return SUPPORTED.filter((version) => version !== RUNNING);
  const named = wanted.filter((argument) => /^\d+$/.test(argument));
  return named.length > 0 ? named : SUPPORTED;
}

/** The binary of that version: this process's own where it is that version. */
function installedNode(version) {
  if (version === RUNNING) return process.execPath;
  const folder = resolve(".nodes", version);
  const [name, binary] = process.platform === "win32" ? ["win", "node.exe"] : [process.platform, "node"];
  // The package that `node@22` would fetch for this machine, without the install script that some npm versions refuse to run.
  const binaries = `node-${name}-${process.arch}`;
  const node = resolve(folder, "node_modules", binaries, "bin", binary);
  if (!existsSync(node)) install(folder, `${binaries}@${version}`);
  return node;
}

function install(folder, what) {
  mkdirSync(folder, { recursive: true });
  const npm = spawnSync("npm", ["install", "--prefix", folder, "--no-save", "--no-package-lock", "--ignore-scripts", "--prefer-offline", what], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) throw new Error(`npm could not install ${what}`);
}
