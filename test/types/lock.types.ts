// What must and what must not compile of `dure/sync`. Never run: the compiler is the test.

import { AbandonedLockError } from "dure";
import { Lock, type AbandonedLockError as Same, type LockGuard, type LockHandle } from "dure/sync";
import { exactly } from "./equal.js";

declare const lock: Lock;

exactly<Promise<LockGuard>>()(lock.acquire({ timeout: 5, signal: AbortSignal.abort() }));
exactly<LockGuard>()(lock.acquireSync({ timeout: 5 }));
exactly<LockGuard | undefined>()(lock.tryAcquire());
exactly<Promise<number>>()(lock.runExclusive(() => 5));
exactly<Promise<number>>()(lock.runExclusive(async () => 5, { timeout: 5 }));
exactly<LockHandle>()(lock.handle);
exactly<Lock>()(Lock.from(lock.handle));
exactly<Lock>()(lock.tryAcquire()!.lock);
const disposable: Disposable = lock.acquireSync();
void disposable;
const error: Same = new AbandonedLockError("abandoned", { lock: "a" });
void error;

// @ts-expect-error -- a blocked thread hears no signal
lock.acquireSync({ signal: AbortSignal.abort() });
// @ts-expect-error -- a misspelt option
void new Lock({ nam: "a" });
// @ts-expect-error -- guards come from the lock
void new LockGuard();
