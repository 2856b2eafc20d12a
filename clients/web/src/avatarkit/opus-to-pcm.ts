import type { Clock } from "../feed/clock.js";
import { createSpeechDecoder, type SpeechForm } from "../speech/create-decoder.js";
import type { DecodingPlatform } from "../speech/decoding-platform.js";
import type { SpeechDecoder, SpeechPiece } from "../speech/speech-decoder.js";

/** What becomes of a turn's Ogg Opus. */
export interface PcmHandover {
  /** 16-bit little-endian PCM, in order. */
  pcm(bytes: Uint8Array): void;
  failed(message: string): void;
  /** All that was added has been handed over, after it was not. */
  idle(): void;
}

/** Decodes a turn's Ogg Opus for a controller that takes PCM, and keeps what follows a piece behind it. */
export class OpusToPcm {
  readonly #handover: PcmHandover;
  /** Places that must have been handed over, and what is to be done then, in order. */
  readonly #later: (number | (() => void))[] = [];
  readonly #decoder: SpeechDecoder;
  #handedTo = 0;
  #finished = false;
  #closed = false;

  constructor(form: SpeechForm, handover: PcmHandover, clock: Clock, platform: DecodingPlatform | undefined) {
    this.#handover = handover;
    const sink = {
      samples: (firstSample: number, samples: Float32Array) => this.#decoded(firstSample, samples),
      failed: (message: string) => handover.failed(message),
    };
    this.#decoder = createSpeechDecoder(form, sink, clock, platform);
  }

  /** True when nothing is under way. */
  get isIdle(): boolean {
    return this.#later.length === 0;
  }

  add(piece: SpeechPiece): void {
    this.#later.push(piece.firstSample + piece.sampleCount);
    this.#decoder.add(piece);
  }

  /** Does something when all that was added before has been handed over. */
  after(action: () => void): void {
    if (this.isIdle) {
      action();
    } else {
      this.#later.push(action);
    }
  }

  finish(): void {
    if (!this.#finished) {
      this.#finished = true;
      this.#decoder.finish();
    }
  }

  close(): void {
    this.#closed = true;
    this.#later.length = 0;
    this.#decoder.close();
  }

  #decoded(firstSample: number, samples: Float32Array): void {
    if (this.#closed) {
      return;
    }
    this.#handedTo = firstSample + samples.length;
    this.#handover.pcm(toPcm(samples));
    while (this.#later[0] !== undefined) {
      const [next] = this.#later;
      if (typeof next === "number" && next > this.#handedTo) {
        return;
      }
      this.#later.shift();
      if (typeof next === "function") {
        next();
      }
    }
    // Not at once: what asked for the decoding may be in the middle of something.
    queueMicrotask(() => this.#handover.idle());
  }
}

function toPcm(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, i) => view.setInt16(i * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true));
  return bytes;
}
