// The route that computes holds up the route that does not: one thread answers both.
import { ok } from "node:assert/strict";
import { countPrimes } from "./primes.ts";
import { measureServer, print } from "./serve.ts";

const measured = await measureServer(() => countPrimes(300_000), Number(process.argv[2] ?? 40));
ok(measured.hello.requests > 0);
print(measured);
