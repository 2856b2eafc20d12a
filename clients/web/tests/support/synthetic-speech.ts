import { envelope } from "./payloads.js";

/** Sound that opens and closes like speech, and the face that goes with it. */
export interface SyntheticSpeech {
  readonly sampleRate: number;
  readonly samples: Int16Array;
  readonly keyframes: number;
  /** Motion Server message for some keyframes. */
  envelope(from: number, count: number): Uint8Array;
}

/** How far a mouth is open at a time, from 0 to 1: syllables in phrases. */
function opening(seconds: number): number {
  const phrase = Math.max(0, Math.sin((Math.PI * (seconds % 2.6)) / 2.2)) ** 0.4 * (seconds % 2.6 < 2.2 ? 1 : 0);
  const syllable = Math.max(0, Math.sin(2 * Math.PI * (2.1 * seconds + 0.35 * Math.sin(seconds * 3.1))));
  return phrase * syllable ** 0.8 * (0.7 + 0.3 * Math.sin(seconds * 7.3));
}

export function synthesize(seconds: number, sampleRate = 16_000): SyntheticSpeech {
  const samples = new Int16Array(Math.round(seconds * sampleRate));
  const resonators = [new Resonator(620, 90, sampleRate), new Resonator(1180, 110, sampleRate), new Resonator(2500, 160, sampleRate)];
  let phase = 0;
  for (let i = 0; i < samples.length; i++) {
    const t = i / sampleRate;
    phase += (118 + 18 * Math.sin(t * 1.7) + 9 * Math.sin(t * 5)) / sampleRate;
    const pulse = (phase % 1) < 0.08 ? 1 : -0.087;
    const voice = resonators.reduce((sum, resonator, r) => sum + resonator.next(pulse) / (r + 1), 0);
    samples[i] = Math.max(-32767, Math.min(32767, voice * opening(t) * 9000));
  }
  const keyframes = Math.max(1, Math.floor((samples.length * 25) / sampleRate));
  return {
    sampleRate,
    samples,
    keyframes,
    envelope(from, count) {
      const jaws = Array.from({ length: count }, (_, i) => 0.16 * opening((from + i) / 25));
      return envelope(jaws, (jaw, i) => shape(jaw / 0.16, (from + i) / 25));
    },
  };
}

function shape(open: number, t: number): object {
  const blink = Math.max(0, 1 - Math.abs(((t + 1.1) % 3.3) - 0.1) / 0.1);
  const expression = new Array<number>(100).fill(0);
  expression[0] = open;
  expression[1] = open * Math.sin(t * 2.3);
  expression[2] = open * Math.max(0, Math.sin(t * 3.7 + 2));
  expression[4] = 0.5 * open;
  const gaze = [0.04 * Math.sin(t * 0.9), 0.1 * Math.sin(t * 0.6), 0];
  return {
    neckPose: [0.05 * Math.sin(t * 1.9), 0.12 * Math.sin(t * 0.8), 0.04 * Math.sin(t * 0.5)],
    eyePose: [...gaze, ...gaze],
    eyeLid: [blink, blink],
    expression,
  };
}

class Resonator {
  readonly #a: number;
  readonly #b: number;
  #y1 = 0;
  #y2 = 0;

  constructor(frequency: number, bandwidth: number, rate: number) {
    const radius = Math.exp((-Math.PI * bandwidth) / rate);
    this.#a = 2 * radius * Math.cos((2 * Math.PI * frequency) / rate);
    this.#b = -radius * radius;
  }

  next(x: number): number {
    const y = 0.1 * x + this.#a * this.#y1 + this.#b * this.#y2;
    this.#y2 = this.#y1;
    this.#y1 = y;
    return y;
  }
}
