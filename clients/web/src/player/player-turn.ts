import type { AudioEvent, MotionEvent } from "../feed/events.js";
import { keyframeRate } from "../turn/continuity.js";
import type { AudioOutput, AudioVoice } from "./audio-output.js";
import { PlaybackSchedule } from "./playback-schedule.js";
import { decodePoses, interpolate, type Pose } from "./pose.js";

interface Piece {
  readonly firstSample: number;
  readonly samples: Float32Array<ArrayBuffer>;
}

/** A turn in the player: its media by their places on the turn's timeline, and where that lies on the audio clock. */
export class PlayerTurn {
  readonly id: string;
  readonly ordinal: number;
  readonly sampleRate: number;
  /** Set by a gap that may have swallowed the turn's end. */
  endMayBeLost = false;
  readonly #poses: Pose[] = [];
  readonly #voices = new Set<AudioVoice>();
  /** What has not been heard whole: a pause begins again with it. */
  #pieces: Piece[] = [];
  #schedule: PlaybackSchedule;
  #output: AudioOutput | undefined;
  #onPieceEnded: () => void = () => undefined;
  #nextSample: number | undefined;
  #complete = false;
  #ended = false;
  #pausedAtSample: number | undefined;

  constructor(id: string, ordinal: number, sampleRate: number) {
    this.id = id;
    this.ordinal = ordinal;
    this.sampleRate = sampleRate;
    this.#schedule = new PlaybackSchedule(sampleRate);
  }

  get begun(): boolean {
    return this.#output !== undefined;
  }

  /** Nothing more comes of it. */
  get ended(): boolean {
    return this.#ended;
  }

  get paused(): boolean {
    return this.#pausedAtSample !== undefined;
  }

  /** The poses by keyframe; sparse where motion is missing. */
  get poses(): readonly (Pose | undefined)[] {
    return this.#poses;
  }

  /** Samples that have come, counted from the turn's start. */
  get samples(): number {
    return this.#nextSample ?? 0;
  }

  addAudio(audio: AudioEvent): void {
    this.#complete ||= audio.last;
    const known = Math.max(0, (this.#nextSample ?? 0) - audio.firstSample);
    if (this.#ended || audio.sampleCount <= known) {
      return;
    }
    this.#nextSample = audio.firstSample + audio.sampleCount;
    const piece = { firstSample: audio.firstSample + known, samples: floats(audio.data, known) };
    this.#pieces.push(piece);
    if (this.#output !== undefined && !this.paused) {
      this.#play(piece, this.#output);
    }
  }

  addMotion(motion: MotionEvent): void {
    decodePoses(motion.envelope).forEach((pose, i) => {
      this.#poses[motion.firstKeyframe + i] = pose;
    });
  }

  /** All its audio is here. */
  seal(): void {
    this.#complete = true;
  }

  /** Nothing more comes of it; what is here is played out. */
  end(): void {
    this.#ended = true;
    this.setPaused(false);
  }

  /** It is this turn's go. */
  begin(output: AudioOutput, notBefore: number, onPieceEnded: () => void): void {
    this.#output = output;
    this.#onPieceEnded = onPieceEnded;
    this.#schedule = new PlaybackSchedule(this.sampleRate, notBefore);
    for (const piece of this.#pieces) {
      this.#play(piece, output);
    }
  }

  /** Silences it at once. */
  stop(): void {
    for (const voice of this.#voices) {
      voice.stop();
    }
    this.#voices.clear();
  }

  setPaused(paused: boolean): void {
    if (paused === this.paused || this.#output === undefined) {
      return;
    }
    if (paused) {
      this.#pausedAtSample = Math.floor(this.sampleAt(this.#output.heardAt));
      this.stop();
      this.#schedule.clear();
      return;
    }
    const from = this.#pausedAtSample ?? 0;
    this.#pausedAtSample = undefined;
    for (const piece of this.#pieces) {
      const known = Math.max(0, from - piece.firstSample);
      if (known < piece.samples.length) {
        this.#play({ firstSample: piece.firstSample + known, samples: piece.samples.slice(known) }, this.#output);
      }
    }
  }

  /** Sample that is heard at a time of the audio clock. */
  sampleAt(time: number): number {
    return this.#pausedAtSample ?? this.#schedule.sampleAt(time);
  }

  isSounding(time: number): boolean {
    return !this.paused && this.#schedule.isSounding(time);
  }

  /** When its last sample of those here has been played. */
  get endsAt(): number {
    return this.#schedule.endsAt;
  }

  /** True when all of it has been played, and no more comes. */
  isOver(time: number): boolean {
    const known = this.#complete || this.#ended;
    return known && this.begun && !this.paused && (this.#schedule.isEmpty || time >= this.#schedule.endsAt);
  }

  /** The pose at a sample, between its two keyframes; undefined where motion has not come. */
  poseAt(sample: number): Pose | undefined {
    const at = Math.min((sample * keyframeRate) / this.sampleRate, Math.max(0, this.#poses.length - 1));
    const from = this.#poses[Math.floor(at)];
    const to = this.#poses[Math.ceil(at)];
    return from && to ? interpolate(from, to, at - Math.floor(at)) : from;
  }

  #play(piece: Piece, output: AudioOutput): void {
    const startsAt = this.#schedule.place(output.now, piece.firstSample, piece.samples.length);
    const voice = output.play(piece.samples, this.sampleRate, startsAt, () => {
      this.#voices.delete(voice);
      this.#forgetHeard(piece);
      this.#onPieceEnded();
    });
    this.#voices.add(voice);
  }

  #forgetHeard(piece: Piece): void {
    const end = piece.firstSample + piece.samples.length;
    this.#pieces = this.#pieces.filter((other) => other.firstSample + other.samples.length > end);
  }
}

/** 16-bit little-endian samples as numbers from -1 to 1, from a sample on. */
function floats(data: Uint8Array, from: number): Float32Array<ArrayBuffer> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const samples = new Float32Array(data.length / 2 - from);
  for (let i = 0; i < samples.length; i++) {
    samples[i] = view.getInt16((from + i) * 2, true) / 32768;
  }
  return samples;
}
