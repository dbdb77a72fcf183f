// What the command line's exit codes mean. Shown by `dure --help`; scripts rely on them.

/** Everything ran, and all results agree. */
export const EXIT_OK = 0;
/** The function failed on a rung, or a rung's results differ from the serial ones. */
export const EXIT_FAILED = 1;
/** The command line, the module or the items are not what they must be. Nothing was run. */
export const EXIT_USAGE = 2;
/** The command could not go on: the input cannot be read, the output or the joblog cannot be written, or no worker starts. */
export const EXIT_BROKEN = 3;
/** Ctrl-C, as a shell reports it. */
export const EXIT_INTERRUPTED = 130;
/** SIGTERM, as a shell reports it. */
export const EXIT_TERMINATED = 143;
