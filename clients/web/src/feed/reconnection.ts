import type { FeedOptions } from "./options.js";
import { retryWait } from "./retry.js";
import { waitToRetry } from "./wake.js";

/** An attempt that is waited for. */
export interface NextAttempt {
  /** Counts the attempts since the last progress, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  callOff(): void;
}

/** When a lost connection is tried again, by how the attempts before went. */
export class Reconnection {
  readonly #options: FeedOptions;
  #attempt = 0;
  #serverLeaves = false;
  #settleTimer: unknown;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** A connection is open. One that lasts is progress, even where nothing is said. */
  opened(): void {
    const { clock, retry } = this.#options;
    this.#settleTimer = clock.setTimeout(() => this.progressed(), retry.maxDelayMs);
  }

  progressed(): void {
    this.#attempt = 0;
  }

  /** The server said that it leaves: it did not fail, and there is no reason to wait longer than at first. */
  serverLeaves(): void {
    this.#serverLeaves = true;
  }

  /** The connection is over. */
  ended(): void {
    this.#options.clock.clearTimeout(this.#settleTimer);
  }

  /** Waits and tries again; undefined where that was done too often. */
  next(retryAfterMs: number, again: () => void): NextAttempt | undefined {
    const { retry, clock, random, wake } = this.#options;
    if (this.#attempt >= retry.maxAttempts) {
      return undefined;
    }
    this.#attempt++;
    const wait = retryWait(retry, this.#serverLeaves ? 1 : this.#attempt, retryAfterMs, random);
    this.#serverLeaves = false;
    const callOff = waitToRetry(wait, clock, wake, (woken) => {
      // The world has changed: what failed before says little.
      this.#attempt = woken ? 0 : this.#attempt;
      again();
    });
    return { attempt: this.#attempt, delayMs: wait.delayMs, callOff };
  }
}
