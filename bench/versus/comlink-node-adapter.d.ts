// The package has this file's types beside it under another ending, where they are not found.
declare module "comlink/dist/esm/node-adapter.mjs" {
  import type { Endpoint } from "comlink";

  export default function nodeEndpoint(port: object): Endpoint;
}
