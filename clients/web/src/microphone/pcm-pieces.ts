/** Cuts samples from -1 to 1 into pieces of signed 16-bit little-endian PCM, each of the same length but the last. */
export class PcmPieces {
  readonly #length: number;
  readonly #take: (piece: Uint8Array) => void;
  #piece: DataView<ArrayBuffer>;
  #count = 0;

  /** `length` in samples. */
  constructor(length: number, take: (piece: Uint8Array) => void) {
    this.#length = length;
    this.#take = take;
    this.#piece = this.#empty();
  }

  push(samples: Float32Array): void {
    for (const sample of samples) {
      const level = Math.round(sample * 32_768);
      this.#piece.setInt16(this.#count++ * 2, Math.max(-32_768, Math.min(32_767, level)), true);
      if (this.#count === this.#length) {
        this.flush();
      }
    }
  }

  /** Gives what there is, where there is any. */
  flush(): void {
    const piece = new Uint8Array(this.#piece.buffer, 0, this.#count * 2);
    if (this.#count > 0) {
      this.clear();
      this.#take(piece);
    }
  }

  /** Forgets what there is. */
  clear(): void {
    this.#piece = this.#empty();
    this.#count = 0;
  }

  #empty(): DataView<ArrayBuffer> {
    return new DataView(new ArrayBuffer(this.#length * 2));
  }
}
