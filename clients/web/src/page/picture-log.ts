import type { PlayerFrame } from "../player/player.js";
import { poseLayout } from "../player/pose.js";

/** Loudness from which on a mouth is expected to move: -28 dB of full scale. */
const speechLoudness = 0.04;
/** Radians by which a jaw differs from picture to picture when it moves. */
const movingJaw = 1e-5;

/** What was seen of a turn, over its pictures. */
export interface TurnPictures {
  /** Pictures while it sounded, and those of them within speech, not in its pauses. */
  readonly playing: number;
  readonly speaking: number;
  /** Of those within speech: the jaw was another than in the picture before; the keyframe was a later one. */
  readonly jawMoved: number;
  readonly followed: number;
  /** Picture minus sound by the player's clock: the worst, with its sign. Undefined where no motion came. */
  readonly worstSkewMs: number | undefined;
  /** The same by the audio device's own report, which is late now and then on a busy machine: the middle one and the worst. */
  readonly medianDeviceSkewMs: number | undefined;
  readonly worstDeviceSkewMs: number | undefined;
  /** Seconds of the turn that were heard over seconds of real time while it sounded; breaks are left out. */
  readonly clockRate: number | undefined;
  /** Seconds of real time that `clockRate` is measured over. */
  readonly clockSeconds: number;
  /** Breaks within its speech. */
  readonly breaks: number;
}

/** Skews kept of a turn, one in a few pictures when it is long. */
const maxSkews = 2000;

/** Counts, from picture to picture, whether the face follows what is heard. */
export class PictureLog {
  #counts = { playing: 0, speaking: 0, jawMoved: 0, followed: 0 };
  #skews: number[] = [];
  #worstSkewMs: number | undefined;
  #worstDeviceSkewMs: number | undefined;
  #before: { at: number; heard: number } | undefined;
  #realMs = 0;
  #heardSeconds = 0;
  #stretches = 0;
  #jaw: number | undefined;
  #keyframe: number | undefined;

  /**
   * Takes a picture of the turn.
   * @param now Milliseconds of real time.
   * @param heard Place in the turn that is heard, in seconds.
   * @param deviceSkewMs Picture minus sound by the audio device's own report.
   */
  add(frame: PlayerFrame, now: number, heard: number, loudness: number, deviceSkewMs: number | undefined): void {
    if (frame.state !== "playing") {
      this.#jaw = this.#keyframe = this.#before = undefined;
      return;
    }
    if (this.#before === undefined) {
      this.#stretches++;
    } else {
      this.#realMs += now - this.#before.at;
      this.#heardSeconds += heard - this.#before.heard;
    }
    this.#before = { at: now, heard };
    const jaw = frame.pose?.[poseLayout.jaw];
    this.#counts.playing++;
    if (loudness >= speechLoudness) {
      this.#counts.speaking++;
      this.#counts.jawMoved += isAnother(jaw, this.#jaw) ? 1 : 0;
      this.#counts.followed += frame.keyframe !== undefined && frame.keyframe > (this.#keyframe ?? -1) ? 1 : 0;
    }
    this.#jaw = jaw;
    this.#keyframe = frame.keyframe;
    this.#worstSkewMs = worse(this.#worstSkewMs, frame.skewMs);
    this.#worstDeviceSkewMs = worse(this.#worstDeviceSkewMs, deviceSkewMs);
    this.#keepSkew(deviceSkewMs);
  }

  get pictures(): TurnPictures {
    const sorted = [...this.#skews].sort((a, b) => a - b);
    const clockSeconds = this.#realMs / 1000;
    return {
      ...this.#counts,
      worstSkewMs: this.#worstSkewMs,
      medianDeviceSkewMs: sorted[Math.floor(sorted.length / 2)],
      worstDeviceSkewMs: this.#worstDeviceSkewMs,
      clockRate: clockSeconds > 0 ? this.#heardSeconds / clockSeconds : undefined,
      clockSeconds,
      breaks: Math.max(0, this.#stretches - 1),
    };
  }

  #keepSkew(skewMs: number | undefined): void {
    if (skewMs !== undefined) {
      this.#skews.push(skewMs);
    }
    if (this.#skews.length > maxSkews) {
      this.#skews = this.#skews.filter((_, i) => i % 2 === 0);
    }
  }
}

/** The one that is further from nothing. */
function worse(before: number | undefined, skewMs: number | undefined): number | undefined {
  return skewMs !== undefined && Math.abs(skewMs) >= Math.abs(before ?? 0) ? skewMs : before;
}

function isAnother(jaw: number | undefined, before: number | undefined): boolean {
  return jaw !== undefined && (before === undefined || Math.abs(jaw - before) > movingJaw);
}
