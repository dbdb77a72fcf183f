// What the walk has in place of a copy that only the receiver can make.

/** Stands for the copy of something that the receiver has to make. */
export class Made {
  readonly index: number;
  /** Of a function: whether each pack gives the same. */
  isFixed = true;

  constructor(index: number) {
    this.index = index;
  }
}
