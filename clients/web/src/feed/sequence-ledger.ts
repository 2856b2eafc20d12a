import type { Position, SequenceRange } from "./events.js";

/**
 * What the ledger says of something that came: `accepted`; `stale`, of a lower epoch, to be dropped; `reset`, of a
 * higher epoch, so all before is void; `violation`, which breaks the promise that no gap is silent.
 */
export type LedgerVerdict = "accepted" | "stale" | "reset" | "violation";

/** Checks that sequences and declared ranges are contiguous, and keeps the position that they reach. */
export class SequenceLedger {
  #position: Position | undefined;
  /** The highest epoch seen. It is kept where the position is forgotten: a lower one is over for good. */
  #epoch = 0;

  /** Up to where the log is processed; undefined before the first `begin`. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** A connection begins after `position`, which must be the ledger's own when it has one, and of no lower epoch. */
  begin(position: Position): LedgerVerdict {
    const own = this.#position;
    if (position.epoch >= this.#epoch && (own === undefined || position.epoch > own.epoch)) {
      this.#move(position.epoch, position.sequence);
      return own === undefined ? "accepted" : "reset";
    }
    return position.epoch === own?.epoch && position.sequence === own.sequence ? "accepted" : "violation";
  }

  /** A range is declared as left out. One that lies wholly before the position says nothing new. */
  skip(epoch: number, range: SequenceRange): LedgerVerdict {
    const own = this.#require();
    if (range.from < 1 || range.through < range.from) {
      return "violation";
    }
    if (epoch !== own.epoch) {
      return this.#otherEpoch(epoch, range.through);
    }
    if (range.from > own.sequence + 1) {
      return "violation";
    }
    this.#position = { epoch, sequence: Math.max(own.sequence, range.through) };
    return "accepted";
  }

  /** A payload came. The `discarded` range of an interrupt may stand for sequences that never did. */
  accept(epoch: number, sequence: number, discarded?: SequenceRange): LedgerVerdict {
    const own = this.#require();
    if (epoch !== own.epoch) {
      return this.#otherEpoch(epoch, sequence);
    }
    const next = own.sequence + 1;
    const declared = discarded !== undefined && discarded.from <= next && discarded.through >= sequence - 1;
    if (sequence !== next && !(sequence > next && declared)) {
      return "violation";
    }
    this.#position = { epoch, sequence };
    return "accepted";
  }

  /** Forgets the position: the feed begins anew, in no lower epoch. */
  forget(): void {
    this.#position = undefined;
  }

  #otherEpoch(epoch: number, sequence: number): LedgerVerdict {
    if (epoch < this.#require().epoch) {
      return "stale";
    }
    this.#move(epoch, sequence);
    return "reset";
  }

  #move(epoch: number, sequence: number): void {
    this.#epoch = epoch;
    this.#position = { epoch, sequence };
  }

  #require(): Position {
    if (this.#position === undefined) {
      throw new Error("The ledger has not begun.");
    }
    return this.#position;
  }
}
