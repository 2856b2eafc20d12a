import type { AudioEncoding, FeedEvent, PayloadEvent, TurnOutcome, TurnStartedEvent } from "../feed/events.js";
import { PictureLog } from "./picture-log.js";

/** How far a turn is, as the feed tells it. */
export type TurnState = "started" | "sealed" | TurnOutcome | "lost";

/** What the page knows of a turn. Times in milliseconds of the page's clock. */
export interface TurnEntry {
  readonly id: string;
  readonly ordinal: number;
  readonly sampleRate: number;
  readonly encoding: AudioEncoding;
  readonly paced: boolean;
  /** What was seen of it. */
  readonly pictures: PictureLog;
  state: TurnState;
  error: string;
  readonly startedAt: number;
  firstAudioAt: number | undefined;
  firstMotionAt: number | undefined;
  samples: number;
  keyframes: number;
  /** Samples heard by the gateway's playback clock; undefined before its end. */
  playedSamples: number | undefined;
}

/** Turns kept in the list. */
const maxTurns = 50;

/** The session's turns, newest last, bounded. */
export class TurnLog {
  readonly #turns: TurnEntry[] = [];

  get turns(): readonly TurnEntry[] {
    return this.#turns;
  }

  find(turnId: string): TurnEntry | undefined {
    return this.#turns.find((turn) => turn.id === turnId);
  }

  /** Takes an event; true when the list changed. */
  add(event: FeedEvent, now: number): boolean {
    if (event.type === "turnStarted") {
      return this.#start(event, now);
    }
    if (event.type === "gap" && event.reason === "epochChanged") {
      return this.#lose();
    }
    const turn = "turnId" in event ? this.find(event.turnId) : undefined;
    return turn !== undefined && update(turn, event as PayloadEvent, now);
  }

  #start({ turnId: id, ordinal, sampleRate, audioEncoding: encoding, paced }: TurnStartedEvent, now: number): boolean {
    if (this.find(id) !== undefined) {
      return false;
    }
    const form = { ordinal, sampleRate, encoding, paced, pictures: new PictureLog() };
    const media = { firstAudioAt: undefined, firstMotionAt: undefined, samples: 0, keyframes: 0, playedSamples: undefined };
    this.#turns.push({ id, ...form, state: "started", error: "", startedAt: now, ...media });
    this.#turns.splice(0, this.#turns.length - maxTurns);
    return true;
  }

  #lose(): boolean {
    const open = this.#turns.filter((turn) => turn.state === "started" || turn.state === "sealed");
    open.forEach((turn) => (turn.state = "lost"));
    return open.length > 0;
  }
}

function update(turn: TurnEntry, event: PayloadEvent, now: number): boolean {
  switch (event.type) {
    case "audio":
      turn.firstAudioAt ??= now;
      turn.samples = Math.max(turn.samples, event.firstSample + event.sampleCount);
      return true;
    case "motion":
      turn.firstMotionAt ??= now;
      turn.keyframes = Math.max(turn.keyframes, event.firstKeyframe + event.keyframeCount);
      return true;
    case "turnSealed":
      turn.state = "sealed";
      return true;
    case "turnEnded":
      turn.state = event.outcome;
      turn.error = event.error;
      turn.playedSamples = event.playedSamples;
      return true;
    default:
      return false;
  }
}
