import type { Clock } from "../feed/clock.js";
import type { TurnStartedEvent } from "../feed/events.js";
import { browserDecoding, type DecodingPlatform } from "./decoding-platform.js";
import { FileSpeechDecoder } from "./file-speech-decoder.js";
import { readOpusHead } from "./ogg-opus.js";
import { PacketSpeechDecoder } from "./packet-speech-decoder.js";
import { PcmDecoder, SilentDecoder, type SpeechDecoder, type SpeechPiece, type SpeechSink } from "./speech-decoder.js";

/** How a turn's speech is encoded. */
export type SpeechForm = Pick<TurnStartedEvent, "audioEncoding" | "audioHeader">;

/** The decoder for a turn's speech, by what the platform offers. Where nothing can decode it there is silence, told. */
export function createSpeechDecoder(
  form: SpeechForm,
  sink: SpeechSink,
  clock: Clock,
  platform: DecodingPlatform = browserDecoding(),
): SpeechDecoder {
  switch (form.audioEncoding) {
    case "pcmS16le":
      return new PcmDecoder(sink);
    case "oggOpus":
      return opusDecoder(form.audioHeader, sink, clock, platform);
    default:
      return new SilentDecoder(sink, "This client does not know the speech's encoding.");
  }
}

function opusDecoder(header: Uint8Array, sink: SpeechSink, clock: Clock, platform: DecodingPlatform): SpeechDecoder {
  const { packetDecoder, decodeFile } = platform;
  try {
    const head = readOpusHead(header);
    if (packetDecoder !== undefined) {
      return new OpusDecoder(header, head, sink, clock, packetDecoder, decodeFile);
    }
  } catch (error) {
    return new SilentDecoder(sink, error instanceof Error ? error.message : String(error));
  }
  return decodeFile === undefined
    ? new SilentDecoder(sink, "This browser decodes no Ogg Opus.")
    : new FileSpeechDecoder(header, sink, decodeFile);
}

/** By WebCodecs, or by `decodeAudioData` where WebCodecs is there but takes no Opus. */
class OpusDecoder implements SpeechDecoder {
  #decoder: SpeechDecoder;

  constructor(
    header: Uint8Array,
    head: ReturnType<typeof readOpusHead>,
    sink: SpeechSink,
    clock: Clock,
    packetDecoder: NonNullable<DecodingPlatform["packetDecoder"]>,
    decodeFile: DecodingPlatform["decodeFile"],
  ) {
    const change = decodeFile && ((pieces: SpeechPiece[]) => {
      this.#decoder = new FileSpeechDecoder(header, sink, decodeFile);
      pieces.forEach((piece) => this.#decoder.add(piece));
    });
    this.#decoder = new PacketSpeechDecoder(head, sink, packetDecoder, clock, change);
  }

  add(piece: SpeechPiece): void {
    this.#decoder.add(piece);
  }

  finish(): void {
    this.#decoder.finish();
  }

  close(): void {
    this.#decoder.close();
  }
}
