// What is measured, in which order, with which sizes and for how long. Read by the command, and handed to each
// contender's process with its task.

export type Unit = "tasks/s" | "ms" | "bytes" | "share" | "ms/s";

export interface Sizes {
  /** Tasks, or trips. */
  readonly count: number;
  /** Milliseconds that one part of the measurement takes, or may take. */
  readonly duration: number;
}

export interface MeasurementPlan {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly { readonly name: string; readonly unit: Unit }[];
  /** Whether more is better. */
  readonly more: boolean;
  readonly sizes: Sizes;
  readonly quick: Sizes;
  /** How often, unless said otherwise: less where one takes long. */
  readonly repetitions: number;
  /** Whether it is in the picture: what most programs feel. */
  readonly isPictured: boolean;
  /** Milliseconds after which a contender counts as hanging. */
  readonly limit: number;
}

/** 64 B to 64 MiB. */
export const PAYLOAD_SIZES: readonly (readonly [name: string, bytes: number])[] = [
  ["64 B", 64],
  ["1 KiB", 1024],
  ["32 KiB", 32 * 1024],
  ["1 MiB", 1024 * 1024],
  ["8 MiB", 8 * 1024 * 1024],
  ["64 MiB", 64 * 1024 * 1024],
];

export const PLANS: readonly MeasurementPlan[] = [
  {
    name: "submit-all",
    title: "Empty tasks, all submitted at once, one submit each",
    columns: [
      { name: "tasks/s", unit: "tasks/s" },
      { name: "a tenth at once", unit: "tasks/s" },
    ],
    more: true,
    sizes: { count: 100_000, duration: 2000 },
    quick: { count: 2000, duration: 100 },
    repetitions: 5,
    isPictured: true,
    limit: 60_000,
  },
  {
    name: "map",
    title: "Empty tasks through the library's own map",
    columns: [{ name: "tasks/s", unit: "tasks/s" }],
    more: true,
    sizes: { count: 100_000, duration: 2000 },
    quick: { count: 2000, duration: 100 },
    repetitions: 5,
    isPictured: true,
    limit: 60_000,
  },
  {
    name: "awaited",
    title: "One empty task at a time, awaited",
    columns: [
      { name: "p50", unit: "ms" },
      { name: "p99", unit: "ms" },
    ],
    more: false,
    sizes: { count: 10_000, duration: 1000 },
    quick: { count: 200, duration: 50 },
    repetitions: 5,
    isPictured: true,
    limit: 60_000,
  },
  {
    name: "start-up",
    title: "From the import of the library to the first result",
    columns: [
      { name: "import", unit: "ms" },
      { name: "first result", unit: "ms" },
    ],
    more: false,
    sizes: { count: 1, duration: 0 },
    quick: { count: 1, duration: 0 },
    repetitions: 5,
    isPictured: false,
    limit: 30_000,
  },
  {
    name: "durations",
    title: "Tasks of 1, 10 and 100 ms on all workers: share of the ideal",
    columns: [
      { name: "1 ms", unit: "share" },
      { name: "10 ms", unit: "share" },
      { name: "100 ms", unit: "share" },
    ],
    more: true,
    sizes: { count: 0, duration: 1000 },
    quick: { count: 0, duration: 100 },
    repetitions: 5,
    isPictured: true,
    limit: 60_000,
  },
  {
    name: "mixed",
    title: "Tasks of 1 ms, one in 50 of 100 ms: share of the ideal",
    columns: [{ name: "share", unit: "share" }],
    more: true,
    sizes: { count: 500, duration: 0 },
    quick: { count: 100, duration: 0 },
    repetitions: 5,
    isPictured: false,
    limit: 60_000,
  },
  payload("object", "an array of records, by its size as JSON"),
  payload("string", "a string"),
  payload("typed-array", "a typed array, copied (with advanced serialization, where JSON is the default)"),
  payload("moved", "an ArrayBuffer, transferred"),
  payload("shared", "a SharedArrayBuffer"),
  {
    name: "cancel",
    title: "A burst of empty tasks, every second one cancelled at once",
    columns: [
      { name: "all settled", unit: "ms" },
      { name: "cancelled", unit: "share" },
    ],
    more: false,
    sizes: { count: 100_000, duration: 0 },
    quick: { count: 2000, duration: 0 },
    repetitions: 5,
    isPictured: false,
    limit: 60_000,
  },
  {
    name: "memory",
    title: "Memory of all its processes (Pss)",
    columns: [
      { name: "per worker", unit: "bytes" },
      { name: "per queued task", unit: "bytes" },
    ],
    more: false,
    sizes: { count: 20_000, duration: 6000 },
    quick: { count: 2000, duration: 3000 },
    repetitions: 3,
    isPictured: false,
    limit: 60_000,
  },
  {
    name: "idle",
    title: "CPU time used while idle",
    columns: [{ name: "per second", unit: "ms/s" }],
    more: false,
    sizes: { count: 0, duration: 4000 },
    quick: { count: 0, duration: 1000 },
    repetitions: 3,
    isPictured: false,
    limit: 60_000,
  },
  {
    name: "closures",
    title: "A fresh closure for each task, submitted in a loop",
    columns: [{ name: "tasks/s", unit: "tasks/s" }],
    more: true,
    sizes: { count: 100_000, duration: 2000 },
    quick: { count: 2000, duration: 100 },
    repetitions: 5,
    isPictured: false,
    limit: 60_000,
  },
];

function payload(form: string, title: string): MeasurementPlan {
  return {
    name: `payload-${form}`,
    title: `There and back: ${title}`,
    columns: PAYLOAD_SIZES.map(([name]) => ({ name, unit: "ms" })),
    more: false,
    sizes: { count: 1000, duration: 300 },
    quick: { count: 20, duration: 20 },
    repetitions: 3,
    isPictured: false,
    limit: 120_000,
  };
}
