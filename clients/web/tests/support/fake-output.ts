import type { AudioOutput, AudioVoice, SoundState } from "../../src/player/audio-output.js";

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
  latency = 0;
  /** Voices that have ended are forgotten, in tests of long turns; how many there ever were, and the most at a time. */
  forgets = false;
  played = 0;
  mostAtOnce = 0;
  #sound: SoundState = "running";
  readonly #listeners = new Set<() => void>();
  readonly voices: FakeVoice[] = [];
  readonly #rate: number;

  constructor(rate: number) {
    this.#rate = rate;
  }

  get sound(): SoundState {
    return this.#sound;
  }

  set sound(sound: SoundState) {
    this.#sound = sound;
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  get isRunning(): boolean {
    return this.sound === "running";
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get heardAt(): number {
    return Math.max(0, this.now - this.latency);
  }

  play(samples: Float32Array<ArrayBuffer>, _rate: number, startsAt: number, onEnded: () => void): AudioVoice {
    const voice: FakeVoice = { samples, startsAt, stopped: false, ended: false, onEnded };
    this.voices.push(voice);
    this.played++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.live.length);
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
    if (this.forgets) {
      this.voices.splice(0, this.voices.findIndex((voice) => !voice.ended && !voice.stopped));
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
