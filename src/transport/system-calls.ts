// The system's own functions for memory that processes share, and for how processes take turns, called through `koffi`: an
// optional package, which is loaded when one of them is first needed and not before, as that takes some milliseconds.

import { openSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { messageOf } from "../contract/message-of.ts";

/**
 * Tasks of a worker until system calls are worth loading for what they save with each, about a microsecond: that costs some 20
 * milliseconds, and by then as much has been lost.
 */
export const WORTH_LOADING = 16_384;

/** The system's constants, the same on every 64-bit Linux. */
const CLOSE_ON_EXEC = 1;
export const READ_AND_WRITE = 3;
const SHARED = 0x01;
export const PRIVATE_NOTHING_FIXED: number = 0x02 | 0x20 | 0x10;
export const HUGE_PAGES = 14;
/** Linux 5.14 and later. */
export const FETCH_PAGES = 23;

/** Fits an address of 64 bits. */
export type Address = bigint;

export interface SystemCalls {
  /** Where `koffi` is. */
  readonly place: string;
  createFile(name: string, flags: number): number;
  closeFile(descriptor: number): number;
  map(address: Address | null, size: number, protection: number, flags: number, descriptor: number, offset: number): Address;
  unmap(address: Address, size: number): number;
  advise(address: Address, size: number, advice: number): number;
  copy(to: Address | Uint8Array, from: Address | Uint8Array, size: number): void;
  view(address: Address, size: number): ArrayBuffer;
  addressOf(bytes: Uint8Array): Address;
  /** Of a thread, 0: of the calling one. */
  schedulingPolicy(thread: number): number;
  setSchedulingPolicy(thread: number, policy: number, priority: Int32Array): number;
  errno(): number;
  /** Undefined if it is none that we know. */
  readonly allocator: Allocator | undefined;
}

/** glibc's own functions for memory of this process. */
export interface Allocator {
  tune(parameter: number, value: number): number;
  allocate(size: number): Address;
  free(address: Address): void;
}

/** Why they cannot be called. */
export interface NoSystemCalls {
  readonly reason: string;
}

/** What is used of `koffi`. */
interface Koffi {
  load(path: null): System;
  view(address: Address, size: number): ArrayBuffer;
  address(bytes: Uint8Array): Address;
  errno(): number;
}

interface System {
  func(declaration: string): (...args: never[]) => unknown;
}

let loaded: SystemCalls | NoSystemCalls | undefined;

/** `place`: where `koffi` is, if the other side has said so. */
export function systemCalls(place: string | undefined): SystemCalls | NoSystemCalls {
  return (loaded ??= loadSystemCalls(place));
}

function loadSystemCalls(known: string | undefined): SystemCalls | NoSystemCalls {
  if (process.platform !== "linux") return { reason: `it is available on Linux only, not on ${process.platform}` };
  if (["ia32", "arm"].includes(process.arch)) return { reason: "it is available on 64-bit systems only" };
  // A thread may be ended at any time. Where that happens while native code is being loaded in it, Node ends the program.
  if (!isMainThread) return { reason: "only the main thread of a process may load the package koffi, as other threads may be ended meanwhile" };
  const place = known ?? findKoffi(import.meta.url);
  if (place === undefined) return { reason: "the optional package koffi is not installed" };
  try {
    return bind(place, createRequire(place)(place) as Koffi);
  } catch (error) {
    return { reason: `the optional package koffi cannot be loaded: ${messageOf(error)}` };
  }
}

function bind(place: string, koffi: Koffi): SystemCalls {
  const system = koffi.load(null);
  return {
    place,
    createFile: system.func("int memfd_create(const char *name, unsigned int flags)") as SystemCalls["createFile"],
    closeFile: system.func("int close(int descriptor)") as SystemCalls["closeFile"],
    map: system.func("void *mmap(void *address, size_t size, int protection, int flags, int descriptor, int64_t offset)") as SystemCalls["map"],
    unmap: system.func("int munmap(void *address, size_t size)") as SystemCalls["unmap"],
    advise: system.func("int madvise(void *address, size_t size, int advice)") as SystemCalls["advise"],
    copy: system.func("void memcpy(void *to, const void *from, size_t size)"),
    view: koffi.view,
    addressOf: koffi.address,
    schedulingPolicy: system.func("int sched_getscheduler(int thread)") as SystemCalls["schedulingPolicy"],
    setSchedulingPolicy: system.func("int sched_setscheduler(int thread, int policy, const int *priority)") as SystemCalls["setSchedulingPolicy"],
    errno: koffi.errno,
    allocator: bindAllocator(system),
  };
}

/** Only glibc can be tuned. */
function bindAllocator(system: System): Allocator | undefined {
  try {
    return {
      tune: system.func("int mallopt(int parameter, int value)") as Allocator["tune"],
      allocate: system.func("void *malloc(size_t size)") as Allocator["allocate"],
      free: system.func("void free(void *address)"),
    };
  } catch {
    return undefined;
  }
}

/** As dure sees it, else as the program does. `moduleUrl` is undefined in a bundle of CommonJS format, which has no `import.meta`. */
function findKoffi(moduleUrl: string | undefined): string | undefined {
  for (const from of [moduleUrl, process.argv[1], join(process.cwd(), "package.json")]) {
    try {
      if (from !== undefined) return createRequire(from).resolve("koffi");
    } catch {
      // Not from there.
    }
  }
  return undefined;
}

/** The address of a file's content, or why the system gives none. */
export function mapShared(calls: SystemCalls, descriptor: number, size: number): Address | NoSystemCalls {
  const address = calls.map(null, size, READ_AND_WRITE, SHARED, descriptor, 0);
  return BigInt.asIntN(64, address) === -1n ? refusal("mmap", calls) : address;
}

/** The descriptor of a new file without a name in memory, or why the system gives none. */
export function createMemoryFile(calls: SystemCalls, name: string): number | NoSystemCalls {
  const descriptor = calls.createFile(name, CLOSE_ON_EXEC);
  if (descriptor < 0) return refusal("memfd_create", calls);
  try {
    // Threads of Node's warn of descriptors that are closed and that they have not opened.
    return openSync(`/proc/self/fd/${descriptor}`, "r+");
  } catch (error) {
    return { reason: messageOf(error) };
  } finally {
    calls.closeFile(descriptor);
  }
}

function refusal(call: string, calls: SystemCalls): NoSystemCalls {
  return { reason: `the system refuses shared memory (${call}, error ${calls.errno()})` };
}
