// What a value costs there and back, by its form and size.

import type { ContenderPool } from "../../contender.ts";
import { PAYLOAD_SIZES } from "../../plan.ts";
import { check, middle, openPool, timed, UnavailableError } from "../measurement.ts";
import type { Measurement } from "../measurement.ts";

interface Form {
  readonly isBinary: boolean;
  readonly task: "echo" | "echoMoved";
  readonly needs?: "moved" | "shared";
  make(bytes: number): unknown;
  isSame(sent: unknown, received: unknown, bytes: number): boolean;
}

interface PayloadRecord {
  readonly id: number;
  readonly name: string;
  readonly price: number;
  readonly isNew: boolean;
}

const WARM_UPS = 2;

/** Of one record as JSON, about. */
const RECORD_SIZE = 64;

const object: Form = {
  isBinary: false,
  task: "echo",
  make: (bytes) =>
    Array.from({ length: Math.ceil(bytes / RECORD_SIZE) }, (_, id) => ({ id, name: `record number ${id}`, price: id + 0.5, isNew: id % 2 === 0 })),
  isSame: (sent, received) => {
    const [before, after] = [sent as PayloadRecord[], received as PayloadRecord[]];
    return after.length === before.length && JSON.stringify(after.at(-1)) === JSON.stringify(before.at(-1));
  },
};

const text: Form = { isBinary: false, task: "echo", make: (bytes) => "dure".repeat(bytes / 4), isSame: (sent, received) => sent === received };

const typedArray: Form = {
  isBinary: true,
  task: "echo",
  make: (bytes) => new Uint8Array(bytes).fill(7),
  isSame: (_sent, received, bytes) => received instanceof Uint8Array && received.length === bytes && received.at(-1) === 7,
};

const moved: Form = {
  isBinary: true,
  task: "echoMoved",
  needs: "moved",
  make: (bytes) => new Uint8Array(bytes).fill(7).buffer,
  isSame: (_sent, received, bytes) => received instanceof ArrayBuffer && received.byteLength === bytes && new Uint8Array(received).at(-1) === 7,
};

const shared: Form = {
  isBinary: true,
  task: "echo",
  needs: "shared",
  make: (bytes) => {
    const buffer = new SharedArrayBuffer(bytes);
    new Uint8Array(buffer).fill(7);
    return buffer;
  },
  isSame: (_sent, received, bytes) => received instanceof SharedArrayBuffer && received.byteLength === bytes && new Uint8Array(received).at(-1) === 7,
};

export const payloadObject: Measurement = sweep(object);
export const payloadString: Measurement = sweep(text);
export const payloadTypedArray: Measurement = sweep(typedArray);
export const payloadMoved: Measurement = sweep(moved);
export const payloadShared: Measurement = sweep(shared);

function sweep(form: Form): Measurement {
  return async (setting) => {
    const pool = await openPool(setting, { binary: form.isBinary });
    if (form.needs !== undefined && !pool.crosses.includes(form.needs)) throw new UnavailableError(`has no ${form.needs} memory`);
    await pool.run("increment", 1);
    for (const [name, bytes] of PAYLOAD_SIZES) setting.report(name, await tripsOf(form, bytes, pool, setting));
    return pool;
  };
}

/** The middle one, after two that warm up: some make ready with the first what the second finds. What came back is sent again where it was moved. */
async function tripsOf(form: Form, bytes: number, pool: ContenderPool, { count, duration }: { count: number; duration: number }): Promise<number> {
  let payload = form.make(bytes);
  const times: number[] = [];
  for (let spent = 0; times.length < 2 * WARM_UPS || (times.length <= count && spent < duration); spent += times.at(-1) ?? 0) {
    let received: unknown;
    times.push(await timed(async () => void (received = await pool.run(form.task, payload))));
    check(form.isSame(payload, received, bytes), `what came back is not the ${bytes} bytes that were sent`);
    if (form.task === "echoMoved") payload = received;
  }
  return middle(times.slice(WARM_UPS));
}
