import type { PlayerStats } from "../player/player-stats.js";
import type { ViewerStep } from "./further-viewers.js";
import type { TurnPictures } from "./picture-log.js";

/** What tests and the curious may read of the page, as `window.motionGateway`. It is one moment, not a live view. */
export interface Observation {
  readonly state: string;
  readonly playerState: string;
  readonly turnId: string;
  readonly turnState: string;
  /** Sample of the turn that is heard. */
  readonly audioClockSamples: number;
  /** Seconds of the audio clock, and milliseconds of the page's, at the same moment: how fast the one runs by the other. */
  readonly audioClockSeconds: number;
  readonly pageMs: number;
  /** Jaw opening that is shown, in radians; undefined where motion is missing. */
  readonly jaw: number | undefined;
  /** Keyframe that is shown, with its fraction. */
  readonly keyframe: number | undefined;
  /** What is shown minus what is heard, in milliseconds. */
  readonly skewMs: number | undefined;
  readonly receivedSequence: number;
  readonly turns: readonly {
    readonly id: string;
    readonly ordinal: number;
    readonly state: string;
    /** How speech came: `pcmS16le` or `oggOpus`. */
    readonly encoding: string;
    /** The gateway held it for motion. */
    readonly paced: boolean;
    /** What was seen of it; absent before its first picture. */
    readonly pictures: TurnPictures | undefined;
  }[];
  /** The further viewers in the page. */
  readonly viewers: readonly ViewerStep[];
  /** What the player measures; absent before the feed is open. */
  readonly stats: PlayerStats | undefined;
  readonly errors: readonly string[];
}

/** Lets `window.motionGateway` be read, and nothing else. */
export function expose(observe: () => Observation): void {
  Object.defineProperty(window, "motionGateway", { get: () => Object.freeze(observe()) });
}
