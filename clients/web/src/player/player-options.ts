import type { Clock } from "../feed/clock.js";
import type { DecodingPlatform } from "../speech/decoding-platform.js";

/** Settings of a player. */
export interface PlayerOptions {
  /**
   * Milliseconds that the speech of a turn which the gateway did not pace may wait for motion. 0: none. Default 1500,
   * as at the gateway.
   */
  readonly maxMotionWaitMs?: number;
  /** Bytes that may wait to be heard; beyond, the oldest of it is left out. Default 16 MiB. */
  readonly maxHeldBytes?: number;
  /** Sees speech as it is decoded, a few seconds before it is heard: samples from -1 to 1, at their place in the turn. */
  readonly onSpeech?: (turnId: string, firstSample: number, samples: Float32Array) => void;
  /** Sees why speech could not be decoded; it is silent then, and goes on. */
  readonly onProblem?: (turnId: string, message: string) => void;
  /** For tests: what decodes Ogg Opus. Default: the browser's. */
  readonly decoding?: DecodingPlatform;
  /** For tests. */
  readonly clock?: Clock;
}
