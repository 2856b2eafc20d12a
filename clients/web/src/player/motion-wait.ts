/** Turns whose delays are remembered. */
const rememberedTurns = 4;
/** Milliseconds above what is known of motion's delay; of a first turn half of it is added, and at least so much. */
const marginMs = 50;
const leastFirstMarginMs = 100;
/** Speech that is not this far ahead of the time that has passed comes as it is spoken. */
const liveSlackMs = 500;

/** How long after its speech a session's motion comes, learned from turn to turn. Milliseconds. */
export class MotionPace {
  readonly #delays: number[] = [];
  #turns = 0;

  /** True once a turn whose speech came as it was spoken has been seen. */
  get isKnown(): boolean {
    return this.#delays.length > 0;
  }

  /** Turns that are over. */
  get turns(): number {
    return this.#turns;
  }

  get worstMs(): number {
    return Math.max(0, ...this.#delays);
  }

  learn(delayMs: number): void {
    this.#turns++;
    if (delayMs > 0) {
      this.#delays.push(delayMs);
      this.#delays.splice(0, this.#delays.length - rememberedTurns);
    }
  }
}

/** What a wait needs to know of its turn at a moment. Milliseconds of the turn's timeline, from the first that came. */
export interface WaitingTurn {
  readonly now: number;
  /** Speech that has come. */
  readonly receivedMs: number;
  /** All of the speech has come, or all of the motion. */
  readonly isComplete: boolean;
  readonly isMotionComplete: boolean;
  /** Up to where motion has come. */
  readonly motionMs: number;
  /** Up to where speech has been given to the audio device, and whether it has been heard. */
  readonly placedMs: number;
  readonly isDry: boolean;
}

/**
 * Holds the speech of a turn that the gateway did not pace, by the gateway's own rules: before its first sound for as
 * long as motion has been seen to need, in a session's first turn once more within it, in all at most `maxWaitMs`. After
 * that speech never waits for motion.
 */
export class MotionWait {
  readonly #pace: MotionPace;
  readonly #maxWaitMs: number;
  #createdAt: number | undefined;
  #delayMs = 0;
  #usedMs = 0;
  #since: number | undefined;
  #isOver: boolean;

  /** @param maxWaitMs 0: nothing waits. */
  constructor(pace: MotionPace, maxWaitMs: number) {
    this.#pace = pace;
    this.#maxWaitMs = maxWaitMs;
    this.#isOver = maxWaitMs <= 0;
  }

  /** How late the turn's motion came after its speech, at the worst; 0 where speech came faster than it is spoken. */
  get delayMs(): number {
    return this.#delayMs;
  }

  /** Milliseconds waited so far. */
  usedMs(now: number): number {
    return this.#usedMs + (this.#since === undefined ? 0 : now - this.#since);
  }

  /** Speech came; only the first counts. */
  speechCame(now: number): void {
    this.#createdAt ??= now;
  }

  /** Motion came, from a place of the turn on. */
  motionCame(turn: WaitingTurn, fromMs: number): void {
    if (this.#createdAt !== undefined && this.#isLive(turn)) {
      this.#delayMs = Math.max(this.#delayMs, turn.now - this.#createdAt - fromMs);
    }
  }

  /** Up to where speech may be given to the audio device. */
  limitMs(turn: WaitingTurn): number {
    if (!this.#isOver && (turn.isMotionComplete || this.usedMs(turn.now) >= this.#maxWaitMs)) {
      this.#end(turn.now, true);
    }
    if (this.#isOver) {
      return Number.POSITIVE_INFINITY;
    }
    if (turn.placedMs === 0 || (turn.isDry && !isThere(turn))) {
      this.#since ??= turn.now;
    }
    if (this.#since === undefined) {
      return turn.motionMs;
    }
    return this.leftMs(turn) > 0 ? turn.placedMs : this.#goOn(turn);
  }

  /** How long the present wait goes on if no motion comes; 0 when nothing waits. */
  leftMs(turn: WaitingTurn): number {
    if (this.#isOver || this.#since === undefined) {
      return 0;
    }
    const budget = Math.max(0, this.#maxWaitMs - this.usedMs(turn.now));
    if (!isThere(turn)) {
      return budget;
    }
    const wantedMs = turn.placedMs === 0 ? this.#startMs(turn) : this.#delayMs + marginMs + turn.placedMs;
    return Math.max(0, Math.min(budget, wantedMs - (turn.now - (this.#createdAt ?? turn.now))));
  }

  /** Gives up all waiting, for a turn whose motion will not come. */
  giveUp(now: number): void {
    this.#end(now, true);
  }

  /** How long after its first speech a turn should begin. */
  #startMs(turn: WaitingTurn): number {
    if (!this.#isLive(turn)) {
      return 0;
    }
    // Of a first turn it is not known how late the motion behind the first will be.
    return this.#pace.isKnown
      ? this.#pace.worstMs + marginMs
      : this.#delayMs + Math.max(leastFirstMarginMs, this.#delayMs / 2);
  }

  #goOn(turn: WaitingTurn): number {
    const mayWaitAgain = turn.placedMs === 0 && !this.#pace.isKnown && this.#pace.turns === 0;
    this.#end(turn.now, !mayWaitAgain);
    return mayWaitAgain ? turn.motionMs : Number.POSITIVE_INFINITY;
  }

  #isLive(turn: WaitingTurn): boolean {
    return !turn.isComplete && turn.receivedMs < turn.now - (this.#createdAt ?? turn.now) + liveSlackMs;
  }

  #end(now: number, isOver: boolean): void {
    this.#usedMs = this.usedMs(now);
    this.#since = undefined;
    this.#isOver = isOver;
  }
}

/** True where motion has come for what is to be heard next. Places are rounded to samples. */
function isThere(turn: WaitingTurn): boolean {
  return turn.motionMs > turn.placedMs + 1;
}
