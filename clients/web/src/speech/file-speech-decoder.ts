import { joined } from "./bytes.js";
import type { DecodedFile } from "./decoding-platform.js";
import { opusRate, readPackets } from "./ogg-opus.js";
import type { SpeechDecoder, SpeechPiece, SpeechSink } from "./speech-decoder.js";

/** RFC 7845: a decoder that begins within a stream is exact after 80 ms. */
const prerollSamples = opusRate * 0.08;
/** Samples that a browser may leave out at a file's beginning: a pre-skip is smaller. */
const leftOutSamples = opusRate * 0.12;

/**
 * Ogg Opus by `decodeAudioData`, for browsers without WebCodecs: each time a file of the header, what comes before, and
 * the new pieces. Whether a browser drops the pre-skip of such a file is its own affair: samples are counted from the
 * file's end.
 */
export class FileSpeechDecoder implements SpeechDecoder {
  readonly #header: Uint8Array;
  readonly #sink: SpeechSink;
  readonly #decodeFile: (file: ArrayBuffer) => Promise<DecodedFile>;
  readonly #waiting: SpeechPiece[] = [];
  /** The pieces before those that wait, as many as a decoder needs to be exact. */
  #preroll: SpeechPiece[] = [];
  #isRunning = false;
  #closed = false;

  constructor(header: Uint8Array, sink: SpeechSink, decodeFile: (file: ArrayBuffer) => Promise<DecodedFile>) {
    this.#header = header;
    this.#sink = sink;
    this.#decodeFile = decodeFile;
  }

  add(piece: SpeechPiece): void {
    this.#waiting.push(piece);
    if (!this.#isRunning) {
      void this.#run();
    }
  }

  finish(): void {}

  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (!this.#closed && this.#waiting.length > 0) {
      await this.#decode(this.#takeRun());
    }
    this.#isRunning = false;
  }

  /** The pieces that wait, up to a hole or one that is broken. */
  #takeRun(): SpeechPiece[] {
    const [first] = this.#waiting;
    let end = first?.firstSample ?? 0;
    const stop = this.#waiting.findIndex((piece, i) => {
      const joins = piece.firstSample === end && (i === 0 || isWhole(piece));
      end = piece.firstSample + piece.sampleCount;
      return !joins;
    });
    const isBroken = first !== undefined && !isWhole(first);
    return this.#waiting.splice(0, isBroken ? 1 : stop < 0 ? this.#waiting.length : stop);
  }

  async #decode(pieces: SpeechPiece[]): Promise<void> {
    const file = joined([this.#header, ...[...this.#preroll, ...pieces].map(({ data }) => data)]);
    try {
      // A browser makes what it can of broken pages, and nobody would know where that belongs.
      pieces.forEach(({ data }) => readPackets(data));
      const samples = mixed(await this.#decodeFile(file.slice().buffer));
      this.#give(pieces, samples);
      this.#keep(pieces);
    } catch (error) {
      await this.#recover(pieces, error instanceof Error ? error.message : String(error));
    }
  }

  /** One piece spoils the file that it is in: each is tried by itself. */
  async #recover(pieces: SpeechPiece[], message: string): Promise<void> {
    if (this.#closed) {
      return;
    }
    if (pieces.length > 1) {
      for (const piece of pieces) {
        await this.#decode([piece]);
      }
      return;
    }
    this.#preroll = [];
    for (const { firstSample, sampleCount } of pieces) {
      this.#sink.failed(message);
      this.#sink.samples(firstSample, new Float32Array(sampleCount));
    }
  }

  #give(pieces: SpeechPiece[], samples: Float32Array<ArrayBuffer>): void {
    const [first] = pieces;
    const wanted = pieces.reduce((sum, piece) => sum + piece.sampleCount, 0);
    if (this.#closed || first === undefined || wanted === 0) {
      return;
    }
    if (samples.length < wanted - leftOutSamples) {
      throw new Error("The browser decoded less than it was given.");
    }
    const given = new Float32Array(wanted);
    const there = samples.subarray(Math.max(0, samples.length - wanted));
    given.set(there, wanted - there.length);
    this.#sink.samples(first.firstSample, given);
  }

  #keep(pieces: SpeechPiece[]): void {
    const kept: SpeechPiece[] = [];
    let samples = 0;
    for (const piece of [...this.#preroll, ...pieces].reverse()) {
      if (samples >= prerollSamples) {
        break;
      }
      kept.unshift(piece);
      samples += piece.sampleCount;
    }
    this.#preroll = kept;
  }
}

function isWhole(piece: SpeechPiece): boolean {
  try {
    readPackets(piece.data);
    return true;
  } catch {
    return false;
  }
}

function mixed(file: DecodedFile): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(file.length);
  for (let channel = 0; channel < file.numberOfChannels; channel++) {
    file.getChannelData(channel).forEach((value, i) => (samples[i]! += value / file.numberOfChannels));
  }
  return samples;
}
