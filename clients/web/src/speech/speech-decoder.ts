/** A piece of a turn's encoded speech, at its place on the turn's timeline in samples. */
export interface SpeechPiece {
  readonly firstSample: number;
  readonly sampleCount: number;
  readonly data: Uint8Array;
}

/** Takes what is decoded. */
export interface SpeechSink {
  /** Samples from -1 to 1, in the order of their places. */
  samples(firstSample: number, samples: Float32Array<ArrayBuffer>): void;
  /** A piece, or the rest of it, could not be decoded: silence comes in its place. */
  failed(message: string): void;
}

/**
 * Decodes one turn's speech. Each sample of each piece comes once, in order, decoded or as silence; a decoder that
 * fails goes on with the next piece.
 */
export interface SpeechDecoder {
  add(piece: SpeechPiece): void;
  /** No more pieces come: what is held back is brought out. */
  finish(): void;
  /** Nothing comes after this, whatever was under way. */
  close(): void;
}

/** 16-bit little-endian PCM. */
export class PcmDecoder implements SpeechDecoder {
  readonly #sink: SpeechSink;

  constructor(sink: SpeechSink) {
    this.#sink = sink;
  }

  add({ firstSample, sampleCount, data }: SpeechPiece): void {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const samples = new Float32Array(sampleCount);
    const there = Math.min(sampleCount, data.length >> 1);
    for (let i = 0; i < there; i++) {
      samples[i] = view.getInt16(i * 2, true) / 32768;
    }
    if (there < sampleCount) {
      this.#sink.failed("A piece of PCM is shorter than it says.");
    }
    this.#sink.samples(firstSample, samples);
  }

  finish(): void {}

  close(): void {}
}

/** Stands in where nothing can decode: silence, and why. */
export class SilentDecoder implements SpeechDecoder {
  readonly #sink: SpeechSink;
  readonly #reason: string;

  constructor(sink: SpeechSink, reason: string) {
    this.#sink = sink;
    this.#reason = reason;
  }

  add({ firstSample, sampleCount }: SpeechPiece): void {
    this.#sink.failed(this.#reason);
    this.#sink.samples(firstSample, new Float32Array(sampleCount));
  }

  finish(): void {}

  close(): void {}
}
