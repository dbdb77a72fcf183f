import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { createByReferencePacker, createByReferenceUnpacker } from "#dure/codec/by-reference-crossing.js";
import type { Packer } from "#dure/codec/crossing.js";
import type { GlobalTemplate, ReferenceTemplate } from "#dure/codec/template.js";
import { columnsOfTasks, outcomesOf } from "#dure/protocol/columns.js";
import { PROTOCOL_VERSION } from "#dure/protocol/messages.js";
import { currentTask } from "dure";
import { FarSideDriver } from "./far-side-driver.ts";

const add = (a: number, b: number): number => a + b;
const later = async (value: unknown): Promise<unknown> => value;

const template: GlobalTemplate = { kind: "global", id: 7, path: ["Math", "max"] };

function fails(error: unknown): never {
  throw error;
}

function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function messageOf(error: unknown): string {
  ok(error instanceof Error);
  return error.message;
}

// ---- starting

test("the far side says that it is ready with its version", async () => {
  const driver = await new FarSideDriver().started();
  deepEqual(driver.sent, [{ type: "ready", version: PROTOCOL_VERSION }]);
});

test("the far side refuses a pool of another version, with both numbers, and ends", () => {
  const driver = new FarSideDriver();
  driver.start({ version: 99 });
  const [message] = driver.sent;
  ok(message?.type === "startFailed");
  match((message.reason.value as Error).message, new RegExp(`version ${PROTOCOL_VERSION} .* version 99`));
  equal(driver.exitCode, 1);
});

test("the initializer runs before the first task, with its arguments", async () => {
  const order: string[] = [];
  const initialize = async (name: string): Promise<void> => {
    await later(0);
    order.push(name);
  };
  const driver = new FarSideDriver();
  const task = (): unknown => order.push("task");
  driver.start({
    initializer: { templates: [], function: { id: 0, name: "initialize", value: initialize, coded: false }, args: { value: ["initializer"], coded: false } },
  });
  deepEqual(await driver.answers([[task]]), [[true, 2]]);
  deepEqual(order, ["initializer", "task"]);
});

test("an initializer that fails is reported with its error, and the worker ends without running anything", async () => {
  const error = new Error("no database");
  const driver = new FarSideDriver();
  driver.start({ initializer: { templates: [], function: { id: 0, name: "fails", value: fails, coded: false }, args: { value: [error], coded: false } } });
  driver.run([[add, 1, 2]]);
  await driver.until(() => driver.sent.length > 0);
  deepEqual(driver.sent, [{ type: "startFailed", reason: { value: error, coded: false } }]);
  equal(driver.exitCode, 1);
});

// ---- running

test("the tasks of a batch run one after another, promises awaited, and answer in that order", async () => {
  const driver = await new FarSideDriver().started();
  const order: number[] = [];
  const slow = async (id: number): Promise<number> => {
    order.push(id);
    await new Promise((resolve) => setTimeout(resolve, 2));
    return order.push(-id);
  };
  const quick = (id: number): number => order.push(id);
  await driver.answers([
    [slow, 1],
    [quick, 2],
    [slow, 3],
  ]);
  deepEqual(order, [1, -1, 2, 3, -3]);
  deepEqual(
    driver.results.map(([id]) => id),
    [1, 2, 3],
  );
});

test("a batch that arrives while another runs is run after it", async () => {
  const driver = await new FarSideDriver().started();
  driver.run([[later, "a"]]);
  driver.run([[later, "b"]]);
  deepEqual(await driver.answers([[later, "c"]]), [[true, "c"]]);
  deepEqual(
    driver.results.map(([, , value]) => value),
    ["a", "b", "c"],
  );
});

test("a task that was taken back is not run, and the worker says that it has passed it", async () => {
  const driver = await new FarSideDriver().started();
  const slots = [driver.claims.offer(), driver.claims.offer(), driver.claims.offer()];
  ok(driver.claims.takeBack(slots[1]!));
  await driver.answers(
    [
      [add, 1, 1],
      [add, 2, 2],
      [add, 3, 3],
    ],
    { slots },
  );
  deepEqual(driver.results, [
    [1, true, 2],
    [2, false, undefined],
    [3, true, 6],
  ]);
  deepEqual(
    slots.map((slot) => driver.claims.hasBegun(slot)),
    [true, false, true],
  );
});

test("whatever a task throws is the failure of that task only", async () => {
  const driver = await new FarSideDriver().started();
  const overflow = (): number => 1 + overflow();
  // oxlint-disable-next-line unicorn/no-thenable -- that is the subject.
  const badThenable = (): unknown => Object.defineProperty({}, "then", { get: () => fails(new Error("then")) });
  const rejectsWithNothing = (): Promise<never> => Promise.reject();
  const answers = await driver.answers([
    [fails, undefined],
    [fails, null],
    [rejectsWithNothing],
    [overflow],
    [badThenable],
    [fails, new Proxy({}, { get: fails })],
    [add, 1, 2],
  ]);
  deepEqual(
    answers.map(([succeeded]) => succeeded),
    [false, false, false, false, false, false, true],
  );
  deepEqual(
    answers.slice(0, 3).map(([, value]) => value),
    [undefined, null, undefined],
  );
  ok(answers[3]?.[1] instanceof RangeError);
  equal(messageOf(answers[4]?.[1]), "then");
});

test("a thenable that is not a promise is awaited", async () => {
  const driver = await new FarSideDriver().started();
  // oxlint-disable-next-line unicorn/no-thenable -- that is the subject.
  const thenable = (): unknown => Object.defineProperty({}, "then", { value: (resolve: (value: string) => void) => resolve("then") });
  deepEqual(await driver.answers([[thenable]]), [[true, "then"]]);
});

test("a promise whose own then calls back twice, throws, or never calls back is awaited as await does it, and counts once", async () => {
  const driver = await new FarSideDriver().started();
  const withThen = (then: (resolve: (value: string) => void) => void) => (): unknown => Object.assign(Promise.resolve("value"), { then });
  const answers = await driver.answers([
    [withThen((resolve) => (resolve("once"), resolve("twice")))],
    [withThen(() => {})],
    [
      withThen((resolve) => {
        resolve("once");
        throw new Error("late");
      }),
    ],
    [later, "after"],
  ]);
  deepEqual(answers, [
    [true, "value"],
    [true, "value"],
    [true, "value"],
    [true, "after"],
  ]);
});

test("a worker that fails between tasks says why and ends, as tasks would be waited for in vain", async () => {
  const broken = new Error("the control words are gone");
  const driver = await new FarSideDriver({ claims: { begin: () => fails(broken), isAborted: () => false } }).started();
  driver.run([[add, 1, 2]]);
  deepEqual(driver.sent.at(-1), { type: "leftoverError", reason: { value: broken, coded: false } });
  equal(driver.exitCode, 1);
});

test("a worker that cannot even say why it fails ends all the same", async () => {
  const driver = await new FarSideDriver({ claims: { begin: () => fails(new Error("the control words are gone")), isAborted: () => false } }).started();
  driver.refuse = () => fails(new Error("the connection is gone"));
  throws(() => driver.run([[add, 1, 2]]), { message: "the connection is gone" });
  equal(driver.exitCode, 1);
});

test("arguments and functions that cannot be unpacked fail the tasks that need them, each time", async () => {
  const driver = await new FarSideDriver({
    unpacker: {
      define: () => undefined,
      forget: () => {},
      unpack: ({ value }) => (value === add ? fails(new Error("cannot be loaded")) : value),
    },
  }).started();
  const answers = await driver.answers([
    [add, 1, 2],
    [later, "unharmed"],
    [add, 1, 2],
  ]);
  deepEqual(
    answers.map(([succeeded, value]) => (succeeded ? value : (value as Error).message)),
    ["cannot be loaded", "unharmed", "cannot be loaded"],
  );
});

test("a result that cannot be packed fails its task only", async () => {
  const byReference = createByReferencePacker();
  const packer: Packer = {
    ...byReference,
    pack: (value, path) => ("bad" in (value as object) ? fails(new Error(`cannot cross: ${path}`)) : byReference.pack(value, path)),
  };
  const driver = await new FarSideDriver({ packer }).started();
  const answers = await driver.answers([
    [later, { bad: 1 }],
    [later, { good: 1 }],
  ]);
  equal(messageOf(answers[0]?.[1]), "cannot cross: result");
  deepEqual(answers[1], [true, { good: 1 }]);
});

test("an outcome that no message can carry fails its task only", async () => {
  const driver = await new FarSideDriver().started();
  driver.refuse = (message) => {
    if (message.type === "finished" && outcomesOf(message.outcomes).some(([, , value]) => value === "uncarried"))
      throw new DOMException("uncarried could not be cloned", "DataCloneError");
  };
  const keep = (value: string): string => value;
  const answers = await driver.answers([
    [keep, "a"],
    [keep, "uncarried"],
    [keep, "b"],
  ]);
  deepEqual(
    answers.map(([succeeded]) => succeeded),
    [true, false, true],
  );
  ok(answers[1]?.[1] instanceof DOMException);
});

test("functions are forgotten when the pool says so", async () => {
  const driver = await new FarSideDriver().started();
  await driver.answers([[add, 1, 2]]);
  driver.send({ type: "run", forget: [1], tasks: columnsOfTasks([[50, -1, 1, [1, 2], false, 1, 0.25]]) });
  await driver.until(() => driver.outcomes.length === 2);
  match(messageOf(driver.outcomes[1]?.[2]), /was not given function 1/);
});

test("a function that makes the task's is called for each task, with the first arguments", async () => {
  let made = 0;
  const maker = (x: number, y: number) => {
    made += 1;
    return (...args: unknown[]) => [x, y, ...args];
  };
  const driver = await new FarSideDriver().started();
  const functions = [{ id: 70, name: "maker", value: maker, coded: false, given: 2 }];
  const list = [5, 6, ...Array.from({ length: 20 }, () => 0)];
  driver.send({ type: "run", functions, tasks: columnsOfTasks([[70, -1, 70, [1, 2, 3], false, 1, 0.25], [71, -1, 70, [3, 4], false, 1, 0.25], [72, -1, 70, list, false, 1, 0.25]]) }); // biome-ignore format: short
  await driver.until(() => driver.outcomes.length === 3);
  deepEqual(
    driver.outcomes.map((outcome) => outcome[2]),
    [[1, 2, 3], [3, 4], list],
  );
  deepEqual([made, list.length], [3, 22]);
});

test("tasks wait for the templates of their batch, and no other batch overtakes them", async () => {
  let load: () => void = () => {};
  const loading = new Promise<void>((resolve) => void (load = resolve));
  const unpacker = { ...createByReferenceUnpacker(), define: () => loading };
  const driver = await new FarSideDriver({ unpacker }).started();
  driver.send({
    type: "run",
    templates: [template],
    functions: [{ id: 90, name: "add", value: add, coded: false }],
    tasks: columnsOfTasks([[90, -1, 90, [1, 2], false, 1, 0.25]]),
  });
  driver.run([[add, 3, 4]]);
  deepEqual(driver.outcomes, []);
  load();
  await driver.until(() => driver.outcomes.length === 2);
  deepEqual(driver.results, [
    [90, true, 3],
    [1, true, 7],
  ]);
});

test("a worker says which task a module is loaded for, before it is, and only if there is one to load", async () => {
  const driver = await new FarSideDriver().started();
  const functions = [{ id: 90, name: "add", value: add, coded: false }];
  const reference: ReferenceTemplate = { kind: "reference", id: 9, loader: "import", module: "node:path", path: ["join"] };
  driver.send({ type: "run", templates: [template], functions, tasks: columnsOfTasks([[50, -1, 90, [1, 2], false, 1, 0.25]]) });
  driver.send({ type: "run", templates: [reference], tasks: columnsOfTasks([[51, -1, 90, [3, 4], false, 1, 0.25]]) });
  await driver.until(() => driver.outcomes.length === 2);
  deepEqual(
    driver.sent.map((message) => (message.type === "loading" ? `loading for ${message.taskId}` : message.type)),
    ["ready", "finished", "loading for 51", "finished"],
  );
});

test("tasks taken back while their batch is loading are passed once it has loaded", async () => {
  let load: () => void = () => {};
  const unpacker = { ...createByReferenceUnpacker(), define: () => new Promise<void>((resolve) => void (load = resolve)) };
  const driver = await new FarSideDriver({ unpacker }).started();
  const slots = [0, 1, 2].map(() => driver.claims.offer());
  driver.run(
    [
      [add, 1, 1],
      [add, 2, 2],
      [add, 3, 3],
    ],
    { slots, templates: [template] },
  );
  for (const slot of [slots[0], slots[2]]) ok(driver.claims.takeBack(slot!));
  load();
  await driver.until(() => driver.outcomes.length === 3);
  deepEqual(driver.results, [
    [1, false, undefined],
    [2, true, 4],
    [3, false, undefined],
  ]);
});

test("templates of results are sent once", async () => {
  const byReference = createByReferencePacker();
  const packer: Packer = { ...byReference, pack: (value, path) => ({ ...byReference.pack(value, path), templates: [template] }) };
  const driver = await new FarSideDriver({ packer }).started();
  await driver.answers([[later, {}]]);
  await driver.answers([[later, {}]]);
  deepEqual(
    driver.sent.flatMap((message) => (message.type === "finished" ? [message.templates] : [])),
    [[template], undefined],
  );
});

// ---- when outcomes leave

test("outcomes of short tasks leave together, at the end of the batch at the latest", async () => {
  const driver = await new FarSideDriver().started();
  await driver.answers(Array.from({ length: 20 }, (_, index) => [add, index, 1] as const));
  const messages = driver.sent.filter(({ type }) => type === "finished").length;
  ok(messages < 20, `${messages} messages for 20 outcomes`);
});

test("outcomes are held back for as long as the next task has patience", async () => {
  const driver = await new FarSideDriver().started();
  let sentWhenCalled: number[] = [];
  const look = (): void => {
    sentWhenCalled.push(driver.outcomes.length);
    busy(2);
  };
  await driver.answers([[look], [look], [look]], { patience: 10_000 });
  deepEqual(sentWhenCalled, [0, 0, 0]);
  sentWhenCalled = [];
  await driver.answers([[look], [look], [look]], { patience: 1 });
  deepEqual(sentWhenCalled, [3, 4, 5]);
});

test("outcomes leave before a task begins that has no patience", async () => {
  const driver = await new FarSideDriver().started();
  const sentWhenCalled: number[] = [];
  const look = (): number => sentWhenCalled.push(driver.outcomes.length);
  await driver.answers([[look], [look], [look]], { patience: 0 });
  deepEqual(sentWhenCalled, [0, 1, 2]);
});

test("the outcome of a task that has no patience leaves before another begins", async () => {
  const driver = await new FarSideDriver().started();
  let sentWhenCalled = 0;
  const look = (): number => (sentWhenCalled = driver.outcomes.length);
  const functions = [add, look].map((fn, index) => ({ id: 90 + index, name: fn.name, value: fn, coded: false }));
  const [first, second] = [driver.claims.offer(), driver.claims.offer()];
  driver.send({
    type: "run",
    functions,
    tasks: columnsOfTasks([
      [50, first, 90, [1, 2], false, 1, 0],
      [51, second, 91, [], false, 1, 0.25],
    ]),
  });
  await driver.until(() => driver.outcomes.length === 2);
  equal(sentWhenCalled, 1);
});

test("what came of a long call leaves before the next one, whatever that is expected to take", async () => {
  const driver = await new FarSideDriver().started();
  let sentWhenCalled = 0;
  await driver.answers([[() => busy(2)], [() => (sentWhenCalled = driver.outcomes.length)]]);
  equal(sentWhenCalled, 1);
});

test("outcomes leave while a later task waits", async () => {
  const driver = await new FarSideDriver().started();
  let finish: (value: unknown) => void = () => {};
  const waits = (): Promise<unknown> => new Promise((resolve) => void (finish = resolve));
  driver.run([[add, 1, 2], [waits]]);
  await driver.until(() => driver.outcomes.length === 1);
  finish(1);
  await driver.until(() => driver.outcomes.length === 2);
});

test("flush() sends the outcomes that there are, for a worker that ends within a task", async () => {
  const driver = await new FarSideDriver().started();
  let sentInTask = 0;
  const exits = (): void => {
    driver.farSide.flush();
    sentInTask = driver.outcomes.length;
  };
  await driver.answers([[add, 1, 2], [exits]]);
  equal(sentInTask, 1);
});

test("finished messages say how much memory is used, if the pool wants to know", async () => {
  for (const reportMemory of [true, false]) {
    const driver = await new FarSideDriver().started({ reportMemory });
    await driver.answers([[add, 1, 2]]);
    const finished = driver.sent.find(({ type }) => type === "finished");
    equal(finished?.type === "finished" ? finished.memory : "none sent", reportMemory ? 4096 : undefined);
  }
});

// ---- the context of a task

test("currentTask() tells a task what it is, and is undefined outside of tasks", async () => {
  const driver = await new FarSideDriver().started();
  const ask = function ask(): unknown {
    const task = currentTask();
    return [task?.workerIndex, task?.attempt, task?.label, task?.aborted, task?.signal.aborted];
  };
  deepEqual(await driver.answers([[ask]]), [[true, [3, 1, "ask", false, false]]]);
  deepEqual(await driver.answers([[ask]], { label: "given" }), [[true, [3, 2, "given", false, false]]]);
  equal(currentTask(), undefined);
});

test("an abort message aborts the running task's signal with its reason, and no other's", async () => {
  const driver = await new FarSideDriver().started();
  const untilAborted = (): Promise<unknown> => {
    const { signal } = currentTask()!;
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
  };
  const [id = 0] = driver.run([[untilAborted], [() => currentTask()?.aborted]]);
  driver.send({ type: "abort", taskId: 999, reason: { value: "for another", coded: false } });
  driver.send({ type: "abort", taskId: id, reason: { value: "enough", coded: false } });
  await driver.until(() => driver.outcomes.length === 2);
  deepEqual(driver.results, [
    [1, true, "enough"],
    [2, true, false],
  ]);
});

test("a task that looks at its signal only after the abort sees it aborted", async () => {
  const driver = await new FarSideDriver().started();
  let goOn: () => void = () => {};
  const looksLate = async (): Promise<unknown> => {
    await new Promise<void>((resolve) => void (goOn = resolve));
    return [currentTask()?.signal.aborted, currentTask()?.signal.reason];
  };
  const [id = 0] = driver.run([[looksLate]]);
  driver.send({ type: "abort", taskId: id, reason: { value: "enough", coded: false } });
  goOn();
  await driver.until(() => driver.outcomes.length === 1);
  deepEqual(driver.results, [[1, true, [true, "enough"]]]);
});

test("a task that is aborted before it begins fails with the reason and is not run", async () => {
  const driver = await new FarSideDriver().started();
  let finish: () => void = () => {};
  const waits = (): Promise<void> => new Promise((resolve) => void (finish = resolve));
  const [, second = 0] = driver.run([[waits], [fails, "was run"]]);
  driver.send({ type: "abort", taskId: second, reason: { value: "enough", coded: false } });
  finish();
  await driver.until(() => driver.outcomes.length === 2);
  deepEqual(driver.results[1], [second, false, "enough"]);
});

test("aborted is true within a synchronous loop, and the signal fetches its reason", async () => {
  const driver = await new FarSideDriver().started();
  const slot = driver.claims.offer();
  const loop = (): unknown => {
    const before = currentTask()?.aborted;
    driver.claims.abort(slot);
    driver.sendLater({ type: "abort", taskId: 1, reason: { value: "enough", coded: false } });
    while (currentTask()?.aborted !== true);
    return [before, currentTask()?.signal.reason];
  };
  deepEqual(await driver.answers([[loop]], { slots: [slot] }), [[true, [false, "enough"]]]);
});

test("progress: the first report is sent at once, the last one always, before the outcome", async () => {
  const driver = await new FarSideDriver().started();
  const reports = (): void => {
    for (let step = 0; step <= 1000; step += 1) currentTask()?.progress(step / 1000, `step ${step}`);
  };
  await driver.answers([[reports]]);
  const progress = driver.sent.filter(({ type }) => type === "progress");
  deepEqual(progress[0], { type: "progress", taskId: 1, fraction: 0, note: "step 0" });
  deepEqual(progress.at(-1), { type: "progress", taskId: 1, fraction: 1, note: "step 1000" });
  equal(driver.sent.at(-1)?.type, "finished");
  ok(progress.length < 500);
});

test("progress: a report that was held back is sent while the task waits", async () => {
  const driver = await new FarSideDriver().started();
  let finish: () => void = () => {};
  driver.run([
    [
      () => {
        currentTask()?.progress(0.1);
        currentTask()?.progress(0.2);
        return new Promise<void>((resolve) => void (finish = resolve));
      },
    ],
  ]);
  // The timer that sends it does not keep a program alive by itself.
  const alive = setInterval(() => {}, 1000);
  await driver.until(() => driver.sent.some((message) => message.type === "progress" && message.fraction === 0.2));
  clearInterval(alive);
  finish();
});

test("progress() refuses what is not a fraction or a note", async () => {
  const driver = await new FarSideDriver().started();
  const wrong: readonly (readonly unknown[])[] = [[2], [-0.1], [Number.NaN], ["half"], [0.5, 7]];
  const answers = await driver.answers(wrong.map((args) => [() => currentTask()?.progress(...(args as [number, string])), ...args] as const));
  deepEqual(
    answers.map(([, error]) => (error as Error).name),
    ["RangeError", "RangeError", "RangeError", "TypeError", "TypeError"],
  );
});

// ---- the end

test("a stop ends the worker once all that it was given is done", async () => {
  const driver = await new FarSideDriver().started();
  driver.run([
    [later, 1],
    [later, 2],
  ]);
  driver.run([[later, 3]]);
  driver.send({ type: "stop" });
  equal(driver.exitCode, undefined);
  await driver.until(() => driver.outcomes.length === 3);
  equal(driver.exitCode, 0);
});

test("an error that belongs to no task is sent as such, after the outcomes before it", async () => {
  const driver = await new FarSideDriver().started();
  driver.run([[add, 1, 2], [() => driver.farSide.leftoverError("left over")]]);
  await driver.until(() => driver.outcomes.length === 2);
  deepEqual(
    driver.sent.map((message) => (message.type === "leftoverError" ? message.reason.value : message.type)),
    ["ready", "finished", "left over", "finished"],
  );
});
