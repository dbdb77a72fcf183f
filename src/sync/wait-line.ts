// Whose turn it is, in memory that threads share: a line of tickets, served in order. The ground of what coordinates
// threads. Nothing here sleeps or knows what a turn is for; README.md has the layout and every race.

/** Places in the line. A power of two below TICKETS. Smaller: who comes when it is full waits outside of the order. Larger: each line takes more memory. */
export const PLACES = 1024;

/** Tickets before they begin again. The slots tell laps apart by the ticket that is written in them. */
const TICKETS = 2 ** 15;
const TICKET_MASK = TICKETS - 1;

// The one word that says who is served and who comes next, so that each change of both is one step.
const NEXT_SHIFT = 15;
/** Whoever was served last has died, or has left its turn behind: for the next one to know. */
const ABANDONED = 2 ** 30;
/** Somebody found no place and waits for one. The sign bit. */
const OUTSIDE = -(2 ** 31);

const HEAD = 0;
const FIRST_SLOT = 1;
const SLOT_WORDS = 2;

/** Words of a line. */
export const LINE_WORDS: number = FIRST_SLOT + PLACES * SLOT_WORDS;

// States of a slot, beside the ticket that they are of.
const STATE_BITS = 3;
const STATE_MASK = 2 ** STATE_BITS - 1;
/** The slot's last user was another ticket: who has this one has not written it down yet. */
const NOT_ENTERED = 0;
const WAITING = 1;
/** Its turn has come and it has not noticed yet. */
const CALLED = 2;
const SERVED = 3;
const WITHDRAWN = 4;

/** What `take` gives if every place is taken. */
export const NO_PLACE = -1;
/** In what `take` and `claim` give: it is this ticket's turn. */
export const TURN: number = 2 ** 16;
/** Beside `TURN`: the turn before was abandoned. */
export const AFTER_ABANDONED: number = 2 ** 17;

/** The ticket in what `take` gives. */
export function ticketOf(taken: number): number {
  return taken & TICKET_MASK;
}

/** Who stands in lines. */
export interface Bystanders {
  /** Whether whoever has this mark may still act. */
  isAlive(who: number): boolean;
  /** Makes whoever has this mark look at its tickets. */
  wake(who: number): void;
  wakeAll(): void;
}

export class WaitLine {
  readonly #words: Int32Array;
  readonly #bystanders: Bystanders;

  /** `words` are `LINE_WORDS` words, all 0 for a new line. */
  constructor(words: Int32Array, bystanders: Bystanders) {
    this.#words = words;
    this.#bystanders = bystanders;
  }

  /** Whether nobody has a ticket. */
  get isEmpty(): boolean {
    const head = Atomics.load(this.#words, HEAD);
    return nextOf(head) === servingOf(head);
  }

  /**
   * Takes a ticket, with `TURN` if nobody was in line; `NO_PLACE` if it is full: then whoever waits is woken when it is not.
   * Whoever gets a ticket without `TURN` must `settle` before sleeping: its turn may have come before it was written down.
   * `onlyTurn`: takes none if somebody is in line.
   */
  take(who: number, onlyTurn: boolean): number {
    const words = this.#words;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      const ticket = nextOf(head);
      const inLine = (ticket - servingOf(head)) & TICKET_MASK;
      if (inLine > 0 && onlyTurn) return NO_PLACE;
      if (inLine === PLACES) {
        if (Atomics.compareExchange(words, HEAD, head, head | OUTSIDE) === head) return NO_PLACE;
        continue;
      }
      const slot = slotOf(ticket);
      const entry = stateWord(ticket, inLine === 0 ? SERVED : WAITING);
      const after = inLine === 0 ? withNext(head, ticket + 1) & ~ABANDONED : withNext(head, ticket + 1);
      if (Atomics.compareExchange(words, HEAD, head, after) !== head) continue;
      // No call and no jump back before the slot is written: a thread can be terminated only at those.
      Atomics.store(words, slot + 1, who);
      Atomics.store(words, slot, entry);
      if (inLine === 0) return ticket | TURN | ((head & ABANDONED) !== 0 ? AFTER_ABANDONED : 0);
      return ticket;
    }
  }

  /** Whether `claim` would find that its turn has come. Costs less while it has not. */
  isCalled(ticket: number): boolean {
    return Atomics.load(this.#words, slotOf(ticket)) === stateWord(ticket, CALLED);
  }

  /** Notices that a ticket's turn has come: `TURN` and perhaps more; 0 if it has not. */
  claim(ticket: number): number {
    const words = this.#words;
    if (!this.#change(ticket, stateWord(ticket, CALLED), SERVED)) return 0;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      if ((head & ABANDONED) === 0) return ticket | TURN;
      if (Atomics.compareExchange(words, HEAD, head, head & ~ABANDONED) === head) return ticket | TURN | AFTER_ABANDONED;
    }
  }

  /** Gives a ticket up. False if its turn has come meanwhile: then `claim` it. */
  withdraw(ticket: number): boolean {
    const waiting = stateWord(ticket, WAITING);
    return Atomics.compareExchange(this.#words, slotOf(ticket), waiting, stateWord(ticket, WITHDRAWN)) === waiting;
  }

  /** Ends the turn of the ticket that is served, and calls the next. */
  pass(isAbandoned: boolean): void {
    for (;;) {
      const head = Atomics.load(this.#words, HEAD);
      if (!this.#advance(head, isAbandoned ? ABANDONED : 0)) continue;
      if (nextOf(head) !== ((servingOf(head) + 1) & TICKET_MASK)) this.settle();
      return;
    }
  }

  /**
   * Does what is due: calls whoever's turn it is, passes over tickets that were given up and those of the dead. Anybody may
   * call it at any time. Whoever waits does when woken, as who should have done it may have died.
   */
  settle(): void {
    for (;;) {
      const head = Atomics.load(this.#words, HEAD);
      if (nextOf(head) === servingOf(head) || this.#settleFirst(head, servingOf(head))) return;
    }
  }

  /** Whether nothing more is due. */
  #settleFirst(head: number, ticket: number): boolean {
    const word = Atomics.load(this.#words, slotOf(ticket));
    switch (stateOf(word, ticket)) {
      case NOT_ENTERED:
        // Whoever has the ticket settles after entering it.
        return true;
      case WAITING:
        return this.#isAlive(ticket) ? this.#call(ticket, word) : this.#passOver(head, 0);
      case CALLED:
        // It has not begun anything that could be left half done.
        return this.#isAlive(ticket) || this.#passOver(head, 0);
      case SERVED:
        return this.#isAlive(ticket) || this.#passOver(head, ABANDONED);
      default:
        return this.#passOver(head, 0);
    }
  }

  /** Something is due then. */
  #passOver(head: number, mark: number): false {
    this.#advance(head, mark);
    return false;
  }

  #call(ticket: number, word: number): boolean {
    const who = Atomics.load(this.#words, slotOf(ticket) + 1);
    if (!this.#change(ticket, word, CALLED)) return false;
    this.#bystanders.wake(who);
    return true;
  }

  #isAlive(ticket: number): boolean {
    return this.#bystanders.isAlive(Atomics.load(this.#words, slotOf(ticket) + 1));
  }

  #change(ticket: number, word: number, state: number): boolean {
    return Atomics.compareExchange(this.#words, slotOf(ticket), word, stateWord(ticket, state)) === word;
  }

  /** Serves the next ticket, if `head` is still the head: so that of several who see that it is due one does it. */
  #advance(head: number, mark: number): boolean {
    const after = withServing(head, servingOf(head) + 1) & ~OUTSIDE;
    if (Atomics.compareExchange(this.#words, HEAD, head, after | mark) !== head) return false;
    if ((head & OUTSIDE) !== 0) this.#bystanders.wakeAll();
    return true;
  }
}

function servingOf(head: number): number {
  return head & TICKET_MASK;
}

function nextOf(head: number): number {
  return (head >> NEXT_SHIFT) & TICKET_MASK;
}

function withServing(head: number, serving: number): number {
  return (head & ~TICKET_MASK) | (serving & TICKET_MASK);
}

function withNext(head: number, next: number): number {
  return (head & ~(TICKET_MASK << NEXT_SHIFT)) | ((next & TICKET_MASK) << NEXT_SHIFT);
}

function slotOf(ticket: number): number {
  return FIRST_SLOT + (ticket & (PLACES - 1)) * SLOT_WORDS;
}

function stateWord(ticket: number, state: number): number {
  return (ticket << STATE_BITS) | state;
}

function stateOf(word: number, ticket: number): number {
  return word >> STATE_BITS === ticket ? word & STATE_MASK : NOT_ENTERED;
}
