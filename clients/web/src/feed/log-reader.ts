import type { Payload, SequenceSkipped } from "../generated/motiongateway/v1/payload_pb.js";
import { ProtocolError } from "./connection.js";
import type { FeedEvent, GapReason, Position, TurnEndedEvent } from "./events.js";
import { gapReason, payloadEvent, sequenceRange } from "./payload-events.js";
import { type LedgerVerdict, SequenceLedger } from "./sequence-ledger.js";

/** Reads a session's log: turns payloads and declared ranges into events, and lets no gap pass in silence. */
export class LogReader {
  readonly #ledger = new SequenceLedger();
  readonly #emit: (event: FeedEvent) => void;
  /** Turns that have begun and not ended. */
  readonly #openTurns = new Set<string>();

  constructor(emit: (event: FeedEvent) => void) {
    this.#emit = emit;
  }

  /** Up to where the log is processed; undefined before the first connection. */
  get position(): Position | undefined {
    return this.#ledger.position;
  }

  /** A turn is under way: something of it, or at least its end, is due. */
  get isTurnOpen(): boolean {
    return this.#openTurns.size > 0;
  }

  /** A connection goes on after a position; what was before it when another epoch has begun since. */
  begin(position: Position): Position | undefined {
    const before = this.#ledger.position;
    const verdict = this.#ledger.begin(position);
    if (verdict === "violation") {
      throw new ProtocolError("The feed does not go on where it was left.");
    }
    return verdict === "reset" ? before : undefined;
  }

  /** Takes a payload; its event, after the gaps that it tells of. Undefined when there is nothing to tell. */
  payload(payload: Payload, bytes: number): FeedEvent | undefined {
    const event = payloadEvent(payload, bytes);
    const discarded = event?.type === "turnEnded" ? event.discarded : undefined;
    const sequence = Number(payload.sequence);
    const before = this.#require();
    const verdict = this.#ledger.accept(payload.epoch, sequence, discarded);
    if (verdict === "violation") {
      throw new ProtocolError(`Sequence ${sequence} came after ${before.sequence}, and no gap was declared.`);
    }
    if (verdict === "stale") {
      return undefined;
    }
    this.#tellReset(verdict, before);
    if (verdict === "accepted" && event?.type === "turnEnded" && sequence > before.sequence + 1) {
      this.#tellInterruptGap(event, before);
    }
    this.#noteTurn(event);
    return event;
  }

  /** Takes a declared range, and tells of it. */
  skipped(skipped: SequenceSkipped): void {
    const before = this.#require();
    const range = sequenceRange(skipped.range);
    const verdict = range === undefined ? "violation" : this.#ledger.skip(skipped.epoch, range);
    if (range === undefined || verdict === "violation") {
      throw new ProtocolError("A skipped range does not begin where the feed is.");
    }
    if (verdict === "stale") {
      return;
    }
    this.#tellReset(verdict, before);
    const reason = gapReason(skipped.reason);
    if (reason === "expired") {
      // Their ends may have been among it.
      this.#openTurns.clear();
    }
    this.#emit({ type: "gap", reason, epoch: skipped.epoch, ...range, reset: false });
  }

  /** Forgets the position, which leads nowhere, and tells that all after it is missing. */
  restart(reason: GapReason, from: Position | undefined): void {
    const before = this.#ledger.position ?? from;
    this.#ledger.forget();
    if (before !== undefined) {
      this.tellReset(before, reason);
    }
  }

  /** Tells that the feed begins anew after a position. */
  tellReset(before: Position, reason: GapReason): void {
    const from = before.sequence + 1;
    this.#openTurns.clear();
    this.#emit({ type: "gap", reason, epoch: before.epoch, from, through: undefined, reset: true });
  }

  #noteTurn(event: FeedEvent | undefined): void {
    switch (event?.type) {
      case "turnStarted":
      case "audio":
      case "motion":
      case "turnSealed":
        this.#openTurns.add(event.turnId);
        break;
      case "turnEnded":
        this.#openTurns.delete(event.turnId);
        break;
      default:
        break;
    }
  }

  #tellReset(verdict: LedgerVerdict, before: Position): void {
    if (verdict === "reset") {
      this.tellReset(before, "epochChanged");
    }
  }

  #tellInterruptGap(ended: TurnEndedEvent, before: Position): void {
    const missing = { from: before.sequence + 1, through: ended.sequence - 1 };
    this.#emit({ type: "gap", reason: "interrupted", epoch: ended.epoch, ...missing, reset: false });
  }

  #require(): Position {
    if (this.#ledger.position === undefined) {
      throw new ProtocolError("The feed has not begun.");
    }
    return this.#ledger.position;
  }
}
