import { move } from "piscina";

export { echo, increment, work } from "../../tasks.ts";

export function echoMoved(buffer: ArrayBuffer): unknown {
  return move(buffer);
}
