import { ThreadPoolExecutor } from "dure";
import { messagingCases, testRung } from "./all-cases.js";
import { threads } from "./threads.js";

const skips = threads.skips.filter(({ rule }) => messagingCases.some((conformance) => conformance.rule === rule));

testRung({ ...threads, name: "threads spinning", open: (options) => new ThreadPoolExecutor({ spin: 0.5, ...options }), skips }, messagingCases);
