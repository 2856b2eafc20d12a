/** Seconds between the decision to play and the first sound, so that the audio thread is not surprised. */
const leadSeconds = 0.06;
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
  #notBefore: number;

  constructor(rate: number, notBefore = 0) {
    this.#rate = rate;
    this.#notBefore = notBefore;
  }

  /** The time at which a piece is to start. Pieces come in the order of their samples; a hole between stays silent. */
  place(now: number, firstSample: number, sampleCount: number): number {
    const last = this.#segments.at(-1);
    const endSample = firstSample + sampleCount;
    if (last !== undefined) {
      const joinsAt = last.startsAt + (firstSample - last.firstSample) / this.#rate;
      if (joinsAt >= now + guardSeconds) {
        last.endSample = endSample;
        return joinsAt;
      }
    }
    // On the grid of samples, so that pieces that join do so between samples.
    const earliest = Math.max(now + leadSeconds, this.#notBefore);
    const startsAt = Math.ceil(earliest * this.#rate) / this.#rate;
    this.#segments.push({ startsAt, firstSample, endSample });
    if (this.#segments.length > 2) {
      this.#segments.splice(0, this.#segments.findIndex((segment) => this.#endOf(segment) > now - 1));
    }
    return startsAt;
  }

  /** True before anything is placed. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** When the last placed sample has been played. */
  get endsAt(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? this.#notBefore : this.#endOf(last);
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
    this.#notBefore = 0;
  }

  #endOf(segment: Segment): number {
    return segment.startsAt + (segment.endSample - segment.firstSample) / this.#rate;
  }
}
