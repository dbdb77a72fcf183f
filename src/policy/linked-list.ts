// A doubly linked list through its members' own fields: a member is in one list at most, and leaves it in constant
// time from wherever it is. The queue's lanes, each worker's handed tasks and the idle workers are such lists.

/** What a member brings along. Only its list changes these. */
export interface Linked<T> {
  list: object | undefined;
  previous: T | undefined;
  next: T | undefined;
}

export class LinkedList<T extends Linked<T>> {
  first: T | undefined = undefined;
  last: T | undefined = undefined;
  length = 0;

  append(member: T): void {
    this.#link(this.last, member, undefined);
  }

  prepend(member: T): void {
    this.#link(undefined, member, this.first);
  }

  remove(member: T): void {
    const { previous, next } = member;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    member.list = undefined;
    member.previous = undefined;
    member.next = undefined;
    this.length -= 1;
  }

  /** Puts `newcomer` where `member` is. */
  replace(member: T, newcomer: T): void {
    const { previous, next } = member;
    this.remove(member);
    this.#link(previous, newcomer, next);
  }

  has(member: T): boolean {
    return member.list === this;
  }

  *[Symbol.iterator](): Generator<T> {
    let member = this.first;
    while (member !== undefined) {
      // Read first: the loop's body may take the member out.
      const next: T | undefined = member.next;
      yield member;
      member = next;
    }
  }

  #link(previous: T | undefined, member: T, next: T | undefined): void {
    member.list = this;
    member.previous = previous;
    member.next = next;
    if (previous === undefined) this.first = member;
    else previous.next = member;
    if (next === undefined) this.last = member;
    else next.previous = member;
    this.length += 1;
  }
}
