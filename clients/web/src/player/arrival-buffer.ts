/** Milliseconds that a turn's speech waits after its first piece came: at least, and at most. */
const leastMs = 60;
const mostMs = 400;
/** What is later than this is a pause of the speaker's, not of the network's: no buffer helps against it. */
const pauseMs = 500;
/** What is added to what was measured, as a share of it and in milliseconds; and by how many the buffer shrinks each second. */
const slackShare = 0.2;
const slackMs = 10;
const shrinkMsPerSecond = 4;

/**
 * How long speech waits before it is heard, so that pieces that come late still come in time. Begins small, grows at once to
 * what a piece was late, and shrinks slowly. Speech that comes ahead of playback never makes it grow. Milliseconds.
 */
export class ArrivalBuffer {
  #targetMs = leastMs;
  #jitterMs = 0;
  #anchor: number | undefined;
  #at = 0;

  /** What a turn that begins now is to wait. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** By how much the latest piece came later than its place, counted from the first that is heard without a break. */
  get jitterMs(): number {
    return this.#jitterMs;
  }

  /** Speech begins with the next piece, or goes on with it after a break. */
  restart(): void {
    this.#anchor = undefined;
  }

  /** A piece came. `placeMs`: where it begins on the turn's timeline. */
  arrived(now: number, placeMs: number): void {
    const passedSeconds = (now - this.#at) / 1000;
    this.#at = now;
    this.#targetMs = Math.max(leastMs, this.#targetMs - Math.max(0, passedSeconds) * shrinkMsPerSecond);
    const transit = now - placeMs;
    this.#anchor ??= transit;
    this.#jitterMs = Math.max(0, transit - this.#anchor);
    if (this.#jitterMs > 0 && this.#jitterMs < pauseMs) {
      this.#targetMs = Math.min(mostMs, Math.max(this.#targetMs, this.#jitterMs * (1 + slackShare) + slackMs));
    }
  }
}
