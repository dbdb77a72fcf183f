import { deepEqual } from "node:assert/strict";
import * as dure from "dure";
import { imageFolder, THUMBNAIL_COLOURS } from "./generate.ts";
import { thumbnail } from "./thumbnail.ts";

const images = imageFolder(Number(process.argv[2] ?? 40));
await using pool = new dure.ProcessPoolExecutor({ maxWorkers: 2 }); // the only line that differs
await pool.map(thumbnail, images.paths.slice(0, 2)); // workers have started and loaded the library

const start = performance.now();
const colours = await pool.map(thumbnail, images.paths);
const seconds = (performance.now() - start) / 1000;

deepEqual(colours, THUMBNAIL_COLOURS(images.paths.length));
images.remove();
console.log(`${images.paths.length} thumbnails took ${seconds.toFixed(3)} seconds`);
