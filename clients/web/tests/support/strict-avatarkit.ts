import { fromBinary } from "@bufbuild/protobuf";
import type { AvatarKitController } from "../../src/avatarkit/controller.js";
import { MessageSchema } from "../../src/generated/driveningress/v2/driveningress_pb.js";

/** What one conversation was given. */
export interface Conversation {
  readonly id: string;
  samples: number[];
  keyframes: number;
  ended: boolean;
  interrupted: boolean;
}

/** AvatarKit's rules: it writes down what it is given, and as `dropped` what AvatarKit would drop or choke on. */
export class StrictAvatarKit implements AvatarKitController {
  readonly conversations: Conversation[] = [];
  readonly dropped: string[] = [];
  readonly #isInPlace: (jaw: number, index: number) => boolean;
  paused = false;
  interrupts = 0;

  /** `isInPlace` knows a keyframe's place in its turn by its jaw; by default as `motion()` makes them. */
  constructor(isInPlace = (jaw: number, index: number) => Math.round(jaw * 1000) === index) {
    this.#isInPlace = isInPlace;
  }

  get current(): Conversation | undefined {
    return this.conversations.at(-1);
  }

  yieldAudioData(bytes: Uint8Array, isLast: boolean): string {
    let conversation = this.current;
    if (conversation === undefined || conversation.ended || conversation.interrupted) {
      conversation = { id: `c${this.conversations.length + 1}`, samples: [], keyframes: 0, ended: false, interrupted: false };
      this.conversations.push(conversation);
    }
    if (bytes.length === 0 && !(isLast && conversation.samples.length > 0)) {
      this.dropped.push("empty audio that closes nothing");
    }
    const samples = new Int16Array(bytes.slice().buffer);
    conversation.samples.push(...samples);
    conversation.ended = isLast;
    return conversation.id;
  }

  yieldFramesData(frames: Uint8Array[], conversationId: string): void {
    const conversation = this.current;
    if (conversation === undefined) {
      this.dropped.push("motion before audio");
    } else if (conversation.id !== conversationId) {
      this.dropped.push(`motion of ${conversationId} in ${conversation.id}`);
    } else if (conversation.interrupted) {
      this.dropped.push("motion after interrupt");
    } else {
      for (const frame of frames) {
        this.#takeFrame(conversation, frame);
      }
    }
  }

  interrupt(): void {
    this.interrupts++;
    if (this.current !== undefined) {
      this.current.interrupted = true;
    }
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  #takeFrame(conversation: Conversation, frame: Uint8Array): void {
    const { data } = fromBinary(MessageSchema, frame);
    const keyframes = data.case === "serverResponseAnimation" ? (data.value.animation?.keyframes ?? []) : [];
    if (keyframes.length === 0) {
      this.dropped.push("empty motion, which makes the conversation audio-only");
    }
    for (const keyframe of keyframes) {
      if (!this.#isInPlace(keyframe.jawPose[0] ?? 0, conversation.keyframes++)) {
        this.dropped.push(`keyframe out of place at ${conversation.keyframes - 1}`);
      }
    }
  }
}

/** Whether samples are those of a turn from its start, as `audio()` makes them. */
export function wholeFromStart(samples: readonly number[]): boolean {
  return samples.every((sample, i) => sample === (i & 0x7fff));
}
