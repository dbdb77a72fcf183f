import assert from "node:assert/strict";
import { test } from "node:test";
import type { Executor } from "dure";
import { AsyncExecutor, ProcessPoolExecutor, SerialExecutor, ThreadPoolExecutor, UnsupportedError, createExecutor } from "dure";

test("createExecutor() makes the rung that the spec names, with its number", () => {
  const made = (spec: string): [unknown, string, number] => {
    const executor = createExecutor(spec);
    return [executor.constructor, executor.kind, executor.maxWorkers];
  };
  assert.deepEqual(made("serial"), [SerialExecutor, "serial", 1]);
  assert.deepEqual(made("async"), [AsyncExecutor, "async", 64]);
  assert.deepEqual(made("async:100"), [AsyncExecutor, "async", 100]);
  assert.deepEqual(made("async:Infinity"), [AsyncExecutor, "async", Infinity]);
  assert.deepEqual(made("threads:4"), [ThreadPoolExecutor, "threads", 4]);
  assert.deepEqual(made("processes:3"), [ProcessPoolExecutor, "processes", 3]);
});

test("createExecutor() passes options on to the rung, which checks them", () => {
  assert.equal(createExecutor("threads", { maxWorkers: 3 }).maxWorkers, 3);
  assert.throws(() => createExecutor("serial", { maxWorkers: 3 } as never), /unknown option maxWorkers/);
  assert.throws(() => createExecutor("threads:4", { maxWorkers: 3 }), {
    name: "TypeError",
    message: 'Cannot create an executor for "threads:4": maxWorkers is also among the options, give one of the two',
  });
});

test("createExecutor() refuses what names no rung, with the nearest", () => {
  const refusal = (spec: unknown): string => {
    try {
      createExecutor(spec as string);
    } catch (error) {
      return String(error);
    }
    return "accepted";
  };
  assert.equal(refusal("thread:4"), 'RangeError: Cannot create an executor: there is no rung "thread:4", did you mean threads');
  assert.equal(refusal("Serial"), 'RangeError: Cannot create an executor: there is no rung "Serial", did you mean serial');
  assert.equal(refusal("xyzzyxyzzy"), 'RangeError: Cannot create an executor: there is no rung "xyzzyxyzzy", rungs are serial, async, threads, processes');
  assert.match(refusal(""), /^RangeError: /);
  assert.match(refusal("toString"), /^RangeError: /);
  assert.equal(refusal(5), 'TypeError: Cannot create an executor: expected a string like "threads:4", got 5');
  for (const count of ["", "x", "1.5", "-1", " 4", "0x4"])
    assert.match(refusal(`threads:${count}`), /^RangeError: .* maxWorkers must be a whole number/, count);
  assert.match(refusal("threads:0"), /^RangeError: .* maxWorkers must be a whole number, 1 or more, got 0$/);
  assert.equal(refusal("serial:2"), 'RangeError: Cannot create an executor for "serial:2": the serial rung runs one task at a time and takes no number');
});

test("createExecutor() of a cluster says that it cannot, who can, and no password", () => {
  for (const spec of ["ray://host:10001", "dask://host:8786", "celery+redis://user:secret@host:6379/0"]) {
    assert.throws(
      () => createExecutor(spec),
      (error) =>
        error instanceof UnsupportedError &&
        error.supportedBy.join() === "serial,async,threads,processes" &&
        error.message.includes(spec.slice(0, spec.indexOf(":"))) &&
        !error.message.includes("secret"),
    );
  }
});

test("26. maxWorkers and maxConcurrency of 0, -1, 1.5, NaN or text are refused", () => {
  const makers: [string, (count: never) => Executor][] = [
    ["maxConcurrency", (maxConcurrency) => new AsyncExecutor({ maxConcurrency })],
    ["maxWorkers", (maxWorkers) => new ThreadPoolExecutor({ maxWorkers })],
    ["maxWorkers", (maxWorkers) => new ProcessPoolExecutor({ maxWorkers })],
  ];
  for (const [option, make] of makers) {
    for (const count of [0, -1, 1.5, NaN])
      assert.throws(() => make(count as never), { name: "RangeError", message: new RegExp(`${option} must be .*, got ${count}$`) });
    assert.throws(() => make("4" as never), { name: "TypeError", message: new RegExp(`${option} must be .*, got "4"$`) });
  }
  assert.throws(() => new ThreadPoolExecutor({ maxWorkers: Infinity }), RangeError);
});

test("26. every other option of a pool is checked, too, before anything starts", () => {
  const refused: [object, string, string][] = [
    [{ minWorkers: 3, maxWorkers: 2 }, "RangeError", "minWorkers must be at most maxWorkers, got 3 of 2"],
    [{ idleTimeout: -1 }, "RangeError", "idleTimeout must be a number of milliseconds, 0 or more, got -1"],
    [{ abortGrace: "1 s" }, "TypeError", 'abortGrace must be a number of milliseconds, 0 or more, got "1 s"'],
    [{ initializer: 5 }, "TypeError", "initializer must be a function, got 5"],
    [{ initargs: [1] }, "TypeError", "initargs are the arguments of an initializer, and none is given"],
    [{ initializer: () => {}, initargs: "ab" }, "TypeError", 'initargs must be an array, got "ab"'],
    [{ maxTasksPerWorker: 0 }, "RangeError", "maxTasksPerWorker must be a whole number, 1 or more, or Infinity, got 0"],
    [{ maxMemoryPerWorker: 0.5 }, "RangeError", "maxMemoryPerWorker must be a whole number, 1 or more, or Infinity, got 0.5"],
    [{ maxQueue: 0 }, "RangeError", "maxQueue must be a whole number, 1 or more, or Infinity, got 0"],
    [{ maxCaptureSize: 0 }, "RangeError", "maxCaptureSize must be a whole number, 1 or more, or Infinity, got 0"],
    [{ onWorkerDeath: "retry" }, "RangeError", 'onWorkerDeath must be "replace" or "break", got "retry"'],
    [{ onDispose: true }, "TypeError", 'onDispose must be "drain" or "cancel", got true'],
    [{ env: { A: 1 } }, "TypeError", "env.A must be a string, got 1"],
    [{ execArgv: ["--a", 1] }, "TypeError", "execArgv[1] must be a string, got 1"],
    [{ resourceLimits: { stackSizeMb: 0 } }, "RangeError", "resourceLimits: stackSizeMb must be a number above 0, got 0"],
    [{ stdout: "pipe" }, "RangeError", 'stdout must be "inherit" or "ignore" or "stderr", got "pipe"'],
    [{ name: 5 }, "TypeError", "name must be a string, got 5"],
    [{ maxworkers: 2 }, "TypeError", "unknown option maxworkers, did you mean maxWorkers"],
  ];
  for (const [options, name, what] of refused) {
    assert.throws(() => new ThreadPoolExecutor(options as never), { name, message: `Cannot create the ThreadPoolExecutor: ${what}` });
    assert.throws(() => new ProcessPoolExecutor(options as never), { name, message: `Cannot create the ProcessPoolExecutor: ${what}` });
  }
  assert.throws(() => new SerialExecutor({ isolate: 1 as never }), {
    name: "TypeError",
    message: "Cannot create the SerialExecutor: isolate must be a boolean, got 1",
  });
});
