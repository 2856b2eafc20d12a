import { create } from "@bufbuild/protobuf";
import { PlaybackState as State, ViewerEventSchema } from "../generated/motiongateway/v1/feed_pb.js";
import type { FeedRequest } from "./connection.js";

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
    return viewerEvent({
      case: "microphoneAudio",
      value: { $typeName: "motiongateway.v1.MicrophoneAudio", sampleRate, data },
    });
  },

  interrupt(turnId: string, reason: string): FeedRequest {
    requireBytes("A reason", reason, maxReasonBytes);
    return viewerEvent({
      case: "interrupt",
      value: { $typeName: "motiongateway.v1.ViewerInterrupt", turnId, reason },
    });
  },

  playback(report: PlaybackReport): FeedRequest {
    const { turnId } = report;
    const playedSamples = BigInt(Math.max(0, Math.floor(report.playedSamples)));
    const state = states[report.state];
    return viewerEvent({
      case: "playback",
      value: { $typeName: "motiongateway.v1.PlaybackReport", turnId, playedSamples, state },
    });
  },
};

type ViewerEventContent = NonNullable<Parameters<typeof create<typeof ViewerEventSchema>>[1]>["event"];

function viewerEvent(event: ViewerEventContent): FeedRequest {
  return { case: "viewerEvent", value: create(ViewerEventSchema, { event }) };
}

function requireBytes(what: string, text: string, limit: number): void {
  if (new TextEncoder().encode(text).length > limit) {
    throw new RangeError(`${what} has at most ${limit} bytes of UTF-8.`);
  }
}
