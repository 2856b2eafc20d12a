import type { PlayerTurn } from "./player-turn.js";

/** A player's turns in the order of the log: the one at hand, and those that wait. What they hold is bounded. */
export class TurnQueue implements Iterable<PlayerTurn> {
  readonly #maxHeldBytes: number;
  readonly #turns: PlayerTurn[] = [];
  #skippedMs = 0;

  constructor(maxHeldBytes: number) {
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** The turn at hand. */
  get current(): PlayerTurn | undefined {
    return this.#turns[0];
  }

  /** The turn that was begun last. */
  get last(): PlayerTurn | undefined {
    return this.#turns.at(-1);
  }

  /** Bytes that wait, of all turns. */
  get heldBytes(): number {
    return this.#turns.reduce((sum, turn) => sum + turn.heldBytes, 0);
  }

  /** Speech left out so far for want of room. */
  get skippedMs(): number {
    return this.#skippedMs;
  }

  /** Those that are there now: one may be dropped on the way. */
  [Symbol.iterator](): Iterator<PlayerTurn> {
    return [...this.#turns].values();
  }

  find(turnId: string): PlayerTurn | undefined {
    return this.#turns.find((turn) => turn.id === turnId);
  }

  add(turn: PlayerTurn): void {
    this.#turns.push(turn);
  }

  /** Takes a turn out, and silences it for good. */
  drop(turn: PlayerTurn): void {
    turn.learn();
    turn.stop();
    this.#turns.splice(this.#turns.indexOf(turn), 1);
  }

  /**
   * Memory is bounded: a viewer too far behind loses the rest of the turn at hand when another waits, else speech of that
   * turn. Not acknowledging would not keep it for later: the relay ends the feed of a reader that takes nothing for 15 s.
   * `heardAt`: time of the audio clock that is heard.
   */
  makeRoom(heardAt: number): void {
    const limit = this.#maxHeldBytes;
    while (this.heldBytes > limit) {
      const [turn] = this.#turns;
      if (turn === undefined) {
        return;
      }
      if (this.#turns.length === 1) {
        // Far enough that it does not happen again at once.
        this.#skippedMs += turn.leap(limit / 2);
        return;
      }
      const heard = Math.max(turn.sampleAt(heardAt), 0);
      this.#skippedMs += (Math.max(0, turn.receivedTo - heard) * 1000) / turn.sampleRate;
      this.drop(turn);
    }
  }
}
