import { timestampDate } from "@bufbuild/protobuf/wkt";
import { ErrorReason } from "../generated/motiongateway/v1/error_pb.js";
import {
  type Payload,
  type SequenceRange as SequenceRangeMessage,
  SkipReason,
  type TurnEnded,
  TurnOutcome as Outcome,
} from "../generated/motiongateway/v1/payload_pb.js";
import type { GapReason, PayloadEvent, PayloadHeader, SequenceRange, TurnEndedEvent, TurnOutcome } from "./events.js";

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
      const { sampleRate, time } = content.value;
      const ordinal = Number(content.value.ordinal);
      return { type: "turnStarted", ...header, ordinal, sampleRate, time: time && timestampDate(time) };
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
  return reason === ErrorReason.UNSPECIFIED ? "" : (ErrorReason[reason] ?? `REASON_${reason}`);
}

/** Why the server left sequences out. */
export function gapReason(reason: SkipReason): GapReason {
  switch (reason) {
    case SkipReason.INTERRUPTED:
      return "interrupted";
    case SkipReason.EXPIRED:
      return "expired";
    case SkipReason.BEFORE_START:
      return "beforeStart";
    default:
      return "unspecified";
  }
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

const outcomes: Partial<Record<Outcome, TurnOutcome>> = {
  [Outcome.COMPLETED]: "completed",
  [Outcome.INTERRUPTED]: "interrupted",
  [Outcome.FAILED]: "failed",
  [Outcome.AUDIO_ONLY]: "audioOnly",
};
