import type { Clock } from "../feed/clock.js";
import type { PlaybackReport } from "../feed/viewer-events.js";

/** Milliseconds between reports of where the playback is. */
const reportIntervalMs = 1000;

/** Tells the gateway where the playback is: each change at once, and now and then while a turn plays. */
export class PlaybackReporter {
  readonly #send: (report: PlaybackReport) => void;
  readonly #clock: Clock;
  #last: PlaybackReport | undefined;
  #lastAt = 0;

  constructor(send: (report: PlaybackReport) => void, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  report(report: PlaybackReport): void {
    const now = this.#clock.now();
    const same = this.#last?.turnId === report.turnId && this.#last.state === report.state;
    if (same && (report.state !== "playing" || now - this.#lastAt < reportIntervalMs)) {
      return;
    }
    this.#last = report;
    this.#lastAt = now;
    this.#send(report);
  }
}
