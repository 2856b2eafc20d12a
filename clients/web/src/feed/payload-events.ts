import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type ErrorReason, ErrorReasonSchema } from "../generated/motiongateway/v1/error_pb.js";
import {
  AudioEncoding as Encoding,
  type Payload,
  type SequenceRange as SequenceRangeMessage,
  SkipReason,
  type TurnEnded,
  TurnOutcome as Outcome,
} from "../generated/motiongateway/v1/payload_pb.js";
import type { AudioEncoding, GapReason, PayloadEvent, PayloadHeader, SequenceRange, TurnEndedEvent, TurnOutcome } from "./events.js";

/** The event for a payload; undefined for a kind that a newer server knows and this client does not. */
export function payloadEvent(payload: Payload, bytes: number): PayloadEvent | undefined {
  const header: PayloadHeader = {
    epoch: payload.epoch,
    sequence: Number(payload.sequence),
    turnId: payload.turnId,
    bytes,
  };
  const content = payload.content;
  switch (content.case) {
    case "audio": {
      const { sampleCount, last, data } = content.value;
      return { type: "audio", ...header, firstSample: Number(content.value.firstSample), sampleCount, last, data };
    }
    case "motion": {
      const { keyframeCount, last, envelope } = content.value;
      const firstKeyframe = Number(content.value.firstKeyframe);
      return { type: "motion", ...header, firstKeyframe, keyframeCount, last, envelope };
    }
    case "turnStarted": {
      const { sampleRate, time, paced, audioHeader } = content.value;
      const ordinal = Number(content.value.ordinal);
      const audioEncoding = encodingName(content.value.audioEncoding);
      const audio = { sampleRate, paced, audioEncoding, audioHeader };
      return { type: "turnStarted", ...header, ordinal, time: time && timestampDate(time), ...audio };
    }
    case "turnSealed": {
      const sampleCount = Number(content.value.sampleCount);
      const keyframeCount = Number(content.value.keyframeCount);
      return { type: "turnSealed", ...header, sampleCount, keyframeCount };
    }
    case "turnEnded":
      return turnEnded(header, content.value);
    case "playbackChanged": {
      const playedSamples = Number(content.value.playedSamples);
      return { type: "playbackChanged", ...header, paused: content.value.paused, playedSamples };
    }
    case "viewerMessage":
      return { type: "viewerMessage", ...header, kind: content.value.kind, text: content.value.text };
    case "sessionEnded":
      return { type: "sessionEnded", ...header, error: reasonName(content.value.error), reason: content.value.reason };
    default:
      return undefined;
  }
}

/** A range of the wire as numbers; undefined when it is absent. */
export function sequenceRange(range: SequenceRangeMessage | undefined): SequenceRange | undefined {
  return range && { from: Number(range.from), through: Number(range.through) };
}

/** Name of a reason without its prefix, as `google.rpc.ErrorInfo` carries it; empty when there is none. */
export function reasonName(reason: ErrorReason): string {
  // The descriptor has the names already: the enum's own table would be a second copy in every page.
  return reason === 0 ? "" : (ErrorReasonSchema.value[reason]?.localName ?? `REASON_${reason}`);
}

/** Name of an encoding; what says nothing is PCM. */
export function encodingName(encoding: Encoding): AudioEncoding {
  return encodings[encoding] ?? "unsupported";
}

/** Why the server left sequences out. */
export function gapReason(reason: SkipReason): GapReason {
  return gapReasons[reason] ?? "unspecified";
}

function turnEnded(header: PayloadHeader, ended: TurnEnded): TurnEndedEvent {
  return {
    type: "turnEnded",
    ...header,
    outcome: outcomes[ended.outcome] ?? "failed",
    error: reasonName(ended.error),
    reason: ended.reason,
    discarded: sequenceRange(ended.discarded),
    playedSamples: Number(ended.playedSamples),
  };
}

const encodings: Partial<Record<Encoding, AudioEncoding>> = {
  [Encoding.UNSPECIFIED]: "pcmS16le",
  [Encoding.PCM_S16LE]: "pcmS16le",
  [Encoding.OGG_OPUS]: "oggOpus",
};

const gapReasons: Partial<Record<SkipReason, GapReason>> = {
  [SkipReason.INTERRUPTED]: "interrupted",
  [SkipReason.EXPIRED]: "expired",
  [SkipReason.BEFORE_START]: "beforeStart",
  [SkipReason.READER_TOO_SLOW]: "readerTooSlow",
};

const outcomes: Partial<Record<Outcome, TurnOutcome>> = {
  [Outcome.COMPLETED]: "completed",
  [Outcome.INTERRUPTED]: "interrupted",
  [Outcome.FAILED]: "failed",
  [Outcome.AUDIO_ONLY]: "audioOnly",
};
