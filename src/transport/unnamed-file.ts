// Files that never have a name: nothing is left of them when those who have them open are gone.

/** Linux: `O_TMPFILE`, which Node does not name. */
export const UNNAMED = 0o20200000;
