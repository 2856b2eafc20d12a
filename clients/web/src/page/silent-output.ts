import type { AudioOutput, AudioVoice } from "../player/audio-output.js";

/** An output that is not heard: a second viewer beside one that is. Its clock is the page's. */
export class SilentOutput implements AudioOutput {
  readonly sound = "running";
  readonly isRunning = true;

  get now(): number {
    return performance.now() / 1000;
  }

  get heardAt(): number {
    return this.now;
  }

  play(samples: Float32Array<ArrayBuffer>, sampleRate: number, startsAt: number, onEnded: () => void): AudioVoice {
    const endsIn = startsAt + samples.length / sampleRate - this.now;
    const timer = setTimeout(onEnded, endsIn * 1000);
    return { stop: () => clearTimeout(timer) };
  }

  onChange(): () => void {
    return () => undefined;
  }
}
