// CommonJS, as an ES module loads too late on Node 20: the pool's first message comes before, and is lost.
// oxlint-disable typescript/consistent-type-imports -- the types of what is required.
const { ClusterWorker } = require("poolifier") as typeof import("poolifier");
const { echo, increment, work } = require("../../tasks.js") as typeof import("../../tasks.ts");

module.exports = new ClusterWorker({ echo, increment, work } as never);
