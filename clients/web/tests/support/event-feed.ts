import type { FeedEvent, FeedEventOf, GapReason, PayloadEvent, TurnOutcome } from "../../src/feed/events.js";
import { create } from "@bufbuild/protobuf";
import { PayloadSchema } from "../../src/generated/motiongateway/v1/payload_pb.js";
import { payloadEvent } from "../../src/feed/payload-events.js";
import { audio, motion, type PayloadContent, playbackChanged, type TurnForm, turnEnded, turnSealed, turnStarted } from "./payloads.js";

const outcomes: Record<TurnOutcome, number> = { completed: 1, interrupted: 2, failed: 3, audioOnly: 4 };

type Entry = [FeedEvent["type"], (event: FeedEvent) => void];

/** A feed without a connection: the test says what happens. */
export class EventFeed {
  readonly #listeners: Entry[] = [];
  #sequence = 0;
  #ordinal = 0;
  epoch = 1;

  on<T extends FeedEvent["type"]>(type: T, listener: (event: FeedEventOf<T>) => void): () => void {
    const entry: Entry = [type, listener as (event: FeedEvent) => void];
    this.#listeners.push(entry);
    return () => void this.#listeners.splice(this.#listeners.indexOf(entry), 1);
  }

  get listenerCount(): number {
    return this.#listeners.length;
  }

  emit(event: FeedEvent): void {
    for (const [type, listener] of [...this.#listeners]) {
      if (type === event.type) {
        listener(event);
      }
    }
  }

  payload(turnId: string, content: PayloadContent): void {
    const payload = create(PayloadSchema, { epoch: this.epoch, sequence: BigInt(++this.#sequence), turnId, content });
    const bytes = content.case === "audio" ? content.value.data.length : 100;
    this.emit(payloadEvent(payload, bytes) as PayloadEvent);
  }

  start(turnId: string, form?: TurnForm): void {
    this.payload(turnId, turnStarted(++this.#ordinal, form));
  }

  /** Keyframes `from` up to `to` of a turn: audio, then the motion made from it. */
  media(turnId: string, from: number, to: number, last = false): void {
    this.audio(turnId, from, to, last);
    this.motion(turnId, from, to, last);
  }

  audio(turnId: string, from: number, to: number, last = false): void {
    this.payload(turnId, audio(from * 640, (to - from) * 640, last));
  }

  motion(turnId: string, from: number, to: number, last = false): void {
    this.payload(turnId, motion(from, to - from, last));
  }

  seal(turnId: string, keyframes: number): void {
    this.payload(turnId, turnSealed(keyframes * 640, keyframes));
  }

  end(turnId: string, outcome: TurnOutcome = "completed"): void {
    this.payload(turnId, turnEnded(outcomes[outcome]));
  }

  pause(turnId: string, paused: boolean): void {
    this.payload(turnId, playbackChanged(paused));
  }

  gap(reason: GapReason, reset = false): void {
    this.emit({ type: "gap", reason, epoch: this.epoch, from: this.#sequence + 1, through: undefined, reset });
  }
}
