// The entry of "dure/sync": what coordinates threads.

export { AbandonedLockError } from "../contract/errors.ts";
export type { HeldLock } from "../contract/errors.ts";
export { Lock } from "./lock.ts";
export type { AcquireOptions, AcquireSyncOptions, LockHandle, LockOptions } from "./lock.ts";
export type { LockGuard } from "./lock-guard.ts";
