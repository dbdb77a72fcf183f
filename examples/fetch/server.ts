// A server in a process of its own that answers after 50 ms. Says its URL to whoever has started it.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const ANSWER_MS = 50;

const server = createServer((request, response) => {
  setTimeout(() => response.end(`page ${request.url?.slice(1)}`), ANSWER_MS);
});
server.listen(0, "127.0.0.1", () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
// Ends with its parent.
process.on("disconnect", () => process.exit());
