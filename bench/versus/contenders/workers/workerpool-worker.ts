import workerpool from "workerpool";
import { echo, increment, work } from "../../tasks.ts";

const echoMoved = (buffer: ArrayBuffer): unknown => new workerpool.Transfer(buffer, [buffer]);

workerpool.worker({ echo, increment, work, echoMoved });
