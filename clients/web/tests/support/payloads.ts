import { create, toBinary } from "@bufbuild/protobuf";
import { type Message, MessageSchema, MessageType } from "../../src/generated/driveningress/v2/driveningress_pb.js";
import { AudioEncoding, type Payload } from "../../src/generated/motiongateway/v1/payload_pb.js";

export type PayloadContent = Payload["content"];

export const sampleRate = 16_000;
export const samplesPerKeyframe = sampleRate / 25;

/** How a turn is begun, where it is not by paced PCM at `sampleRate`. */
export interface TurnForm {
  readonly paced?: boolean;
  readonly sampleRate?: number;
  readonly audioEncoding?: AudioEncoding;
  readonly audioHeader?: Uint8Array;
}

export function turnStarted(ordinal: number, form: TurnForm = {}): PayloadContent {
  const audio = { audioEncoding: AudioEncoding.PCM_S16LE, audioHeader: new Uint8Array(0), paced: true, published: false, sampleRate };
  return {
    case: "turnStarted",
    value: { $typeName: "motiongateway.v1.TurnStarted", ordinal: BigInt(ordinal), ...audio, ...form },
  };
}

/** A piece of Ogg Opus. */
export function pages(firstSample: number, sampleCount: number, data: Uint8Array, last = false): PayloadContent {
  const value = { firstSample: BigInt(firstSample), sampleCount, last, data };
  return { case: "audio", value: { $typeName: "motiongateway.v1.Audio", ...value } };
}

/** Audio whose samples tell their place, modulo 2^15. */
export function audio(firstSample: number, sampleCount: number, last = false): PayloadContent {
  const samples = Int16Array.from({ length: sampleCount }, (_, i) => (firstSample + i) & 0x7fff);
  const data = new Uint8Array(samples.buffer);
  return {
    case: "audio",
    value: { $typeName: "motiongateway.v1.Audio", firstSample: BigInt(firstSample), sampleCount, last, data },
  };
}

/** Motion whose jaw tells its keyframe: k / 1000. */
export function motion(firstKeyframe: number, keyframeCount: number, last = false): PayloadContent {
  const jaws = Array.from({ length: keyframeCount }, (_, i) => (firstKeyframe + i) / 1000);
  const value = { firstKeyframe: BigInt(firstKeyframe), keyframeCount, last, envelope: envelope(jaws) };
  return { case: "motion", value: { $typeName: "motiongateway.v1.Motion", ...value } };
}

export function turnSealed(sampleCount: number, keyframeCount: number): PayloadContent {
  const value = { sampleCount: BigInt(sampleCount), keyframeCount: BigInt(keyframeCount) };
  return { case: "turnSealed", value: { $typeName: "motiongateway.v1.TurnSealed", ...value } };
}

export function turnEnded(outcome: number, discarded?: { from: number; through: number }, playedSamples = 0): PayloadContent {
  return {
    case: "turnEnded",
    value: {
      $typeName: "motiongateway.v1.TurnEnded",
      outcome,
      error: 0,
      reason: "",
      playedSamples: BigInt(playedSamples),
      discarded: discarded && {
        $typeName: "motiongateway.v1.SequenceRange",
        from: BigInt(discarded.from),
        through: BigInt(discarded.through),
      },
    },
  };
}

export function sessionEnded(): PayloadContent {
  return { case: "sessionEnded", value: { $typeName: "motiongateway.v1.SessionEnded", error: 0, reason: "" } };
}

export function viewerMessage(kind: string, text: string): PayloadContent {
  return { case: "viewerMessage", value: { $typeName: "motiongateway.v1.ViewerMessage", kind, text } };
}

export function playbackChanged(paused: boolean): PayloadContent {
  return {
    case: "playbackChanged",
    value: { $typeName: "motiongateway.v1.PlaybackChanged", paused, playedSamples: 0n },
  };
}

/** A Motion Server message with one keyframe for each jaw value. */
export function envelope(jaws: number[], shape: (jaw: number, k: number) => object = () => ({})): Uint8Array {
  const keyframes = jaws.map((jaw, k) => ({
    translation: [0, 0, 0],
    rotation: [0, 0, 0],
    neckPose: [0, 0, 0],
    jawPose: [jaw, 0, 0],
    eyePose: [0, 0, 0, 0, 0, 0],
    eyeLid: [0, 0],
    expression: new Array<number>(100).fill(0),
    ...shape(jaw, k),
  }));
  const message: Message = create(MessageSchema, {
    type: MessageType.MESSAGE_SERVER_RESPONSE_ANIMATION,
    data: {
      case: "serverResponseAnimation",
      value: { connectionId: "c", reqId: "r", animation: { keyframes } },
    },
  });
  return toBinary(MessageSchema, message);
}
