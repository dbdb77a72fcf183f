// Some faults at some stages, on threads that look at shared memory for their tasks while their pool looks for replies.

import { openAllWith } from "./cell.ts";
import { tryCells } from "./try-cells.ts";

openAllWith({ spin: 0.5 });
tryCells("threads", 22);
