/** Decoded samples, and the place of the first on the turn's timeline. */
export interface Chunk {
  readonly firstSample: number;
  readonly samples: Float32Array<ArrayBuffer>;
}

/** What of a turn's speech is decoded and not heard, as it came from the decoder. Places in samples of the turn. */
export class DecodedSpeech {
  #chunks: Chunk[] = [];
  #samples = 0;

  /** Samples held. */
  get samples(): number {
    return this.#samples;
  }

  add(chunk: Chunk): void {
    this.#chunks.push(chunk);
    this.#samples += chunk.samples.length;
  }

  /** What comes next from a place on, from however many chunks: up to a hole or the limit, and `most` samples. */
  join(place: number, limit: number, most: number): Chunk | undefined {
    const waiting = this.#chunks.filter((chunk) => endOf(chunk) > place);
    const [first] = waiting;
    if (first === undefined) {
      return undefined;
    }
    const from = Math.max(first.firstSample, place);
    const end = Math.min(limit, from + most);
    let to = from;
    for (const chunk of waiting) {
      if (chunk.firstSample > to) {
        break;
      }
      to = Math.min(end, endOf(chunk));
    }
    to = Math.floor(to);
    return to > from ? { firstSample: from, samples: gathered(waiting, from, to) } : undefined;
  }

  /** Lets go of what has been heard. */
  forgetBefore(heard: number): void {
    if ((this.#chunks[0]?.firstSample ?? heard) < heard) {
      this.#keep(this.#chunks.filter((chunk) => endOf(chunk) > heard));
    }
  }

  clear(): void {
    this.#keep([]);
  }

  #keep(chunks: Chunk[]): void {
    this.#chunks = chunks;
    this.#samples = chunks.reduce((sum, chunk) => sum + chunk.samples.length, 0);
  }
}

function endOf(chunk: Chunk): number {
  return chunk.firstSample + chunk.samples.length;
}

function gathered(chunks: readonly Chunk[], from: number, to: number): Float32Array<ArrayBuffer> {
  const [first] = chunks;
  if (first !== undefined && first.firstSample === from && first.samples.length === to - from) {
    return first.samples;
  }
  const samples = new Float32Array(to - from);
  for (const chunk of chunks) {
    const begin = Math.max(from, chunk.firstSample);
    const end = Math.min(to, endOf(chunk));
    if (end > begin) {
      samples.set(chunk.samples.subarray(begin - chunk.firstSample, end - chunk.firstSample), begin - from);
    }
  }
  return samples;
}
