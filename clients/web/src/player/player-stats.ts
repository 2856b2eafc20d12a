import type { AudioEncoding } from "../feed/events.js";
import type { SoundState } from "./audio-output.js";

/** What the player measures. Milliseconds, of the turn at hand unless it says otherwise; undefined where there is none. */
export interface PlayerStats {
  /** Whether sound is running; else why not. */
  readonly sound: SoundState;
  readonly encoding: AudioEncoding | undefined;
  /** What a turn waits before its first sound, for pieces that come late. Follows the network. */
  readonly bufferMs: number;
  /** By how much the latest piece was later than its place. */
  readonly jitterMs: number;
  /** How much later speech is heard than it could have been, had it been played when its first piece came. */
  readonly lagMs: number | undefined;
  /** How long its speech was held for motion here; 0 where the gateway paces. */
  readonly motionWaitMs: number | undefined;
  /** The greatest distance of picture from sound so far, with its sign. */
  readonly worstSkewMs: number | undefined;
  /** Speech that has been given to the audio device and is not heard; and that has come and is not heard. */
  readonly scheduledMs: number;
  readonly receivedMs: number;
  /** Times that speech ran dry before its end. */
  readonly underruns: number;
  /** Bytes that wait, of all turns. */
  readonly heldBytes: number;
  /** Speech left out since the player began, because more than `maxHeldBytes` waited. */
  readonly skippedMs: number;
  /** Turns and pieces that could not be decoded since the player began, and why the last one. */
  readonly decodeErrors: number;
  readonly lastDecodeError: string;
}
