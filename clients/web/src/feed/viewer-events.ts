import type { MessageInitShape } from "@bufbuild/protobuf";
import { PlaybackState as State, type ViewerEventSchema } from "../generated/motiongateway/v1/feed_pb.js";
import type { FeedRequest } from "./connection.js";
import type { Position } from "./events.js";

/** Where a viewer's playback is. */
export interface PlaybackReport {
  readonly turnId: string;
  /** Samples heard. */
  readonly playedSamples: number;
  readonly state: "playing" | "buffering" | "paused" | "ended";
}

const maxTextBytes = 16_384;
const maxMicrophoneBytes = 65_536;
const maxReasonBytes = 128;

const states = {
  playing: State.PLAYING,
  buffering: State.BUFFERING,
  paused: State.PAUSED,
  ended: State.ENDED,
} as const;

/** The requests that carry something for the speaker. They throw `RangeError` where the contract's limits are passed. */
export const viewerEvents = {
  text(text: string): FeedRequest {
    requireBytes("Text", text, maxTextBytes);
    return viewerEvent({ case: "text", value: text });
  },

  microphone(data: Uint8Array, sampleRate: number): FeedRequest {
    if (data.length > maxMicrophoneBytes || data.length % 2 !== 0) {
      throw new RangeError(`Microphone audio is whole 16-bit samples, at most ${maxMicrophoneBytes} bytes.`);
    }
    return viewerEvent({ case: "microphoneAudio", value: { sampleRate, data } });
  },

  /** `seen`: up to where the viewer had the log, so that the second of two interrupts does not void the new reply. */
  interrupt(turnId: string, reason: string, seen: Position | undefined): FeedRequest {
    requireBytes("A reason", reason, maxReasonBytes);
    const position = seen && { epoch: seen.epoch, sequence: BigInt(seen.sequence) };
    return viewerEvent({ case: "interrupt", value: { turnId, reason, ...(position && { position }) } });
  },

  playback(report: PlaybackReport): FeedRequest {
    const { turnId } = report;
    const playedSamples = BigInt(Math.max(0, Math.floor(report.playedSamples)));
    const state = states[report.state];
    return viewerEvent({ case: "playback", value: { turnId, playedSamples, state } });
  },
};

function viewerEvent(event: MessageInitShape<typeof ViewerEventSchema>["event"]): FeedRequest {
  return { case: "viewerEvent", value: { event } };
}

function requireBytes(what: string, text: string, limit: number): void {
  if (new TextEncoder().encode(text).length > limit) {
    throw new RangeError(`${what} has at most ${limit} bytes of UTF-8.`);
  }
}
