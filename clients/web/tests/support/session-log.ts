import { create, toBinary } from "@bufbuild/protobuf";
import { SubscribeResponseSchema } from "../../src/generated/motiongateway/v1/feed_pb.js";
import { type Payload, PayloadSchema, TurnOutcome } from "../../src/generated/motiongateway/v1/payload_pb.js";
import { audio, motion, type PayloadContent, type TurnForm, turnEnded, turnSealed, turnStarted } from "./payloads.js";

/** The session log as its owner keeps it. */
export class SessionLog {
  epoch = 1;
  /** Sequences up to here have left the log. */
  expiredThrough = 0;
  currentTurnStart: number | undefined;
  readonly #payloads: Payload[] = [];
  readonly #turnStarts = new Map<string, number>();
  #ordinal = 0;
  onAppend: () => void = () => undefined;

  get lastSequence(): number {
    return this.#payloads.length;
  }

  at(sequence: number): Payload | undefined {
    return this.#payloads[sequence - 1];
  }

  append(turnId: string, content: PayloadContent): number {
    const sequence = this.#payloads.length + 1;
    this.#payloads.push(create(PayloadSchema, { epoch: this.epoch, sequence: BigInt(sequence), turnId, content }));
    if (content.case === "turnStarted") {
      this.currentTurnStart = sequence;
      this.#turnStarts.set(turnId, sequence);
    } else if (content.case === "turnEnded" && this.#turnStarts.get(turnId) === this.currentTurnStart) {
      this.currentTurnStart = undefined;
    }
    this.onAppend();
    return sequence;
  }

  start(turnId: string, form?: TurnForm): void {
    this.append(turnId, turnStarted(++this.#ordinal, form));
  }

  /** Audio then its motion, a part after the other, and the seal. */
  fill(turnId: string, keyframes: number, part: number, rate = 16_000): void {
    for (let k = 0; k < keyframes; k += part) {
      const count = Math.min(part, keyframes - k);
      const last = k + count === keyframes;
      this.append(turnId, audio((k * rate) / 25, (count * rate) / 25, last));
      this.append(turnId, motion(k, count, last));
    }
    this.append(turnId, turnSealed((keyframes * rate) / 25, keyframes));
  }

  complete(turnId: string): void {
    this.append(turnId, turnEnded(TurnOutcome.COMPLETED));
  }

  /** Ends a turn and makes all of it after its start void. */
  interrupt(turnId: string, playedSamples = 0): void {
    const from = (this.#turnStarts.get(turnId) ?? 0) + 1;
    const through = this.lastSequence;
    this.append(turnId, turnEnded(TurnOutcome.INTERRUPTED, through >= from ? { from, through } : undefined, playedSamples));
  }

  /** First sequence after `sequence` that a reader is still to be given: an interrupt overtakes what it voids. */
  next(sequence: number): Payload | undefined {
    for (const payload of this.#payloads) {
      const ended = payload.content.case === "turnEnded" ? payload.content.value : undefined;
      const discarded = ended?.discarded;
      if (discarded && sequence + 1 >= Number(discarded.from) && sequence + 1 <= Number(discarded.through)) {
        return payload;
      }
    }
    return this.at(sequence + 1);
  }

  /** A new owner has the session: what was counted is gone. */
  changeEpoch(): void {
    this.epoch++;
    this.#payloads.length = 0;
    this.#turnStarts.clear();
    this.expiredThrough = 0;
    this.currentTurnStart = undefined;
  }
}

/** A payload as a binary response. */
export function payloadResponse(payload: Payload): Uint8Array {
  return toBinary(SubscribeResponseSchema, create(SubscribeResponseSchema, { response: { case: "payload", value: payload } }));
}
