// An HTTP server with a route that computes and one that answers at once, and what a client measures of both.

import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

/** What the client has measured of one route: milliseconds. */
export interface RouteTimes {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Measured {
  readonly primes: RouteTimes;
  readonly hello: RouteTimes;
}

/** Serves `/primes` by `answer`, and `/hello`, until a client in another process has sent its requests and checked the answers. */
export async function measureServer(answer: () => number | Promise<number>, requests: number): Promise<Measured> {
  const server = createServer((request, response) => {
    if (request.url !== "/primes") response.end("hello");
    else void Promise.resolve(answer()).then((primes) => response.end(String(primes)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = fork(fileURLToPath(new URL("client.ts", import.meta.url)), [`http://127.0.0.1:${port}`, String(requests)]);
  const [measured] = (await Promise.race([once(client, "message"), once(client, "exit").then(failed)])) as [Measured];
  server.close();
  server.closeAllConnections();
  return measured;
}

function failed([code]: unknown[]): never {
  throw new Error(`The client ended with ${String(code)}`);
}

export function print({ primes, hello }: Measured): void {
  for (const [route, { requests, p50, p99 }] of Object.entries({ "/primes": primes, "/hello": hello }))
    console.log(`${route.padEnd(8)} ${requests} requests, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
}
