import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

for (const [name, expected] of Object.entries({
  // By luck it may be none.
  "run-without-lock": /^40000000 additions, \d+ of them lost\n$/,
  "run-with-lock": /^200000 additions, none of them lost\n$/,
})) {
  test(`examples/race/${name}.ts says how many additions were lost`, async () => {
    const { stdout, stderr } = await run(process.execPath, ["--import", "tsx", `examples/race/${name}.ts`]);
    assert.match(stdout, expected);
    assert.equal(stderr, "");
  });
}
