import type { DecodedAudio, DecodedFile, PacketDecoder, PacketDecoderOutput } from "../../src/speech/decoding-platform.js";

/** Samples at 48 kHz of a packet, for the kind that the fixture has: 20 ms frames, one or more. */
const packetSamples = 960;

/**
 * Decodes packets as WebCodecs does, when the test says so: each into samples that tell, in 65536ths, the number of the sample
 * since the decoder was made, the pre-skip included.
 */
export class FakePacketDecoders {
  readonly made: FakePacketDecoder[] = [];
  /** What the next packets do: one entry each; 'ok' when there is none. */
  readonly faults: ("error" | "throw" | "lose" | "ok")[] = [];
  readonly create = (output: PacketDecoderOutput): PacketDecoder => {
    const decoder = new FakePacketDecoder(output, this.faults);
    this.made.push(decoder);
    return decoder;
  };

  /** Lets all decoders do what they have been given. */
  run(packets = Number.POSITIVE_INFINITY): void {
    for (const decoder of [...this.made]) {
      decoder.run(packets);
    }
  }

  get waiting(): number {
    return this.made.reduce((sum, decoder) => sum + decoder.waiting, 0);
  }
}

export class FakePacketDecoder implements PacketDecoder {
  configured: object | undefined;
  closed = false;
  flushes = 0;
  readonly timestamps: number[] = [];
  /** Packets that it keeps back until it is flushed. */
  delay = 0;
  readonly #output: PacketDecoderOutput;
  readonly #faults: string[];
  readonly #packets: Uint8Array[] = [];
  #flushed: (() => void)[] = [];
  #samples = 0;

  constructor(output: PacketDecoderOutput, faults: string[]) {
    this.#output = output;
    this.#faults = faults;
  }

  get waiting(): number {
    return this.closed ? 0 : this.#packets.length;
  }

  configure(config: object): void {
    this.configured = config;
  }

  decode(packet: Uint8Array, timestampUs: number): void {
    if (this.#faults[0] === "throw") {
      this.#faults.shift();
      throw new Error("decode threw");
    }
    this.timestamps.push(timestampUs);
    this.#packets.push(packet);
  }

  flush(): Promise<void> {
    this.flushes++;
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  close(): void {
    this.closed = true;
  }

  /** A packet comes out after it was closed, as what is on its way between threads does. */
  outputLate(): void {
    this.#output.output(countedAudio(0, packetSamples));
  }

  run(packets: number): void {
    const keep = this.#flushed.length > 0 ? 0 : this.delay;
    for (let i = 0; i < packets && this.#packets.length > keep && !this.closed; i++) {
      this.#packets.shift();
      const fault = this.#faults.shift();
      if (fault === "error") {
        this.closed = true;
        this.#output.error(new Error("the packet is broken"));
      } else if (fault !== "lose") {
        this.#output.output(countedAudio(this.#samples, packetSamples));
      }
      this.#samples += packetSamples;
    }
    if (this.#packets.length === 0) {
      this.#flushed.splice(0).forEach((resolve) => resolve());
    }
  }
}

/** Samples that tell their number, as two channels whose middle it is. */
function countedAudio(from: number, count: number): DecodedAudio {
  return {
    numberOfChannels: 2,
    numberOfFrames: count,
    sampleRate: 48_000,
    copyTo: (destination, { planeIndex }) => {
      for (let i = 0; i < count; i++) {
        destination[i] = ((from + i) * (planeIndex === 0 ? 2 : 0)) / 65_536;
      }
    },
    close: () => undefined,
  };
}

/** Decodes files as `decodeAudioData` does: each into as many samples as the test says, which tell their number from the end. */
export class FakeFiles {
  readonly files: Uint8Array[] = [];
  readonly #waiting: ((file: DecodedFile | Error) => void)[] = [];
  readonly decode = (file: ArrayBuffer): Promise<DecodedFile> => {
    this.files.push(new Uint8Array(file));
    return new Promise((resolve, reject) => this.#waiting.push((result) => (result instanceof Error ? reject(result) : resolve(result))));
  };

  /** The oldest file that waits is decoded to so many samples: the last is 1, the one before 2, in 65536ths. */
  async answer(samples: number | Error): Promise<void> {
    const data = Float32Array.from({ length: samples instanceof Error ? 0 : samples }, (_, i) => (Number(samples) - i) / 65_536);
    this.#waiting.shift()?.(samples instanceof Error ? samples : { numberOfChannels: 1, length: samples, getChannelData: () => data });
    // The decoder goes on in microtasks.
    for (let i = 0; i < 5; i++) {
      await Promise.resolve();
    }
  }
}
