import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Regions } from "#dure/transport/regions.js";

const PAGE = 4096;

test("take() gives the lowest free part, and what was freed is given again", () => {
  const regions = new Regions(PAGE, 4 * PAGE);
  const [first, second] = [regions.take(1), regions.take(PAGE)];
  deepEqual([first, second, regions.usedUntil], [PAGE, 2 * PAGE, 3 * PAGE]);
  regions.free(first, 1);
  equal(regions.take(2 * PAGE), -1);
  equal(regions.take(PAGE), PAGE);
});

test("parts never overlap, stay within their bounds, and all of it is free once all have been freed", () => {
  const actions = fc.array(fc.oneof(fc.record({ take: fc.integer({ min: 1, max: 5 * PAGE }) }), fc.record({ free: fc.nat(20) })), { maxLength: 60 });
  fc.assert(
    fc.property(actions, (all) => {
      const regions = new Regions(PAGE, 20 * PAGE);
      const taken: { readonly at: number; readonly size: number }[] = [];
      for (const action of all) {
        if ("free" in action) {
          const [part] = taken.splice(action.free % Math.max(1, taken.length), 1);
          if (part !== undefined) regions.free(part.at, part.size);
          continue;
        }
        const at = regions.take(action.take);
        if (at < 0) continue;
        ok(at >= PAGE && at + action.take <= 20 * PAGE);
        ok(taken.every((part) => at + action.take <= part.at || part.at + part.size <= at));
        taken.push({ at, size: action.take });
        ok(regions.usedUntil >= at + action.take);
      }
      for (const part of taken) regions.free(part.at, part.size);
      equal(regions.usedUntil, PAGE);
      equal(regions.take(19 * PAGE), PAGE);
    }),
  );
});
