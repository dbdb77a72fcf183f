// The descriptors that a worker process inherits beside standard input, output and error. Named from its side.

/** Messages of the worker. */
export const OUTGOING = 3;
/** Messages to the worker. */
export const INCOMING = 4;
/** Control words, or nothing. */
export const CLAIMS = 5;
