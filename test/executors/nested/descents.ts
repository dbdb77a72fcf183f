// Tasks that open pools of their own in their workers.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
import { hold } from "../../fixtures/held.js";

/** Which kind of pool to open at each level, from the outermost. */
export type Kind = "threads" | "processes";

export function open(kind: Kind, maxWorkers?: number): ThreadPoolExecutor | ProcessPoolExecutor {
  const options = maxWorkers === undefined ? {} : { maxWorkers };
  return kind === "threads" ? new ThreadPoolExecutor(options) : new ProcessPoolExecutor(options);
}

/** Opens a pool in this worker, in one of whose workers the next is opened, and so on; gives each one's `maxWorkers`. */
export async function descend(kinds: readonly Kind[]): Promise<number[]> {
  const [kind, ...deeper] = kinds;
  if (kind === undefined) return [];
  const pool = open(kind);
  try {
    return [pool.maxWorkers, ...(await pool.submit(descend, deeper))];
  } finally {
    await pool.shutdown();
  }
}

/** At each level runs as many tasks as it may, each of which does the same; the lowest ones count how many of them run at once. */
export async function branch([kind, depth, counts]: readonly [Kind, number, Int32Array]): Promise<void> {
  if (depth === 0) return stayBusy(counts);
  const pool = open(kind);
  try {
    await pool.map(
      branch,
      Array.from({ length: 3 * pool.maxWorkers }, () => [kind, depth - 1, counts] as const),
    );
  } finally {
    await pool.shutdown();
  }
}

/** `counts`: how many run, how many ran at once at most, and how many there were. */
function stayBusy(counts: Int32Array): void {
  const running = Atomics.add(counts, 0, 1) + 1;
  for (let most = Atomics.load(counts, 1); running > most; most = Atomics.load(counts, 1)) Atomics.compareExchange(counts, 1, most, running);
  const end = performance.now() + 2;
  while (performance.now() < end);
  Atomics.add(counts, 2, 1);
  Atomics.sub(counts, 0, 1);
}

/** As {@link descend}, and the lowest holds until its gate opens. Each level leaves its process id in the folder. */
export async function descendAndHold([kinds, folder]: readonly [readonly Kind[], string]): Promise<void> {
  writeFileSync(join(folder, `pid-${process.pid}`), "");
  const [kind, ...deeper] = kinds;
  if (kind === undefined) return void (await hold(folder));
  const pool = open(kind);
  try {
    await pool.submit(descendAndHold, [deeper, folder] as const);
  } finally {
    await pool.shutdown();
  }
}
