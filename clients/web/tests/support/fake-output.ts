import type { AudioOutput, AudioVoice } from "../../src/player/audio-output.js";

interface FakeVoice {
  readonly samples: Float32Array;
  readonly startsAt: number;
  stopped: boolean;
  ended: boolean;
  readonly onEnded: () => void;
}

/** An audio clock that the test moves, and what is played on it. */
export class FakeOutput implements AudioOutput {
  now = 0;
  isRunning = true;
  latency = 0;
  readonly voices: FakeVoice[] = [];
  readonly #rate: number;

  constructor(rate: number) {
    this.#rate = rate;
  }

  get heardAt(): number {
    return Math.max(0, this.now - this.latency);
  }

  play(samples: Float32Array<ArrayBuffer>, _rate: number, startsAt: number, onEnded: () => void): AudioVoice {
    const voice: FakeVoice = { samples, startsAt, stopped: false, ended: false, onEnded };
    this.voices.push(voice);
    return { stop: () => (voice.stopped = true) };
  }

  /** Lets the audio clock run; the sources that end say so. A suspended one stands still. */
  run(seconds: number): void {
    if (!this.isRunning) {
      return;
    }
    this.now += seconds;
    for (const voice of this.voices) {
      if (!voice.ended && !voice.stopped && voice.startsAt + voice.samples.length / this.#rate <= this.now) {
        voice.ended = true;
        voice.onEnded();
      }
    }
  }

  /** Voices that sound or will. */
  get live(): FakeVoice[] {
    return this.voices.filter((voice) => !voice.stopped && !voice.ended);
  }

  /** True when the voices that were not stopped follow each other sample by sample. */
  get isGapless(): boolean {
    const voices = this.voices.filter((voice) => !voice.stopped);
    return voices.every((voice, i) => {
      const before = voices[i - 1];
      const end = before && (before.startsAt + before.samples.length / this.#rate) * this.#rate;
      return end === undefined || Math.abs(end - voice.startsAt * this.#rate) < 1e-6;
    });
  }
}
