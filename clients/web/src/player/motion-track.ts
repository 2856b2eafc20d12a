import { interpolate, type Pose, poseLayout } from "./pose.js";

const poseBytes = poseLayout.length * Float32Array.BYTES_PER_ELEMENT;

/** A turn's poses by keyframe, from the first that is still of use; sparse where motion is missing. */
export class MotionTrack {
  #first = 0;
  #poses: (Pose | undefined)[] = [];

  /** The keyframe after the last that has come; 0 before any. */
  get end(): number {
    return this.#poses.length === 0 ? 0 : this.#first + this.#poses.length;
  }

  get bytes(): number {
    return this.#poses.length * poseBytes;
  }

  add(firstKeyframe: number, poses: readonly Pose[]): void {
    if (this.#poses.length === 0) {
      this.#first = Math.max(this.#first, firstKeyframe);
    }
    poses.forEach((pose, i) => {
      const at = firstKeyframe + i - this.#first;
      if (at >= 0) {
        this.#poses[at] = pose;
      }
    });
  }

  /** The pose between two keyframes, the last one after the end; undefined where motion has not come. */
  at(keyframe: number): Pose | undefined {
    const at = Math.min(keyframe - this.#first, this.#poses.length - 1);
    const from = this.#poses[Math.floor(at)];
    const to = this.#poses[Math.ceil(at)];
    return from && to ? interpolate(from, to, at - Math.floor(at)) : from;
  }

  /** Lets go of what is past; the last pose stays, to be shown until motion goes on. */
  forgetBefore(keyframe: number): void {
    const count = Math.min(Math.floor(keyframe) - this.#first, this.#poses.length - 1);
    // Not for each picture: it moves all that stays.
    if (count > 25) {
      this.#poses.splice(0, count);
      this.#first += count;
    }
  }
}
