// Sockets that are read into one buffer and written at once.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { readQuickly, writeQuickly } from "#dure/transport/quick-socket.js";

/** Says back what it is told, and ends when that does. */
const ECHO = "process.stdin.pipe(process.stdout)";

/** Two ends of a connection. */
async function connection(): Promise<[near: Socket, far: Socket]> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [far] = (await once(server, "connection")) as [Socket];
  if (near.connecting) await once(near, "connect");
  server.close();
  return [near, far];
}

/** Bytes that are different at each place, as far as a byte can tell. */
function bytesOf(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) % 251);
}

test("readQuickly() hands on what a child says, and its socket closes when the child has ended", async () => {
  const child = spawn(process.execPath, ["-e", ECHO], { stdio: ["pipe", "pipe", "inherit"] });
  const received: Buffer[] = [];
  const socket = readQuickly(child.stdout as Socket, (bytes) => received.push(Buffer.from(bytes)));
  assert.notEqual(socket, child.stdout);
  const sent = bytesOf(300_000);
  child.stdin.end(sent);
  await once(socket, "close");
  assert.ok(Buffer.concat(received).equals(sent));
});

test("readQuickly() reads what has nothing under it as any stream", async () => {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const received: Buffer[] = [];
  const socket = readQuickly(stream as Socket, (bytes) => received.push(Buffer.from(bytes)));
  assert.equal(socket, stream);
  stream.push(bytesOf(10));
  stream.push(null);
  await once(stream, "end");
  assert.ok(Buffer.concat(received).equals(bytesOf(10)));
});

test("writeQuickly() loses nothing and keeps the order, also of more than the system takes at once", async () => {
  const [near, far] = await connection();
  const parts = [10, 5_000_000, 20, 3_000_000, 1].map((length, index) => bytesOf(length, index));
  for (const part of parts) writeQuickly(near, part);
  assert.ok(near.writableLength > 0, "the system has taken all of it");
  near.end();
  const received: Buffer[] = [];
  for await (const chunk of far) received.push(chunk as Buffer);
  assert.ok(Buffer.concat(received).equals(Buffer.concat(parts)));
});

test("writeQuickly() to a side that is gone throws nothing: the socket says so", async () => {
  const [near, far] = await connection();
  far.resetAndDestroy();
  const failed = once(near, "error");
  writeQuickly(near, bytesOf(10));
  writeQuickly(near, bytesOf(10));
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.match(error.code ?? "", /^(EPIPE|ECONNRESET)$/);
});
