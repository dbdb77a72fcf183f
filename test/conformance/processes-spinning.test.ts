import { ProcessPoolExecutor } from "dure";
import { messagingCases, testRung } from "./all-cases.js";
import { processes } from "./processes.js";

const skips = processes.skips.filter(({ rule }) => messagingCases.some((conformance) => conformance.rule === rule));

testRung({ ...processes, name: "processes spinning", open: (options) => new ProcessPoolExecutor({ spin: 0.5, ...options }), skips }, messagingCases);
