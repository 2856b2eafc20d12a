import type { FeedEvent, PayloadEvent, TurnOutcome } from "../feed/events.js";

/** How far a turn is, as the feed tells it. */
export type TurnState = "started" | "sealed" | TurnOutcome | "lost";

/** What the page knows of a turn. Times in milliseconds of the page's clock. */
export interface TurnEntry {
  readonly id: string;
  readonly ordinal: number;
  readonly sampleRate: number;
  state: TurnState;
  error: string;
  readonly startedAt: number;
  firstAudioAt: number | undefined;
  firstMotionAt: number | undefined;
  samples: number;
  keyframes: number;
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
      return this.#start(event.turnId, event.ordinal, event.sampleRate, now);
    }
    if (event.type === "gap" && event.reason === "epochChanged") {
      return this.#lose();
    }
    const turn = "turnId" in event ? this.find(event.turnId) : undefined;
    return turn !== undefined && update(turn, event as PayloadEvent, now);
  }

  #start(id: string, ordinal: number, sampleRate: number, now: number): boolean {
    if (this.find(id) !== undefined) {
      return false;
    }
    const media = { firstAudioAt: undefined, firstMotionAt: undefined, samples: 0, keyframes: 0 };
    this.#turns.push({ id, ordinal, sampleRate, state: "started", error: "", startedAt: now, ...media });
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
      return true;
    default:
      return false;
  }
}
