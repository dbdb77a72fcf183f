import { testRung } from "./all-cases.js";
import { processes } from "./processes.js";

testRung(processes);
