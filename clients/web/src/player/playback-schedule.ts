/** Seconds between the decision to play and the first sound, so that the audio thread is not surprised. */
const leadSeconds = 0.03;
/** A piece that is due sooner than this comes too late to join the one before without a click. */
const guardSeconds = 0.02;

interface Segment {
  readonly startsAt: number;
  readonly firstSample: number;
  endSample: number;
}

/**
 * Where a turn's samples lie on the audio clock. Pieces that come in time join without a seam; one that comes late
 * begins a new segment, and what was waited is not counted as heard. Times in seconds of the audio clock.
 */
export class PlaybackSchedule {
  readonly #rate: number;
  #segments: Segment[] = [];
  #leapt = false;

  constructor(rate: number) {
    this.#rate = rate;
  }

  /**
   * The time at which a piece is to start. Pieces come in the order of their samples; a hole between stays silent. Where
   * nothing is to be joined it starts at `earliest` at the soonest.
   */
  place(now: number, firstSample: number, sampleCount: number, earliest = 0): number {
    const last = this.#segments.at(-1);
    const endSample = firstSample + sampleCount;
    if (last !== undefined) {
      const joinsAt = this.#leapt ? this.#endOf(last) : last.startsAt + (firstSample - last.firstSample) / this.#rate;
      if (joinsAt >= now + guardSeconds) {
        if (this.#leapt) {
          this.#begin({ startsAt: joinsAt, firstSample, endSample }, now);
        } else {
          last.endSample = endSample;
        }
        return joinsAt;
      }
    }
    // On the grid of samples, so that pieces that join do so between samples.
    const soonest = Math.max(now + leadSeconds, earliest);
    const startsAt = Math.ceil(soonest * this.#rate) / this.#rate;
    this.#begin({ startsAt, firstSample, endSample }, now);
    return startsAt;
  }

  /** What is placed next follows what was placed last, wherever its samples belong. */
  leap(): void {
    this.#leapt = true;
  }

  #begin(segment: Segment, now: number): void {
    this.#leapt = false;
    this.#segments.push(segment);
    if (this.#segments.length > 2) {
      this.#segments.splice(0, this.#segments.findIndex((other) => this.#endOf(other) > now - 1));
    }
  }

  /** True before anything is placed. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** When the last placed sample has been played; 0 before any. */
  get endsAt(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? 0 : this.#endOf(last);
  }

  /** The sample that is heard at a time; between segments, and after the last, the end of the one before. */
  sampleAt(time: number): number {
    let heard = this.#segments[0]?.firstSample ?? 0;
    for (const segment of this.#segments) {
      if (segment.startsAt > time) {
        break;
      }
      heard = Math.min(segment.endSample, segment.firstSample + (time - segment.startsAt) * this.#rate);
    }
    return heard;
  }

  /** True while a placed sample is heard. */
  isSounding(time: number): boolean {
    return this.#segments.some((segment) => segment.startsAt <= time && time < this.#endOf(segment));
  }

  /** Forgets all places: what is placed next starts anew. */
  clear(): void {
    this.#segments = [];
    this.#leapt = false;
  }

  #endOf(segment: Segment): number {
    return segment.startsAt + (segment.endSample - segment.firstSample) / this.#rate;
  }
}
