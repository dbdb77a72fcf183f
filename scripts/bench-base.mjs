// npm run bench -- BENCH --base REV: does this tree run slower than another commit? Both are built, and run the same
// benchmark, this tree's, in turn. It must get by with what the other commit has. Compared is every figure that is named
// as a time or a rate in what the benchmark gives with `--json`.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { figuresWithin, speedsOf } from "./bench-figures.mjs";

/** Runs these compiled benchmarks with these options, `rounds` times here and there, and prints the ratios. */
export function runAgainstBase(files, options, { base, rounds }) {
  const folder = join(mkdtempSync(join(tmpdir(), "dure-base-")), "tree");
  process.once("exit", () => removeTree(folder));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  buildBase(folder, base);
  for (const file of files) compare(file, options, { folder, base, rounds });
}

function buildBase(folder, base) {
  run("git", ["worktree", "add", "--quiet", "--detach", folder, base]);
  if (readFileSync("package-lock.json", "utf8") === readFileSync(join(folder, "package-lock.json"), "utf8")) {
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
  } else {
    run(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: folder,
      shell: process.platform === "win32",
    });
  }
  run(process.execPath, ["scripts/build.mjs"], { cwd: folder });
  cpSync(".build/bench", join(folder, ".build/bench"), { recursive: true });
}

function removeTree(folder) {
  spawnSync("git", ["worktree", "remove", "--force", folder]);
  rmSync(resolve(folder, ".."), { recursive: true, force: true });
}

function compare(file, options, { folder, base, rounds }) {
  const here = new Map();
  const there = new Map();
  for (let round = 0; round < rounds; round += 1) {
    const sides = [() => take(here, figuresOf(file, options, ".")), () => take(there, figuresOf(file, options, folder))];
    // Neither always comes first.
    for (const side of round % 2 === 0 ? sides : sides.reverse()) side();
  }
  if (here.size === 0) throw new Error(`${file} gives no time and no rate with --json: there is nothing to compare`);
  printComparison(file, base, rounds, here, there);
}

function take(all, figures) {
  for (const [name, value] of figures) all.set(name, [...(all.get(name) ?? []), value]);
}

function figuresOf(file, options, cwd) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`.build/bench/${file}`, ...options, "--json"], {
    cwd,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${file} fails${cwd === "." ? "" : " on the other commit, which may lack what it uses"}:\n${stderr}`);
  return new Map(figuresWithin(JSON.parse(stdout)));
}

function printComparison(file, base, rounds, here, there) {
  console.log(
    `\n${file.replace(".bench.js", "")}: this tree against ${base}, ${rounds} rounds in turn; medians, speed of this tree in times of the other's (lowest to highest)`,
  );
  console.log(`${"".padEnd(48)}${["this tree", "the other", "speed"].map((title) => title.padStart(16)).join("")}`);
  for (const [name, values] of here) {
    const others = there.get(name);
    if (others === undefined) continue;
    const speeds = speedsOf(name, values, others);
    const range = `(${Math.min(...speeds).toFixed(2)} to ${Math.max(...speeds).toFixed(2)})`;
    console.log(`${name.padEnd(48)}${[median(values), median(others)].map(shown).join("")}${median(speeds).toFixed(2).padStart(16)} ${range}`);
  }
}

function shown(value) {
  return (value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3)).padStart(16);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

function run(program, args, options = {}) {
  const { status } = spawnSync(program, args, { stdio: "inherit", ...options });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed`);
}
