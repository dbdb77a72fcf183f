// The same with a pool: while a thread computes, the event loop answers everyone else.
import { ok } from "node:assert/strict";
import { ThreadPoolExecutor } from "dure";
import { countPrimes } from "./primes.ts";
import { measureServer, print } from "./serve.ts";

await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
await pool.submit(countPrimes, 10); // the thread has started

const measured = await measureServer(() => pool.submit(countPrimes, 300_000), Number(process.argv[2] ?? 40));
ok(measured.hello.requests > 0);
print(measured);
