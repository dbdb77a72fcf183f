// Every fault at every stage, on processes.

import { tryCells } from "./try-cells.ts";

tryCells("processes");
