import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { withoutProgramFlags, withoutWhatToRun } from "#dure/transport/inherited-flags.js";

test("a worker does not run again what its program runs", () => {
  for (const what of [
    ["-e", "1"],
    ["--eval", "1"],
    ["--eval=1"],
    ["-p", "1"],
    ["-pe", "1"],
    ["--print=1"],
    ["--input-type=module"],
    ["--input-type", "module", "-e", "1"],
    ["-i"],
    ["--check"],
  ]) {
    deepEqual(withoutWhatToRun(["--no-warnings", ...what, "--enable-source-maps"]), ["--no-warnings", "--enable-source-maps"], what.join(" "));
    deepEqual(withoutProgramFlags(["--no-warnings", ...what, "--enable-source-maps"]), ["--no-warnings", "--enable-source-maps"], what.join(" "));
  }
});

test("a worker process does not listen on its program's debugger port, watch its files or run its tests", () => {
  const own = [
    "--inspect",
    "--inspect=9229",
    "--inspect-brk=127.0.0.1:9229",
    "--inspect-port",
    "0",
    "--debug-port=1",
    "--watch",
    "--watch-path",
    "src",
    "--watch-preserve-output",
    "--test",
    "--test-name-pattern=x",
    "--title=mine",
  ];
  deepEqual(withoutProgramFlags(own), []);
});

test("a worker loads code as its program does", () => {
  const loading = [
    "--import",
    "tsx",
    "--require",
    "./setup.cjs",
    "-r",
    "dotenv/config",
    "--conditions=development",
    "-C",
    "special",
    "--experimental-strip-types",
    "--loader",
    "./loader.mjs",
    "--stack-size=2000",
    "--max-old-space-size=500",
  ];
  deepEqual(withoutWhatToRun(loading), loading);
  deepEqual(withoutProgramFlags(loading), loading);
});

test("a worker notes no closures", () => {
  for (const captures of [["--import", "dure/captures"], ["--import=dure/captures"]]) {
    const flags = ["--import", "tsx", ...captures, "--no-warnings"];
    deepEqual(withoutWhatToRun(flags), ["--import", "tsx", "--no-warnings"]);
    deepEqual(withoutProgramFlags(flags), ["--import", "tsx", "--no-warnings"]);
  }
});
