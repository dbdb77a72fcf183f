// A binary heap whose members know their position, so that one may leave from the middle in logarithmic time: alarms
// that are no longer wanted, lanes of the queue that ran empty.

/** What a member brings along: where it is in its heap, -1 outside. Only the heap changes it. */
export interface HeapMember {
  position: number;
}

export class Heap<T extends HeapMember> {
  readonly #members: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get first(): T | undefined {
    return this.#members[0];
  }

  get length(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.position = this.#members.length;
    this.#members.push(member);
    this.#rise(member);
  }

  remove(member: T): void {
    const position = member.position;
    if (position < 0) return;
    const last = this.#members.pop() as T;
    member.position = -1;
    if (last === member) return;
    this.#put(last, position);
    this.#rise(last);
    this.#sink(last);
  }

  members(): readonly T[] {
    return this.#members;
  }

  #rise(member: T): void {
    while (member.position > 0) {
      const parent = this.#members[(member.position - 1) >> 1] as T;
      if (!this.#isBefore(member, parent)) return;
      this.#swap(member, parent);
    }
  }

  #sink(member: T): void {
    for (;;) {
      const child = this.#lesserChild(member.position);
      if (child === undefined || !this.#isBefore(child, member)) return;
      this.#swap(child, member);
    }
  }

  #lesserChild(position: number): T | undefined {
    const left = this.#members[2 * position + 1];
    const right = this.#members[2 * position + 2];
    if (left === undefined || right === undefined) return left;
    return this.#isBefore(right, left) ? right : left;
  }

  #swap(a: T, b: T): void {
    const position = a.position;
    this.#put(a, b.position);
    this.#put(b, position);
  }

  #put(member: T, position: number): void {
    this.#members[position] = member;
    member.position = position;
  }
}
