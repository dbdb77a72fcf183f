// What cannot cross is refused by name, with what to do about it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SerializationError } from "dure";
import { dissect } from "#dure/codec/functions/dissect.js";
import type { FunctionRole } from "#dure/codec/functions/dissected.js";
import * as fixture from "../../fixtures/functions/exports.ts";

function refuses(fn: unknown, message: RegExp, role: FunctionRole = "task", path = "fn"): void {
  assert.throws(
    () => dissect(fn as (...args: never[]) => unknown, "fn", role, new Map()),
    (error) => {
      assert.ok(error instanceof SerializationError);
      assert.match(error.message, message);
      assert.equal(error.path, path);
      return true;
    },
  );
}

class Account extends Object {
  #balance = 1;
  readonly owner: string = "me";
  lexicalThis(): () => unknown {
    return () => this.owner;
  }
  lexicalSuper(): () => unknown {
    return () => super.valueOf();
  }
  lexicalThisHandedOn(by: (this: Account, ...values: number[]) => unknown): () => unknown {
    return () => by.apply(this, [1]);
  }
  outerPrivate(): unknown {
    return (other: Account) => other.#balance;
  }
  ownThis(): string {
    return this.owner;
  }
  ownSuper(): unknown {
    return super.valueOf();
  }
}

test("an arrow that uses this, super, new.target or arguments of the code around it is refused", () => {
  const account = new Account();
  refuses(account.lexicalThis(), /uses "this" of the code around it.*copy what it needs/);
  refuses(
    account.lexicalThisHandedOn(() => 1),
    /uses "this" of the code around it/,
  );
  refuses(account.lexicalSuper(), /uses "super"/);
  function Made(): unknown {
    return [() => new.target, () => arguments];
  }
  const [target, values] = Made() as [unknown, unknown];
  refuses(target, /uses "new.target"/);
  refuses(values, /uses "arguments".*rest parameters/);
});

test("a function that uses a private name of a class around it is refused", () => {
  refuses(new Account().outerPrivate(), /private name #balance/);
});

test("a method that uses this is refused as a task, unless it is bound", () => {
  refuses(Account.prototype.ownThis, /is a method that uses "this".*bind it/);
  refuses(fixture.Point.origin, /is a method that uses "this"/);
  assert.equal(dissect(Account.prototype.ownThis, "fn", "bound", new Map()).kind, "source");
  assert.equal(dissect(new Account().ownThis.bind(new Account()), "fn", "task", new Map()).kind, "bound");
  refuses(Account.prototype.ownSuper, /uses "super"/, "bound");
});

test("a variable that is not initialised yet is refused by name", () => {
  const early = (): unknown => [later];
  refuses(early, /variable "later" is not initialised yet; submit it after/, "task", "fn.later");
  const later = maybe();
  assert.equal(dissect(early, "fn", "task", new Map()).kind, "source");
  refuses(() => Late, /"Late" is not initialised/, "task", "fn.Late");
  class Late {
    readonly made: boolean = true;
  }
  assert.ok(new Late().made);
});

function maybe(): undefined {
  return undefined;
}

test("a class with a key that is made of a variable which nothing else uses is refused by the variable's name", () => {
  const key = ["a", "b"].join("");
  class Keyed {
    [key](): number {
      return 1;
    }
  }
  refuses(Keyed, /its variable "key" cannot be read.*use it in a method, too/, "value", "fn.key");
});

test("a function that uses the own name of a function expression around it is refused by that name", () => {
  const curry = (f: (...values: number[]) => number) =>
    function curried(...first: number[]): unknown {
      return first.length >= f.length ? f(...first) : (...rest: number[]) => curried(...first, ...rest);
    };
  refuses(curry((a, b) => a + b)(1), /its variable "curried" cannot be read.*own name; assign the function to a variable/, "task", "fn.curried");
});

test("a native function without a name is refused", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  assert.ok(proxy);
  refuses(revoke, /native function that has no global name/);
});

test("a Proxy is refused", () => {
  refuses(new Proxy(() => 1, {}), /is a Proxy/);
});

test("a direct eval is refused where it could capture", () => {
  // oxlint-disable-next-line no-eval -- the subject of the test
  refuses(() => eval("1"), /calls eval directly/);
  // oxlint-disable-next-line typescript/no-implied-eval -- the subject of the test
  assert.equal(dissect(new Function("return eval('1')") as () => unknown, "fn", "task", new Map()).kind, "source");
});
