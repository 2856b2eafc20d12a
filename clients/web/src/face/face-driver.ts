import { type Pose, poseLayout } from "../player/pose.js";
import { Blinking, GazeDrift } from "./idle-life.js";

/** What the drawing needs to know. Shares run from 0 to 1, or from -1 to 1 where they have two sides; angles in radians. */
export interface FaceShape {
  jaw: number;
  spread: number;
  round: number;
  teeth: number;
  brow: number;
  lids: [left: number, right: number];
  gazeX: number;
  gazeY: number;
  pitch: number;
  yaw: number;
  roll: number;
  breath: number;
}

/** FLAME's expressions are statistical, and motion uses each its own part of the range: what counts is the change. */
const baselineSeconds = 6;
/** The jaw of motion at rest: the drawn mouth is shut there. Radians. */
const restingJaw = 0.005;
/** Motion that opens this far opens the drawn mouth whole; one that opens further is drawn by its own widest. Radians. */
const smallestJawScale = 0.06;
const jawScaleSeconds = 25;
/** Seconds to pass between rest and motion. */
const easeSeconds = 0.12;

const channels = { spread: 1, round: 2, hiss: 3, brow: 4 } as const;

/** From poses to the shape of a drawn face, with the small life that a face needs while nothing moves it. */
export class FaceDriver {
  readonly #lively: boolean;
  readonly #blinking = new Blinking();
  readonly #gaze = new GazeDrift();
  readonly #baseline = new Float32Array(8);
  /** How far the head leans forward by nature. */
  #lean = 0;
  #jawScale = smallestJawScale;
  #presence = 0;
  #time = 0;
  #lidsMovedAt = Number.NEGATIVE_INFINITY;
  #last: Pose = new Float32Array(poseLayout.length);

  /** @param lively False for viewers who asked for less motion: the face then moves only as it speaks. */
  constructor(lively: boolean) {
    this.#lively = lively;
  }

  /** The shape after `seconds` more; without a pose the face comes to rest. */
  next(pose: Pose | undefined, seconds: number): FaceShape {
    this.#time += seconds;
    const step = seconds / easeSeconds;
    this.#presence = Math.max(0, Math.min(1, this.#presence + (pose === undefined ? -step : step)));
    if (pose !== undefined) {
      this.#learn(pose, seconds);
    }
    return this.#shape(this.#last, this.#presence);
  }

  #learn(pose: Pose, seconds: number): void {
    const lid = poseLayout.lids;
    if (Math.abs((pose[lid] ?? 0) - (this.#last[lid] ?? 0)) > 0.02) {
      this.#lidsMovedAt = this.#time;
    }
    for (let i = 0; i < this.#baseline.length; i++) {
      const value = pose[poseLayout.expression + i] ?? 0;
      this.#baseline[i]! += (value - this.#baseline[i]!) * Math.min(1, seconds / baselineSeconds);
    }
    this.#lean += ((pose[poseLayout.neck] ?? 0) - this.#lean) * Math.min(1, seconds / baselineSeconds);
    const jaw = Math.abs(pose[poseLayout.jaw] ?? 0);
    const decayed = this.#jawScale * Math.exp(-seconds / jawScaleSeconds);
    this.#jawScale = Math.max(smallestJawScale, jaw, decayed);
    this.#last = pose;
  }

  #shape(pose: Pose, presence: number): FaceShape {
    const at = (offset: number) => (pose[offset] ?? 0) * presence;
    const { rotation, neck, eyes, lids } = poseLayout;
    const [gazeX, gazeY] = this.#lively ? this.#gaze.at(this.#time) : [0, 0];
    // Motion whose lids rest for long leaves blinking to the drawing.
    const blink = this.#time - this.#lidsMovedAt > 5 && this.#lively ? this.#blinking.at(this.#time) : 0;
    const sway = this.#lively ? 0.012 : 0;
    return {
      jaw: presence * this.#jaw(pose),
      spread: presence * this.#change(pose, channels.spread),
      round: presence * this.#change(pose, channels.round),
      teeth: presence * Math.max(0, this.#change(pose, channels.hiss)),
      brow: presence * this.#change(pose, channels.brow),
      lids: [Math.max(blink, share(at(lids))), Math.max(blink, share(at(lids + 1)))],
      gazeX: clamp((at(eyes + 1) + at(eyes + 4)) * 1.6 + gazeX),
      gazeY: clamp((at(eyes) + at(eyes + 3)) * 1.6 + gazeY),
      pitch: 0.5 * Math.tanh(2 * (at(rotation) + at(neck) - this.#lean * presence)) + sway * Math.sin(this.#time * 0.9),
      yaw: 0.6 * Math.tanh(1.7 * (at(rotation + 1) + at(neck + 1))) + sway * 2 * Math.sin(this.#time * 0.53 + 1),
      roll: 0.3 * Math.tanh(3 * (at(rotation + 2) + at(neck + 2))) + sway * Math.sin(this.#time * 0.37 + 2),
      breath: this.#lively ? Math.sin(this.#time * 1.5) : 0,
    };
  }

  #jaw(pose: Pose): number {
    const opening = ((pose[poseLayout.jaw] ?? 0) - restingJaw) / (this.#jawScale - restingJaw);
    return share(opening) ** 1.1;
  }

  #change(pose: Pose, coefficient: number): number {
    return Math.tanh((pose[poseLayout.expression + coefficient] ?? 0) - (this.#baseline[coefficient] ?? 0));
  }
}

function share(value: number): number {
  return Math.max(0, Math.min(1, value));
}

function clamp(value: number): number {
  return Math.max(-1, Math.min(1, value));
}
