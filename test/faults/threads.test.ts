// Every fault at every stage, on threads.

import { tryCells } from "./try-cells.ts";

tryCells("threads");
