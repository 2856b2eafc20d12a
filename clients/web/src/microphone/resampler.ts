/** Zero crossings of the filter on each side: beyond 60 dB of what would fold back is gone. */
const crossings = 16;
/** Part of the lower rate's band that is let through; the filter falls within the rest. */
const passed = 0.9;

/** Brings samples from one rate to another, the same however they are cut. A windowed sinc, computed once for each phase. */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #half: number;
  readonly #phases: Float32Array[];
  /** What the next sample still needs; its filter begins at `#next`. */
  #held: Float32Array;
  #next = 0;
  #phase = 0;

  /** Rates in hertz, whole numbers. */
  constructor(from: number, to: number) {
    const common = greatestDivisor(from, to);
    this.#up = to / common;
    this.#down = from / common;
    this.#half = Math.ceil(crossings * Math.max(1, from / to));
    // At the same rate the filter is one that changes nothing.
    const cutoff = from === to ? 1 : Math.min(1, to / from) * passed;
    this.#phases = Array.from({ length: this.#up }, (_, phase) => filter(phase / this.#up, this.#half, cutoff));
    // The first sample's filter reaches before it, into silence.
    this.#held = new Float32Array(this.#half - 1);
  }

  /** Takes samples; what can be told of the other rate by now. */
  push(samples: Float32Array): Float32Array {
    const input = new Float32Array(this.#held.length + samples.length);
    input.set(this.#held);
    input.set(samples, this.#held.length);
    const output: number[] = [];
    while (this.#next + 2 * this.#half <= input.length) {
      output.push(weigh(input, this.#next, this.#phases[this.#phase] as Float32Array));
      this.#phase += this.#down;
      this.#next += Math.floor(this.#phase / this.#up);
      this.#phase %= this.#up;
    }
    const done = Math.min(this.#next, input.length);
    this.#held = input.slice(done);
    this.#next -= done;
    return Float32Array.from(output);
  }

  /** The end: what silence behind it lets tell. */
  flush(): Float32Array {
    return this.push(new Float32Array(this.#half));
  }
}

function weigh(input: Float32Array, from: number, weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += (input[from + i] as number) * (weights[i] as number);
  }
  return sum;
}

/** Weights for a place `fraction` behind the sample in the filter's middle; they add up to one. */
function filter(fraction: number, half: number, cutoff: number): Float32Array {
  const weights = Float32Array.from({ length: 2 * half }, (_, i) => {
    const distance = fraction + half - 1 - i;
    return sinc(cutoff * distance) * blackman(distance / half);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const blackman = (x: number) => (Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x));
const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));
