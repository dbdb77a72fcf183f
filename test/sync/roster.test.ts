import assert from "node:assert/strict";
import { test } from "node:test";
import { Roster } from "#dure/sync/roster.js";

test("enlist() gives each a mark of its own, that lives until its thread is buried", () => {
  const roster = new Roster();
  const [main, one, two] = [roster.enlist(0, undefined), roster.enlist(1, 0), roster.enlist(2, 0)];
  assert.equal(new Set([0, main, one, two]).size, 4);
  roster.bury(1);
  assert.deepEqual(
    [main, one, two].map((who) => roster.isAlive(who)),
    [true, false, true],
  );
  roster.bury(1);
  assert.equal(roster.isAlive(two), true);
});

test("bury() ends every mark of a thread, and of those that it started", () => {
  const roster = new Roster();
  const parent = roster.enlist(1, 0);
  const copies = [roster.enlist(2, 1), roster.enlist(2, 1)];
  const grandchild = roster.enlist(3, 2);
  const other = roster.enlist(4, 0);
  roster.bury(1);
  assert.deepEqual(
    [parent, ...copies, grandchild, other].map((who) => roster.isAlive(who)),
    [false, false, false, false, true],
  );
});

test("a row is used again under another mark", () => {
  const roster = new Roster();
  const marks = new Set<number>();
  for (let thread = 1; thread <= 5000; thread += 1) {
    const who = roster.enlist(thread, undefined);
    assert.equal(marks.has(who), false);
    marks.add(who);
    assert.equal(roster.isAlive(who), true);
    roster.bury(thread);
    assert.equal(roster.isAlive(who), false);
  }
});

test("no more threads than rows", () => {
  const roster = new Roster();
  for (let thread = 0; thread < 1024; thread += 1) roster.enlist(thread, undefined);
  assert.throws(() => roster.enlist(1024, undefined), /^RangeError: Cannot coordinate more than 1024 threads at once$/);
  roster.bury(500);
  assert.equal(roster.isAlive(roster.enlist(1024, undefined)), true);
});

test("two views of one memory are one roster, with one identity and one count of ids", () => {
  const roster = new Roster();
  const other = new Roster(roster.memory);
  assert.equal(other.identity, roster.identity);
  assert.notEqual(new Roster().identity, roster.identity);
  assert.equal(new Set([roster.nextId(), other.nextId(), roster.nextId()]).size, 3);
  const who = roster.enlist(7, undefined);
  other.bury(7);
  assert.equal(roster.isAlive(who), false);
});

test("wake() ends the sleep of one, wakeAll() and bury() that of all; a waking before the sleep counts", async () => {
  const roster = new Roster();
  const far = new Roster(roster.memory);
  const [one, two] = [roster.enlist(1, undefined), roster.enlist(2, undefined)];
  roster.enlist(3, undefined);
  const wakings = far.wakings(one);
  roster.wake(one);
  await far.sleepAsync(one, wakings);
  for (const wake of [() => roster.wakeAll(), () => roster.bury(3)]) {
    const sleeps = [one, two].map((who) => far.sleepAsync(who, far.wakings(who)));
    const keepAlive = setInterval(() => {}, 1000);
    wake();
    await Promise.all(sleeps);
    clearInterval(keepAlive);
  }
});

test("a thread's own part is called instead of being woken through memory", () => {
  const roster = new Roster();
  const who = roster.enlist(1, undefined);
  let calls = 0;
  roster.setOwn(who, () => (calls += 1));
  const wakings = roster.wakings(who);
  roster.wake(who);
  assert.equal(calls, 1);
  assert.equal(roster.wakings(who), wakings);
  roster.wakeAll();
  assert.equal(calls, 2);
});
