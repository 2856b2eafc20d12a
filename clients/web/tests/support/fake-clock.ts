import type { Clock } from "../../src/feed/clock.js";

/** A clock that stands still until it is told. */
export class FakeClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Map<number, { due: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): number {
    const timer = ++this.#order;
    this.#timers.set(timer, { due: this.#now + Math.max(0, delayMs), callback });
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and no timer runs: they are late at the next `advance`. */
  skip(ms: number): void {
    this.#now += ms;
  }

  /** Lets time pass; timers that fall due run in order, at their time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.due <= end).sort((a, b) => a[1].due - b[1].due || a[0] - b[0])[0];
      if (due === undefined) {
        break;
      }
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].due);
      due[1].callback();
    }
    this.#now = end;
  }
}
