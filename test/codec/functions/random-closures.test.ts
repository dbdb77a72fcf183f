// Random nests of scopes: a copy must give what the original gives, whatever its variables are called and wherever they
// are declared.

import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import * as fc from "fast-check";
import { randomBody } from "./random-body.ts";
import { roundTrip } from "./round-trip.ts";

for (const mode of ["sloppy", "strict"]) {
  test(`random closures give the same there as here, ${mode}`, async () => {
    await fc.assert(
      fc.asyncProperty(randomBody, async (text) => {
        const source = `(() => { ${mode === "strict" ? '"use strict";' : ""} let a = 10, b = 20, c = 30; return (() => { ${text} })(); })()`;
        const original = vm.runInThisContext(source) as () => string;
        const copy = await roundTrip(original);
        assert.equal(copy(), original());
        assert.equal(copy(), original());
      }),
      { numRuns: 40 },
    );
  });
}
