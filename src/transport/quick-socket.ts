// Sockets without what a stream does for each message: a buffer of its own to read into, and a write that takes some calls
// and a tick. Until V8 has optimised all that, it is a fifth of what a task costs its caller.
//
// Node gives nobody a socket to a child that reads into one buffer: what lies under a child's socket is put into a new one.
// That is undocumented and the same in every version of Node so far. Where it is missing, streams do it.

import { writeSync } from "node:fs";
import { type ConnectOpts, type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";

/** Bytes read at once. Smaller: more system calls for large messages. Larger: memory in each thread that reads. */
const READ_SIZE = 65_536;

/** What lies under a socket. */
interface WithHandle {
  _handle?: { readonly fd?: unknown } | null;
}

let oneBuffer: Buffer<ArrayBuffer> | undefined;

/** All sockets of a thread read into the same buffer: `take` is done with its bytes when it returns. */
export function intoOneBuffer(take: (bytes: Uint8Array) => void): OnReadOpts {
  return {
    buffer: (oneBuffer ??= Buffer.allocUnsafeSlow(READ_SIZE)),
    callback(length, buffer) {
      take(buffer.subarray(0, length));
      return true;
    },
  };
}

/** Hands on what arrives, if nothing could have arrived before. Returns the socket that tells of the rest: it may be another. */
export function readQuickly(socket: Socket, take: (bytes: Uint8Array) => void): Socket {
  const handle = (socket as WithHandle)._handle;
  if (typeof handle === "object" && handle !== null) {
    const options: SocketConstructorOpts & ConnectOpts & { handle: object } = { handle, readable: true, writable: false, onread: intoOneBuffer(take) };
    const quick = new Socket(options);
    if ((quick as WithHandle)._handle === handle) {
      // Whoever looks after the child would go on with it.
      (socket as WithHandle)._handle = null;
      return quick;
    }
  }
  return socket.on("data", take);
}

/** Hands to the system at once what that takes at once. The rest, and what comes while there is a rest, goes by the stream. */
export function writeQuickly(socket: Socket, bytes: Uint8Array): void {
  const written = socket.writableLength === 0 ? writeAtOnce(socket, bytes) : 0;
  if (written < bytes.byteLength) socket.write(written === 0 ? bytes : bytes.subarray(written));
}

function writeAtOnce(socket: Socket, bytes: Uint8Array): number {
  const descriptor = (socket as WithHandle)._handle?.fd;
  if (typeof descriptor !== "number" || descriptor < 0) return 0;
  try {
    return writeSync(descriptor, bytes);
  } catch {
    // It is full, or the other side is gone: the stream waits, or says so.
    return 0;
  }
}
