import { deepEqual } from "node:assert/strict";
import * as dure from "dure";
import { page } from "./page.ts";
import { startServer } from "./start-server.ts";

const IDS = Array.from({ length: Number(process.argv[2] ?? 300) }, (_, id) => id);
const server = await startServer();
await using executor = new dure.ThreadPoolExecutor({ maxWorkers: 2 }); // the only line that differs

const start = performance.now();
const pages = await executor.map(page, IDS);
const seconds = (performance.now() - start) / 1000;
server.stop();

deepEqual(
  pages,
  IDS.map((id) => `page ${id}`),
);
console.log(`${IDS.length} requests took ${seconds.toFixed(3)} seconds`);
