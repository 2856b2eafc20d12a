import { opusRate } from "./ogg-opus.js";

/** What of WebCodecs' `AudioData` is used. */
export interface DecodedAudio {
  readonly numberOfChannels: number;
  readonly numberOfFrames: number;
  readonly sampleRate: number;
  copyTo(destination: Float32Array<ArrayBuffer>, options: { planeIndex: number; format: "f32-planar" }): void;
  close(): void;
}

/** What of WebCodecs' `AudioDecoder` is used. */
export interface PacketDecoder {
  configure(config: { codec: string; sampleRate: number; numberOfChannels: number }): void;
  decode(packet: Uint8Array, timestampUs: number): void;
  flush(): Promise<void>;
  close(): void;
}

/** Where a packet decoder's output goes. */
export interface PacketDecoderOutput {
  output(data: DecodedAudio): void;
  error(error: Error): void;
}

/** What of WebAudio's `AudioBuffer` is used. */
export interface DecodedFile {
  readonly numberOfChannels: number;
  readonly length: number;
  getChannelData(channel: number): Float32Array;
}

/** What the platform can decode with; either may be missing. */
export interface DecodingPlatform {
  /** WebCodecs. */
  readonly packetDecoder?: (output: PacketDecoderOutput) => PacketDecoder;
  /** WebAudio: a whole Ogg file, at 48 kHz. */
  readonly decodeFile?: (file: ArrayBuffer) => Promise<DecodedFile>;
}

/** What the browser, or whatever runs this, offers. */
export function browserDecoding(): DecodingPlatform {
  const packetDecoder = typeof AudioDecoder === "undefined" ? undefined : webCodecs;
  const decodeFile = typeof OfflineAudioContext === "undefined"
    ? undefined
    : (file: ArrayBuffer) => new OfflineAudioContext(1, 1, opusRate).decodeAudioData(file);
  return { ...(packetDecoder && { packetDecoder }), ...(decodeFile && { decodeFile }) };
}

function webCodecs({ output, error }: PacketDecoderOutput): PacketDecoder {
  const decoder = new AudioDecoder({ output: (data) => output(data as DecodedAudio), error });
  return {
    configure: (config) => decoder.configure(config),
    decode: (data, timestamp) => decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, data: data as BufferSource })),
    flush: () => decoder.flush(),
    close: () => {
      // One that has failed is closed already.
      if (decoder.state !== "closed") {
        decoder.close();
      }
    },
  };
}
