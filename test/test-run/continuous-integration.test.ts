// What is promised of a fresh clone is what is run on one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

test("the script for a fresh clone runs the test command of the README", () => {
  const commands = /```sh\n([^`]*)```/.exec(readFileSync("README.md", "utf8"))?.[1]?.split("\n") ?? [];
  const testCommand = commands.find((line) => /\bnpm test\b/.test(line));
  assert.ok(testCommand);
  assert.ok(readFileSync(".ci/run", "utf8").split("\n").includes(testCommand));
});

/** The second is of the comparison with other libraries, which installs them only when it is run. */
for (const lockFile of ["package-lock.json", "bench/versus/package-lock.json"]) {
  test(`${lockFile} names no registry`, () => {
    assert.equal(/"resolved"/.test(readFileSync(lockFile, "utf8")), false);
  });

  test(`${lockFile} lists every tool's build for every system, so that npm ci accepts it`, () => {
    const { packages } = JSON.parse(readFileSync(lockFile, "utf8")) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
    const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !(`node_modules/${name}` in packages) && !(`${place}/node_modules/${name}` in packages)),
    );
    assert.deepEqual(missing, []);
  });
}
