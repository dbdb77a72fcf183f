import { Tinypool } from "tinypool";

export { echo, increment, work } from "../../tasks.ts";

export function echoMoved(buffer: ArrayBuffer): unknown {
  return Tinypool.move(buffer);
}
