/** What tests and the curious may read of the page, as `window.motionGateway`. It is one moment, not a live view. */
export interface Observation {
  readonly state: string;
  readonly playerState: string;
  readonly turnId: string;
  readonly turnState: string;
  /** Sample of the turn that is heard. */
  readonly audioClockSamples: number;
  /** Jaw opening that is shown, in radians; undefined where motion is missing. */
  readonly jaw: number | undefined;
  /** Keyframe that is shown, with its fraction. */
  readonly keyframe: number | undefined;
  /** What is shown minus what is heard, in milliseconds. */
  readonly skewMs: number | undefined;
  readonly receivedSequence: number;
  readonly turns: readonly { readonly id: string; readonly ordinal: number; readonly state: string }[];
  readonly errors: readonly string[];
}

/** Lets `window.motionGateway` be read, and nothing else. */
export function expose(observe: () => Observation): void {
  Object.defineProperty(window, "motionGateway", { get: () => Object.freeze(observe()) });
}
