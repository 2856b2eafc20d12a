import { keyframeRate } from "../turn/continuity.js";

/** The loudest sample of each half of a keyframe, from 0 to 1: what a waveform is drawn from. And the jaw of each keyframe. */
export class SpeechTrace {
  readonly turnId: string;
  readonly peaks: number[] = [];
  readonly jaws: number[] = [];
  readonly samplesPerPeak: number;
  /** Samples of the turn so far. */
  samples = 0;

  constructor(turnId: string, sampleRate: number) {
    this.turnId = turnId;
    this.samplesPerPeak = sampleRate / keyframeRate / 2;
  }

  /** Takes samples from -1 to 1, at their place in the turn. */
  add(firstSample: number, samples: Float32Array): void {
    samples.forEach((sample, i) => {
      const peak = Math.floor((firstSample + i) / this.samplesPerPeak);
      this.peaks[peak] = Math.max(this.peaks[peak] ?? 0, Math.abs(sample));
    });
    this.reaches(firstSample + samples.length);
  }

  /** Speech has come up to a sample; it is drawn when it is decoded. */
  reaches(sample: number): void {
    this.samples = Math.max(this.samples, sample);
  }

  /** Takes jaw openings, from a keyframe on. */
  addJaws(firstKeyframe: number, jaws: readonly number[]): void {
    jaws.forEach((jaw, i) => (this.jaws[firstKeyframe + i] = jaw));
  }

  /** How loud it is at a sample, within half of a keyframe. */
  loudnessAt(sample: number): number {
    return this.peaks[Math.floor(sample / this.samplesPerPeak)] ?? 0;
  }
}
