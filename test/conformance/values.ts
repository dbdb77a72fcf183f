// Rules 58 to 62: what crosses, and what is refused by name.

import assert from "node:assert/strict";
import { types } from "node:util";
import { SerializationError } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { OrderError, throwOrderError } from "../fixtures/failing.js";
import { isCollected } from "../garbage.js";
import type { ConformanceCase } from "./rung.js";
import { withExecutor } from "./rung.js";

function giveBack<T>(value: T): T {
  return value;
}

class Temperature {
  readonly celsius: number;

  constructor(celsius: number) {
    this.celsius = celsius;
  }

  get fahrenheit(): number {
    return (this.celsius * 9) / 5 + 32;
  }
}

/** Its static field makes it a class that may be another at the next task. */
class Counted {
  static readonly first: Counted = new Counted();
  static made = 0;
}

/** The same by a variable that is assigned. */
let ratio = 2;
class Scaled {
  scale(): number {
    return ratio;
  }
}

class Secret {
  readonly #word: string;

  constructor(word: string) {
    this.#word = word;
  }

  reveal(): string {
    return this.#word;
  }
}

class Vault extends Temperature {
  readonly #word: string = "word";

  constructor() {
    super(0);
  }

  /** Arrows that need what only their surroundings have. */
  keys() {
    return {
      viaSuper: () => super.fahrenheit,
      viaPrivate: (vault: Vault) => vault.#word,
    };
  }
}

class Names extends Array<string> {
  longest(): string {
    return this.reduce((longest, name) => (name.length > longest.length ? name : longest), "");
  }
}

function Locksmith(): () => unknown {
  return () => new.target;
}

const GREETING = "Hello";
const SETTINGS = { factor: 3 };

function isEven(n: number): boolean {
  return n === 0 || isOdd(n - 1);
}

function isOdd(n: number): boolean {
  return n !== 0 && isEven(n - 1);
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

/** Values that come back deeply equal. */
function plainValues(): unknown[] {
  const holes: unknown[] = [1];
  holes[3] = 4;
  return [
    undefined,
    null,
    -0,
    NaN,
    Infinity,
    10n ** 9_999n,
    "text with \u0000 and \u{1F600}",
    new Date(1_234_567_890),
    /a+b/giu,
    new Map<unknown, unknown>([["key", new Set([1, "two"])]]),
    new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
    new Float64Array([1.5, -0]),
    new BigInt64Array([-1n]),
    new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 2),
    { nested: { list: [1, [2, { deep: true }]] } },
    holes,
    Symbol.for("dure.test"),
    [undefined, null],
    Object.create(null, { own: { value: 1, enumerable: true, writable: true, configurable: true } }),
  ];
}

/** The error of a task that was refused at once, which names what cannot cross. */
function refusalOf(future: { readonly state: string; exception(): Promise<unknown> }): Promise<SerializationError> {
  assert.equal(future.state, "failed");
  return future.exception().then((error) => {
    assert.ok(error instanceof SerializationError, String(error));
    return error;
  });
}

export const valueCases: readonly ConformanceCase[] = [
  {
    rule: "58",
    fact: "values of the language come back unchanged",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        for (const value of plainValues()) assert.deepEqual(await executor.submit(giveBack, value), value);
        assert.ok(Object.is(await executor.submit(giveBack, -0), -0));
      }),
  },
  {
    rule: "58",
    fact: "an argument is an instance of the class that its function knows, whatever the class has that changes",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const check = (item: Counted, Class: unknown): unknown[] => {
          Counted.made += 1;
          return [item instanceof Counted, Class === Counted, Counted.first instanceof Counted];
        };
        for (let round = 0; round < 2; round++) assert.deepEqual(await executor.submit(check, new Counted(), Counted), [true, true, true]);
        assert.deepEqual(await executor.map((item: unknown) => item instanceof Counted, [new Counted(), {}]), [true, false]);
        const made = (item: Counted): number => (item.constructor as typeof Counted).made;
        Counted.made = 7;
        assert.equal(await executor.submit(made, new Counted()), 7);
        Counted.made = 8;
        assert.equal(await executor.submit(made, new Counted()), 8);
        const scale = (item: Scaled): boolean => item instanceof Scaled && item.scale() === ratio;
        assert.equal(await executor.submit(scale, new Scaled()), true);
        ratio += 1;
        assert.equal(await executor.submit(scale, new Scaled()), true);
        const makeOld = (): (new (side: number) => { readonly side: number }) => {
          function Old(this: { side: number }, side: number): void {
            this.side = side;
          }
          Old.prototype.double = function (this: { side: number }) {
            return 2 * this.side;
          };
          return Old as never;
        };
        const Old = makeOld();
        assert.equal(await executor.submit((item: unknown) => item instanceof Old, new Old(2)), true);
        assert.ok((await executor.submit(giveBack, new Old(2))) instanceof Old);
      }),
  },
  {
    rule: "58",
    fact: "circular and shared structures keep their shape",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const shared = { n: 1 };
        const value: { self?: unknown; a: object; b: object } = { a: shared, b: shared };
        value.self = value;
        const back = await executor.submit(giveBack, value);
        assert.equal(back.self, back);
        assert.equal(back.a, back.b);
      }),
  },
  {
    rule: "58",
    fact: "instances keep their class, subclasses of builtins too",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const back = await executor.submit(giveBack, new Temperature(100));
        assert.ok(back instanceof Temperature);
        assert.equal(back.fahrenheit, 212);
        assert.equal(await executor.submit((temperature: Temperature) => temperature.fahrenheit, new Temperature(0)), 32);
        const names = await executor.submit(giveBack, Names.from(["Ada", "Grace"]) as Names);
        assert.ok(names instanceof Names);
        assert.equal(names.longest(), "Grace");
      }),
  },
  {
    rule: "58",
    fact: "an instance with private fields is refused by name",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const error = await refusalOf(executor.submit(giveBack, { list: [new Secret("x")] }));
        assert.equal(error.path, "args[0].list[0]");
        assert.match(error.message, /Secret/);
        assert.equal(await executor.submit(square, 3), 9);
      }),
  },
  {
    rule: "58",
    fact: "errors come back as themselves, with their causes",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const cause = new RangeError("cause");
        const back = await executor.submit(giveBack, new AggregateError([new TypeError("one"), new OrderError(2)], "both", { cause }));
        assert.ok(back instanceof AggregateError && back.cause instanceof RangeError && back.errors[0] instanceof TypeError);
        assert.ok(back.errors[1] instanceof OrderError);
        assert.equal((back.errors[1] as OrderError).order, 2);
        const thrown = await executor.submit(throwOrderError, 5).exception();
        assert.ok(thrown instanceof OrderError && thrown.order === 5 && thrown.cause instanceof TypeError);
        assert.match(String(thrown.stack), /throwOrderError/);
      }),
  },
  {
    rule: "58",
    fact: "a SharedArrayBuffer is the same memory on both sides",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const words = new Int32Array(new SharedArrayBuffer(8));
        const back = await executor.submit((given: Int32Array) => {
          given[0] = 42;
          return given;
        }, words);
        assert.equal(words[0], 42);
        words[1] = 43;
        assert.equal(back[1], 43);
      }),
  },
  {
    rule: "60",
    fact: "a transferred buffer is detached here and usable there",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const buffer = new Uint8Array([1, 2, 3]).buffer;
        const sum = executor.with({ transfer: [buffer] }).submit((bytes: ArrayBuffer) => new Uint8Array(bytes).reduce((a, b) => a + b, 0), buffer);
        assert.equal(await sum, 6);
        assert.equal(buffer.byteLength, 0);
      }),
  },
  {
    rule: "61",
    fact: "closures over a variable, a constant, another closure, an import and a class",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        let counter = 1;
        const addCounter = (n: number): number => n + counter;
        assert.equal(await executor.submit((n: number) => n + counter, 1), 2);
        assert.equal(await executor.submit((n: number) => addCounter(n) * SETTINGS.factor, 1), 6);
        counter = 10;
        assert.equal(await executor.submit((n: number) => n + counter, 1), 11);
        assert.equal(await executor.submit((name: string) => `${GREETING} ${name}`, "Ada"), "Hello Ada");
        assert.equal(await executor.submit((n: number) => square(n) + 1, 3), 10);
        assert.equal(await executor.submit((value: unknown) => types.isPromise(value), 1), false);
        assert.ok((await executor.submit((celsius: number) => new Temperature(celsius), 5)) instanceof Temperature);
      }),
  },
  {
    rule: "61",
    fact: "recursive, mutually recursive, bound, async and generator functions",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        assert.equal(await executor.submit(factorial, 5), 120);
        assert.equal(await executor.submit(isEven, 10), true);
        const scale = { factor: 4 };
        function scaled(this: { factor: number }, a: number, b: number): number {
          return this.factor * a + b;
        }
        assert.equal(await executor.submit(scaled.bind(scale, 2), 1), 9);
        assert.equal(await executor.submit(async (n: number) => (await Promise.resolve(n)) + 1, 1), 2);
        function* upTo(n: number): Generator<number> {
          for (let i = 0; i < n; i += 1) yield i;
        }
        assert.deepEqual(await executor.submit((n: number) => [...upTo(n)], 3), [0, 1, 2]);
        assert.equal(await executor.submit(({ a, b = 2 }: { a: number; b?: number }, [first = 5]: number[] = []) => a + b + first, { a: 1 }), 8);
      }),
  },
  {
    rule: "62",
    fact: "a captured value that cannot cross gives an already failed future that names the variable",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const registry = new WeakMap<object, number>();
        const error = await refusalOf(executor.submit((key: object) => registry.get(key), {}));
        assert.match(error.message, /registry/);
      }),
  },
  {
    rule: "62",
    fact: "what a function may capture is limited by maxCaptureSize, for a task and for what it gives back",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1, maxCaptureSize: 3_000_000 }, async (executor) => {
        const capturing = (bytes: number): (() => number) => {
          const table = new Uint8Array(bytes);
          return () => table.byteLength;
        };
        // Both sides know the option: the default is 1 MiB.
        assert.equal(await executor.submit(capturing(2_000_000)), 2_000_000);
        const back = await executor.submit(capturing, 2_000_000);
        assert.equal(back(), 2_000_000);
        assert.match((await refusalOf(executor.submit(capturing(4_000_000)))).message, /table.*maxCaptureSize/s);
        const error = await executor.submit(capturing, 4_000_000).exception();
        assert.ok(error instanceof SerializationError);
        assert.match(error.message, /maxCaptureSize/);
      }),
  },
  {
    rule: "62",
    fact: "lexical this, super and new.target, private names, methods that use this and uninitialised variables are refused by name",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const counter = {
          count: 1,
          increment(by: number): number {
            return this.count + by;
          },
          arrow(): (by: number) => number {
            return (by) => this.count + by;
          },
        };
        assert.match((await refusalOf(executor.submit(counter.increment, 1))).message, /this/);
        assert.match((await refusalOf(executor.submit(counter.arrow(), 1))).message, /this/);
        const vault = new Vault();
        assert.match((await refusalOf(executor.submit(vault.keys().viaSuper))).message, /super/);
        assert.match((await refusalOf(executor.submit(Locksmith()))).message, /new\.target/);
        assert.match((await refusalOf(executor.submit(vault.keys().viaPrivate, vault))).message, /#word/);
        const early = executor.submit(() => later);
        const later = 5;
        assert.match((await refusalOf(early)).message, /later/);
      }),
  },
  {
    rule: "62a",
    fact: "changing an argument or a captured object after submit changes nothing in the task",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const argument = { n: 1 };
        const captured = { n: 10 };
        let variable = 100;
        const sum = executor.submit((value: { n: number }) => value.n + captured.n + variable, argument);
        argument.n = 2;
        captured.n = 20;
        variable = 200;
        assert.equal(await sum, 111);
      }),
  },
  {
    rule: "62a",
    fact: "a thousand closures made in a loop keep nothing alive once they are done",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const references = await (async () => {
          const captured = Array.from({ length: 1_000 }, (_, n) => ({ n }));
          const results = await Promise.all(captured.map((object) => executor.submit(() => object.n)));
          assert.equal(
            results.reduce((a, b) => a + b, 0),
            499_500,
          );
          return captured.map((object) => new WeakRef(object));
        })();
        for (const reference of references) assert.ok(await isCollected(reference));
      }),
  },
];
