import type { AudioEvent } from "../feed/events.js";
import { keyframeRate } from "../turn/continuity.js";

/** The loudest sample of each half of a keyframe, from 0 to 1: what a waveform is drawn from. */
export class SpeechTrace {
  readonly turnId: string;
  readonly peaks: number[] = [];
  readonly samplesPerPeak: number;
  /** Samples of the turn so far. */
  samples = 0;

  constructor(turnId: string, sampleRate: number) {
    this.turnId = turnId;
    this.samplesPerPeak = sampleRate / keyframeRate / 2;
  }

  add(audio: AudioEvent): void {
    const { data, firstSample, sampleCount } = audio;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let i = 0; i < sampleCount; i++) {
      const peak = Math.floor((firstSample + i) / this.samplesPerPeak);
      const value = Math.abs(view.getInt16(i * 2, true)) / 32768;
      this.peaks[peak] = Math.max(this.peaks[peak] ?? 0, value);
    }
    this.samples = Math.max(this.samples, firstSample + sampleCount);
  }
}
