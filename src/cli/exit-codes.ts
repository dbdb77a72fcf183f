// What the command line's exit codes mean. Shown by `dure --help`; scripts rely on them.

/** Everything ran, and all results agree. */
export const EXIT_OK = 0;
/** The function failed on a rung, or a rung's results differ from the serial ones. */
export const EXIT_FAILED = 1;
/** The command line, the module or the items are not what they must be. Nothing was run. */
export const EXIT_USAGE = 2;
