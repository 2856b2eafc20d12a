import type { Clock } from "../feed/clock.js";
import type { DecodedAudio, PacketDecoder, PacketDecoderOutput } from "./decoding-platform.js";
import { type OpusHead, opusRate, packetSamples, readPackets } from "./ogg-opus.js";
import type { SpeechDecoder, SpeechPiece, SpeechSink } from "./speech-decoder.js";

/** Milliseconds without anything decoded after which a decoder is made to give what it holds; as many more, and it is given up. */
const stallMs = 2000;

interface PieceInDecoding {
  readonly piece: SpeechPiece;
  readonly packets: readonly Uint8Array[];
  /** Samples that the packets decode to, and the place of the first. */
  readonly length: number;
  readonly beginsAt: number;
  /** Why it cannot be decoded; empty where it can. */
  readonly fault: string;
  /** Samples that have come of the packets, and up to where the sink has been given some. */
  decoded: number;
  givenTo: number;
}

/**
 * Ogg Opus by WebCodecs. Packets are counted in and samples out, whatever times a browser puts on them; a decoder that
 * fails costs the piece that it was at, and a new one goes on with those behind.
 */
export class PacketSpeechDecoder implements SpeechDecoder {
  readonly #head: OpusHead;
  readonly #sink: SpeechSink;
  readonly #create: (output: PacketDecoderOutput) => PacketDecoder;
  readonly #clock: Clock;
  readonly #giveUp: ((pieces: SpeechPiece[]) => void) | undefined;
  readonly #pieces: PieceInDecoding[] = [];
  #decoder: PacketDecoder | undefined;
  #stallTimer: unknown;
  #hasDecoded = false;
  #finished = false;
  #closed = false;

  /** @param giveUp Takes over, with the pieces at hand, where this platform's decoder fails before it has given anything. */
  constructor(
    head: OpusHead,
    sink: SpeechSink,
    create: (output: PacketDecoderOutput) => PacketDecoder,
    clock: Clock,
    giveUp?: (pieces: SpeechPiece[]) => void,
  ) {
    this.#head = head;
    this.#sink = sink;
    this.#create = create;
    this.#clock = clock;
    this.#giveUp = giveUp;
  }

  add(piece: SpeechPiece): void {
    if (this.#closed) {
      return;
    }
    const entry = this.#read(piece);
    this.#pieces.push(entry);
    this.#decode(entry);
    this.#settle();
    this.#watch();
  }

  finish(): void {
    this.#finished = true;
    this.#flush();
  }

  close(): void {
    this.#closed = true;
    this.#pieces.length = 0;
    this.#clock.clearTimeout(this.#stallTimer);
    this.#letGo();
  }

  #read(piece: SpeechPiece): PieceInDecoding {
    // The pre-skip is decoded before the turn's first sample.
    const beginsAt = piece.firstSample === 0 ? -this.#head.preSkip : piece.firstSample;
    const place = { piece, beginsAt, decoded: 0, givenTo: piece.firstSample };
    try {
      const packets = readPackets(piece.data);
      const length = packets.reduce((sum, packet) => sum + packetSamples(packet), 0);
      return { ...place, packets, length, fault: "" };
    } catch (error) {
      return { ...place, packets: [], length: 0, fault: text(error) };
    }
  }

  #decode(entry: PieceInDecoding): void {
    let at = entry.beginsAt;
    try {
      for (const packet of entry.packets) {
        this.#require().decode(packet, Math.round((at * 1e6) / opusRate));
        at += packetSamples(packet);
      }
    } catch (error) {
      this.#fail(text(error));
    }
  }

  #require(): PacketDecoder {
    if (this.#decoder === undefined) {
      const decoder: PacketDecoder = this.#create({
        output: (data) => (this.#decoder === decoder ? this.#take(data) : data.close()),
        error: (error) => this.#decoder === decoder && this.#fail(error.message),
      });
      this.#decoder = decoder;
      decoder.configure({ codec: "opus", sampleRate: opusRate, numberOfChannels: this.#head.channels });
    }
    return this.#decoder;
  }

  #take(data: DecodedAudio): void {
    const { sampleRate } = data;
    const samples = mixed(data, this.#head.gain);
    data.close();
    if (sampleRate !== opusRate) {
      this.#fail(`The browser decodes Opus to ${sampleRate} Hz.`);
      return;
    }
    this.#hasDecoded = true;
    for (let from = 0; from < samples.length && this.#pieces[0] !== undefined; ) {
      const [entry] = this.#pieces;
      const count = Math.min(samples.length - from, entry.length - entry.decoded);
      this.#give(entry, samples.subarray(from, from + count));
      from += count;
      this.#settle();
    }
    this.#watch();
  }

  /** What is heard of some of a piece's samples; pre-skip and a trimmed end are not. */
  #give(entry: PieceInDecoding, samples: Float32Array<ArrayBuffer>): void {
    const { firstSample, sampleCount } = entry.piece;
    const at = entry.beginsAt + entry.decoded;
    entry.decoded += samples.length;
    const from = Math.max(firstSample, at);
    const to = Math.min(firstSample + sampleCount, at + samples.length);
    if (to > from) {
      entry.givenTo = to;
      this.#sink.samples(from, samples.slice(from - at, to - at));
    }
  }

  /** Takes leave of the pieces that are decoded whole, or cannot be. */
  #settle(): void {
    for (;;) {
      const [entry] = this.#pieces;
      if (entry === undefined || (entry.fault === "" && entry.decoded < entry.length)) {
        return;
      }
      this.#pieces.shift();
      this.#silenceRest(entry, entry.fault || "A piece holds less speech than it says.");
    }
  }

  #silenceRest({ piece, givenTo }: PieceInDecoding, message: string): void {
    const missing = piece.firstSample + piece.sampleCount - givenTo;
    if (missing > 0) {
      this.#sink.failed(message);
      this.#sink.samples(givenTo, new Float32Array(missing));
    }
  }

  /** The decoder is of no use any more: the piece at hand is lost, a new one decodes the rest. */
  #fail(message: string): void {
    this.#letGo();
    const entries = this.#pieces.splice(0);
    if (this.#giveUp !== undefined && !this.#hasDecoded) {
      const pieces = entries.map(({ piece }) => piece);
      this.close();
      this.#giveUp(pieces);
      return;
    }
    const lost = entries.shift();
    if (lost !== undefined) {
      this.#silenceRest(lost, message);
    }
    for (const { piece } of entries) {
      this.add(piece);
    }
    if (this.#finished) {
      this.#flush();
    }
  }

  /** Some decoders hold a packet back until the next one comes. */
  #flush(): void {
    const decoder = this.#decoder;
    if (decoder === undefined || this.#pieces.length === 0) {
      return;
    }
    decoder.flush().then(
      () => this.#decoder === decoder && this.#pieces.length > 0 && this.#fail("The browser decoded less than it was given."),
      // The error is told by the decoder's own callback, or it was closed.
      () => undefined,
    );
  }

  #watch(isFlushed = false): void {
    this.#clock.clearTimeout(this.#stallTimer);
    if (this.#pieces.length === 0 || this.#closed) {
      return;
    }
    this.#stallTimer = this.#clock.setTimeout(() => {
      if (isFlushed) {
        this.#fail("The browser's decoder does not answer.");
      } else {
        this.#watch(true);
        this.#flush();
      }
    }, stallMs);
  }

  #letGo(): void {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    decoder?.close();
  }
}

/** One channel of what may be two, with the stream's gain. */
function mixed(data: DecodedAudio, gain: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(data.numberOfFrames);
  const channel = new Float32Array(data.numberOfFrames);
  for (let planeIndex = 0; planeIndex < data.numberOfChannels; planeIndex++) {
    data.copyTo(channel, { planeIndex, format: "f32-planar" });
    channel.forEach((value, i) => (samples[i]! += (value * gain) / data.numberOfChannels));
  }
  return samples;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
