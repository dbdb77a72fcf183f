import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AFTER_ABANDONED, LINE_WORDS, NO_PLACE, PLACES, ticketOf, TURN, WaitLine } from "#dure/sync/wait-line.js";

/** A line whose bystanders are told by the test who is dead, and note who is woken. */
class Scene {
  readonly words = new Int32Array(new SharedArrayBuffer(LINE_WORDS * 4));
  readonly dead = new Set<number>();
  readonly woken: (number | "all")[] = [];
  readonly line = new WaitLine(this.words, {
    isAlive: (who) => !this.dead.has(who),
    wake: (who) => void this.woken.push(who),
    wakeAll: () => void this.woken.push("all"),
  });

  /** Takes a ticket; true if it is its turn at once. */
  take(who: number): { ticket: number; hasTurn: boolean } {
    const taken = this.line.take(who, false);
    return { ticket: ticketOf(taken), hasTurn: taken >= TURN };
  }
}

test("take() gives the turn to the first and a place to the others, who are called in order", () => {
  const { line, woken, ...scene } = new Scene();
  void scene;
  assert.equal(line.isEmpty, true);
  const first = line.take(1, false);
  assert.ok(first >= TURN && (first & AFTER_ABANDONED) === 0);
  const [second, third] = [line.take(2, false), line.take(3, false)];
  assert.ok(second < TURN && third < TURN);
  assert.equal(line.isEmpty, false);
  assert.equal(line.claim(second), 0);
  line.pass(false);
  assert.deepEqual(woken, [2]);
  assert.equal(line.isCalled(second), true);
  assert.equal(line.claim(third), 0);
  assert.equal(line.claim(second), second | TURN);
  assert.equal(line.claim(second), 0);
  line.pass(false);
  assert.equal(line.claim(third), third | TURN);
  line.pass(false);
  assert.equal(line.isEmpty, true);
});

test("take() for the turn only takes no place", () => {
  const { line } = new Scene();
  assert.ok(line.take(1, true) >= TURN);
  assert.equal(line.take(2, true), NO_PLACE);
  line.pass(false);
  assert.equal(line.isEmpty, true);
});

test("withdraw() gives a place up, and fails once the turn has come", () => {
  const scene = new Scene();
  const { line } = scene;
  scene.take(1);
  const [second, third] = [scene.take(2), scene.take(3)];
  assert.equal(line.withdraw(second.ticket), true);
  assert.equal(line.withdraw(second.ticket), false);
  line.pass(false);
  assert.deepEqual(scene.woken, [3]);
  assert.equal(line.withdraw(third.ticket), false);
  assert.equal(line.claim(third.ticket), third.ticket | TURN);
});

test("settle() passes over the dead: who waited leaves nothing, who was called neither, who was served leaves the mark", () => {
  const scene = new Scene();
  const { line } = scene;
  scene.take(1);
  const [, called, last] = [scene.take(2), scene.take(3), scene.take(4)];
  scene.dead.add(2);
  line.pass(false);
  assert.deepEqual(scene.woken, [3]);
  scene.dead.add(3);
  line.settle();
  assert.deepEqual(scene.woken, [3, 4]);
  assert.equal(line.claim(called.ticket), called.ticket | TURN, "it could still claim, if it were not dead");
  assert.equal(line.claim(last.ticket), last.ticket | TURN, "nobody had begun anything");
  const next = scene.take(5);
  scene.dead.add(4);
  line.settle();
  assert.equal(line.claim(next.ticket), next.ticket | TURN | AFTER_ABANDONED);
  line.pass(false);
  assert.equal(scene.line.take(6, false) & AFTER_ABANDONED, 0, "the mark is for one only");
});

test("the mark of an abandoned turn waits for whoever comes, also if nobody is in line", () => {
  const scene = new Scene();
  scene.take(1);
  scene.dead.add(1);
  scene.line.settle();
  assert.equal(scene.line.isEmpty, true);
  const taken = scene.line.take(2, true);
  assert.equal(taken, ticketOf(taken) | TURN | AFTER_ABANDONED);
  scene.line.pass(true);
  assert.notEqual(scene.line.take(3, false) & AFTER_ABANDONED, 0, "it was passed on");
});

test("a full line gives no place, and wakes all when it has one again", () => {
  const scene = new Scene();
  const { line } = scene;
  const tickets = Array.from({ length: PLACES }, () => scene.take(1).ticket);
  assert.equal(line.take(2, false), NO_PLACE);
  assert.equal(line.take(3, false), NO_PLACE);
  assert.deepEqual(scene.woken, []);
  line.pass(false);
  assert.deepEqual(scene.woken, ["all", 1]);
  const { ticket } = scene.take(2);
  for (const one of tickets.slice(1)) {
    assert.notEqual(line.claim(one), 0);
    line.pass(false);
  }
  assert.equal(line.claim(ticket), ticket | TURN);
  assert.equal(scene.woken.filter((who) => who === "all").length, 1);
});

test("tickets begin again after 32,768 without a trace", () => {
  const scene = new Scene();
  const { line } = scene;
  for (let turn = 0; turn < 70_000; turn += 1) {
    const holder = line.take(1, false);
    assert.ok(holder >= TURN);
    const waiting = line.take(2, false);
    assert.ok(waiting < TURN && line.claim(waiting) === 0);
    line.pass(false);
    assert.equal(line.claim(waiting), waiting | TURN);
    line.pass(false);
  }
  assert.equal(line.isEmpty, true);
});

test("whoever is served while another dies is left alone", () => {
  const scene = new Scene();
  const holder = scene.take(1);
  scene.take(2);
  scene.dead.add(2);
  scene.line.settle();
  assert.equal(holder.hasTurn, true);
  assert.equal(scene.line.isEmpty, false);
  scene.line.pass(false);
  assert.equal(scene.line.isEmpty, true);
});

// ---- against a list that does the same in the plainest way

interface Customer {
  readonly who: number;
  readonly ticket: number;
  state: "waiting" | "served";
}

/** A queue of customers of which the first is served; what the line must agree with after each step. */
class Model {
  readonly scene = new Scene();
  queue: Customer[] = [];
  isMarked = false;

  arrive(who: number): void {
    if (this.scene.dead.has(who)) return;
    const taken = this.scene.line.take(who, false);
    this.#dropDead();
    const isFirst = this.queue.length === 0;
    const customer: Customer = { who, ticket: ticketOf(taken), state: "waiting" };
    this.queue.push(customer);
    // If those before were all dead it is called instead of served at once, which is as good.
    if (isFirst) this.#serve(customer, taken >= TURN ? taken : this.scene.line.claim(customer.ticket));
    else assert.ok(taken < TURN, "there is somebody before it");
  }

  leave(index: number): void {
    const waiting = this.queue.filter(({ state }) => state === "waiting");
    const customer = waiting[index % Math.max(waiting.length, 1)];
    if (customer === undefined || this.scene.dead.has(customer.who)) return;
    assert.equal(this.scene.line.withdraw(customer.ticket), true);
    this.queue.splice(this.queue.indexOf(customer), 1);
  }

  pass(isAbandoned: boolean): void {
    const [first] = this.queue;
    if (first?.state !== "served" || this.scene.dead.has(first.who)) return;
    this.scene.line.pass(isAbandoned);
    this.isMarked ||= isAbandoned;
    this.queue.shift();
    this.#dropDead();
    this.#claimFirst();
  }

  die(who: number): void {
    this.scene.dead.add(who);
    this.scene.line.settle();
    this.#dropDead();
    this.#claimFirst();
  }

  #dropDead(): void {
    for (let first = this.queue[0]; first !== undefined && this.scene.dead.has(first.who); first = this.queue[0]) {
      if (first.state === "served") this.isMarked = true;
      this.queue.shift();
    }
  }

  #claimFirst(): void {
    const [first] = this.queue;
    if (first?.state === "waiting") this.#serve(first, this.scene.line.claim(first.ticket));
  }

  #serve(customer: Customer, turn: number): void {
    assert.equal(turn, customer.ticket | TURN | (this.isMarked ? AFTER_ABANDONED : 0));
    this.isMarked = false;
    customer.state = "served";
  }

  check(): void {
    for (const { ticket, state } of this.queue.slice(1)) {
      assert.equal(state, "waiting");
      assert.equal(this.scene.line.claim(ticket), 0, "one at a time");
    }
    if (this.queue.length === 0) this.scene.line.settle();
    assert.equal(this.scene.line.isEmpty, this.queue.length === 0);
  }
}

const someone = fc.integer({ min: 1, max: 6 });
const step = fc.oneof(
  { weight: 6, arbitrary: someone.map((who) => (model: Model) => model.arrive(who)) },
  { weight: 4, arbitrary: fc.boolean().map((isAbandoned) => (model: Model) => model.pass(isAbandoned)) },
  { weight: 3, arbitrary: fc.nat(10).map((index) => (model: Model) => model.leave(index)) },
  { weight: 1, arbitrary: someone.map((who) => (model: Model) => model.die(who)) },
);

test("any order of arriving, leaving, passing and dying serves as a plain list would", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model = new Model();
      for (const take of steps) {
        take(model);
        model.check();
      }
    }),
    { numRuns: 500 },
  );
});
