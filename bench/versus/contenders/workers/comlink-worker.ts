import { parentPort } from "node:worker_threads";
import { expose, transfer } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { echo, increment, work } from "../../tasks.ts";

const echoMoved = (buffer: ArrayBuffer): ArrayBuffer => transfer(buffer, [buffer]);

if (parentPort !== null) expose({ echo, increment, work, echoMoved }, nodeEndpoint(parentPort));
