import assert from "node:assert/strict";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { parseTarget, pickFunction } from "#dure/cli/target.js";

const here = fileURLToPath(import.meta.url);
const target = parseTarget(`${here}#gcd`);

test("parseTarget() reads the module and the export's name", () => {
  assert.deepEqual(target, { text: `${here}#gcd`, path: here, exportName: "gcd" });
});

const REFUSED: [string, RegExp][] = [
  [here, /must be MODULE#FN, such as/],
  [`${here}#`, /lacks the export's name after the #/],
  ["#gcd", /lacks the module before the #/],
  ["nowhere/none.ts#gcd", /Cannot find the module nowhere\/none\.ts: there is no such file$/],
  [`${dirname(here)}#gcd`, /there is no such file, but a folder$/],
  [`${here}/gcd.js#gcd`, /there is no such file$/],
  [`${"long".repeat(100)}.js#gcd`, /there is no such file$/],
  ["lodash#gcd", /A function of a package is run by a file of yours that exports it$/],
  ["node:os#cpus", /A function of a package is run by a file of yours that exports it$/],
];

for (const [text, message] of REFUSED) {
  test(`parseTarget() refuses ${text === here ? "a module without #" : basename(text)}`, () => {
    assert.throws(() => parseTarget(text), { name: "UsageError", message });
  });
}

test("parseTarget() takes the URL of a file, as stack traces show it", () => {
  assert.equal(parseTarget(`${import.meta.url}#gcd`).path, here);
});

test("parseTarget() names the file that was meant", () => {
  assert.throws(() => parseTarget(`${here.replace("target", "tragte")}#gcd`), { name: "UsageError", message: /Did you mean .*target\.test\.js\?/ });
});

test("pickFunction() gives the export, also the default one", () => {
  const gcd = (): number => 1;
  assert.equal(pickFunction(target, { gcd }), gcd);
  assert.equal(pickFunction({ ...target, exportName: "default" }, { default: gcd }), gcd);
});

test("pickFunction() names the export that was meant and lists the functions", () => {
  assert.throws(() => pickFunction(target, { gdc: Math.max, lcm: Math.min, limit: 3 }), {
    name: "UsageError",
    message: /does not export it\. Did you mean gdc\?\nIt exports gdc, lcm$/,
  });
  assert.throws(() => pickFunction(target, {}), { name: "UsageError", message: /It exports no function$/ });
});

test("pickFunction() refuses what is not a function, and says what it is", () => {
  assert.throws(() => pickFunction(target, { gcd: 3 }), { name: "UsageError", message: /not a function but number/ });
  assert.throws(() => pickFunction(target, { gcd: null }), { name: "UsageError", message: /not a function but null/ });
});
