import type { AudioEncoding, AudioEvent, MotionEvent } from "../feed/events.js";

/** Keyframes a second, on every session. */
export const keyframeRate = 25;

/**
 * How far a turn's media has come without a hole. A feed that begins anew brings a turn again from its start: what
 * is known already is recognised by its place on the turn's timeline, not by its sequence.
 */
export class TurnContinuity {
  readonly #encoding: AudioEncoding;
  #samples = 0;
  #keyframes = 0;
  #audioBroken = false;
  #motionBroken = false;

  constructor(encoding: AudioEncoding) {
    this.#encoding = encoding;
  }

  /** Samples that have come, from the turn's start. */
  get samples(): number {
    return this.#samples;
  }

  /** Keyframes that have come, from the turn's start. */
  get keyframes(): number {
    return this.#keyframes;
  }

  /** True once audio is missing: what comes later has no place. */
  get audioBroken(): boolean {
    return this.#audioBroken;
  }

  /** The part of the audio that is new and joins what came; undefined when there is none. */
  takeAudio(audio: AudioEvent): Uint8Array | undefined {
    const known = this.#samples - audio.firstSample;
    // Only PCM can be cut anywhere: other audio that overlaps does not join.
    if (known < 0 || (known > 0 && audio.sampleCount > known && this.#encoding !== "pcmS16le")) {
      this.#audioBroken = true;
    }
    if (this.#audioBroken || audio.sampleCount <= known) {
      return undefined;
    }
    this.#samples = audio.firstSample + audio.sampleCount;
    return known === 0 ? audio.data : audio.data.subarray(known * 2);
  }

  /** Whether motion is new, joins what came, and moves audio that came. */
  takeMotion(motion: MotionEvent, sampleRate: number): boolean {
    const end = motion.firstKeyframe + motion.keyframeCount;
    if (motion.keyframeCount <= 0 || end <= this.#keyframes) {
      return false;
    }
    const heardFrom = (motion.firstKeyframe * sampleRate) / keyframeRate;
    if (motion.firstKeyframe !== this.#keyframes || heardFrom >= this.#samples) {
      this.#motionBroken = true;
    }
    if (this.#motionBroken) {
      return false;
    }
    this.#keyframes = end;
    return true;
  }
}
