import { testRung } from "./all-cases.js";
import { threads } from "./threads.js";

testRung(threads);
