/** What the player needs of WebAudio. Times in seconds of the audio clock. */
export interface AudioOutput {
  /** Time of the next sample to be rendered. */
  readonly now: number;
  /** Time of the sample that is heard. */
  readonly heardAt: number;
  /** False while the browser has not let sound begin, or has taken it away. */
  readonly isRunning: boolean;
  /** Plays samples from -1 to 1. */
  play(samples: Float32Array<ArrayBuffer>, sampleRate: number, startsAt: number, onEnded: () => void): AudioVoice;
}

/** Samples that play or are about to. */
export interface AudioVoice {
  /** Silences them at once. */
  stop(): void;
}

/** Plays by an `AudioContext`, one buffer source for each piece. */
export class WebAudioOutput implements AudioOutput {
  readonly #context: AudioContext;

  /** Takes the session's rate, so that pieces join without being resampled one by one; else the device's. */
  constructor(sampleRate: number) {
    this.#context = openContext(sampleRate);
  }

  get now(): number {
    return this.#context.currentTime;
  }

  get heardAt(): number {
    const { currentTime, outputLatency } = this.#context;
    // Some browsers tell no latency.
    return Math.max(0, currentTime - (outputLatency || 0));
  }

  /** What is heard by the device's own report: a second opinion on `heardAt`, for measuring. */
  get measuredHeardAt(): number {
    const { contextTime, performanceTime } = this.#context.getOutputTimestamp();
    if (!contextTime || !performanceTime || !this.isRunning) {
      return this.heardAt;
    }
    return contextTime + (performance.now() - performanceTime) / 1000;
  }

  get isRunning(): boolean {
    return this.#context.state === "running";
  }

  /** Asks the browser to let sound begin; it does after a gesture of the user. */
  async resume(): Promise<void> {
    await this.#context.resume();
  }

  onStateChange(listener: () => void): void {
    this.#context.onstatechange = listener;
  }

  play(samples: Float32Array<ArrayBuffer>, sampleRate: number, startsAt: number, onEnded: () => void): AudioVoice {
    const buffer = this.#context.createBuffer(1, samples.length, sampleRate);
    buffer.copyToChannel(samples, 0);
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    source.onended = () => {
      source.disconnect();
      onEnded();
    };
    source.start(startsAt);
    return {
      stop() {
        source.onended = null;
        source.stop();
        source.disconnect();
      },
    };
  }

  async close(): Promise<void> {
    this.#context.onstatechange = null;
    await this.#context.close();
  }
}

function openContext(sampleRate: number): AudioContext {
  try {
    return new AudioContext({ sampleRate, latencyHint: "interactive" });
  } catch {
    // The rate is outside of what this browser takes: each piece is resampled then.
    return new AudioContext({ latencyHint: "interactive" });
  }
}
