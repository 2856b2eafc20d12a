import { type Clock, systemClock } from "../feed/clock.js";
import type { GapEvent, TurnEndedEvent, TurnStartedEvent } from "../feed/events.js";
import type { Feed } from "../feed/feed.js";
import { ArrivalBuffer } from "./arrival-buffer.js";
import type { AudioOutput } from "./audio-output.js";
import { MotionPace } from "./motion-wait.js";
import { PlaybackReporter } from "./playback-reporter.js";
import type { PlayerOptions } from "./player-options.js";
import type { PlayerStats } from "./player-stats.js";
import { PlayerTurn, type TurnSurroundings } from "./player-turn.js";
import type { Pose } from "./pose.js";
import { TurnQueue } from "./turn-queue.js";

/** What the player is at: nothing to play; playing; waiting for data; held; waiting for the browser to allow sound. */
export type PlayerState = "idle" | "playing" | "buffering" | "paused" | "suspended";

/** What is heard and shown at one moment. */
export interface PlayerFrame {
  readonly state: PlayerState;
  /** Empty when no turn is present. */
  readonly turnId: string;
  /** Sample of the turn that is heard. */
  readonly sample: number;
  /** Keyframe that is shown, with its fraction; undefined where motion is missing. */
  readonly keyframe: number | undefined;
  readonly pose: Pose | undefined;
  /** What is shown minus what is heard, in milliseconds: negative where motion is late. Undefined where motion is missing. */
  readonly skewMs: number | undefined;
}

/** What the player uses of a feed. */
export type PlayableFeed = Pick<Feed, "on" | "reportPlayback">;

const defaultMotionWaitMs = 1500;
const defaultHeldBytes = 16 * 1024 * 1024;

/**
 * Plays a feed's turns one after the other, each from its start, and tells the pose for what is heard. A viewer who
 * joins in mid-turn hears that turn from its start, and the next one after it.
 */
export class Player {
  readonly #output: AudioOutput;
  readonly #options: PlayerOptions;
  readonly #clock: Clock;
  readonly #buffer = new ArrivalBuffer();
  readonly #surroundings: TurnSurroundings;
  readonly #unsubscribe: (() => void)[];
  readonly #turns: TurnQueue;
  readonly #reporter: PlaybackReporter;
  #isAdvancing = false;
  #timer: unknown;
  #decodeErrors = 0;
  #lastDecodeError = "";

  constructor(feed: PlayableFeed, output: AudioOutput, options: PlayerOptions = {}) {
    this.#output = output;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#turns = new TurnQueue(options.maxHeldBytes ?? defaultHeldBytes);
    this.#reporter = new PlaybackReporter((report) => feed.reportPlayback(report), this.#clock);
    this.#surroundings = {
      clock: this.#clock,
      platform: options.decoding,
      buffer: this.#buffer,
      pace: new MotionPace(),
      maxMotionWaitMs: options.maxMotionWaitMs ?? defaultMotionWaitMs,
      onDecoded: (turnId, firstSample, samples) => this.#decoded(turnId, firstSample, samples),
      onProblem: (turnId, message) => this.#problem(turnId, message),
    };
    this.#unsubscribe = [
      feed.on("turnStarted", (event) => this.#turnStarted(event)),
      feed.on("audio", (event) => this.#change(event.turnId, (turn) => turn.addAudio(event))),
      feed.on("motion", (event) => this.#change(event.turnId, (turn) => turn.addMotion(event))),
      feed.on("turnSealed", (event) => this.#change(event.turnId, (turn) => turn.seal(event))),
      feed.on("playbackChanged", (event) => this.#change(event.turnId, (turn) => turn.setPaused(event.paused))),
      feed.on("turnEnded", (event) => this.#turnEnded(event)),
      feed.on("gap", (event) => this.#gap(event)),
      feed.on("sessionEnded", () => this.#endAll()),
      feed.on("closed", () => this.#endAll()),
      output.onChange(() => this.#advance()),
    ];
  }

  /** The turn at hand. */
  get turn(): PlayerTurn | undefined {
    return this.#turns.current;
  }

  /** What is measured, now. */
  get stats(): PlayerStats {
    const turn = this.#turns.current;
    const { now, heardAt, sound } = this.#output;
    const heard = turn?.sampleAt(heardAt) ?? 0;
    const left = (sample: number) => (turn === undefined ? 0 : (Math.max(0, sample - heard) * 1000) / turn.sampleRate);
    return {
      sound,
      encoding: turn?.audioEncoding,
      bufferMs: this.#buffer.targetMs,
      jitterMs: this.#buffer.jitterMs,
      lagMs: turn?.lagMsAt(heardAt),
      motionWaitMs: turn?.motionWaitMs,
      worstSkewMs: turn?.worstSkewMs,
      scheduledMs: turn === undefined ? 0 : Math.max(0, Math.min(left(turn.placedTo), (turn.endsAt - now) * 1000)),
      receivedMs: left(turn?.receivedTo ?? 0),
      underruns: turn?.underruns ?? 0,
      heldBytes: this.#turns.heldBytes,
      skippedMs: this.#turns.skippedMs,
      decodeErrors: this.#decodeErrors,
      lastDecodeError: this.#lastDecodeError,
    };
  }

  /** True while the turn is at hand or waits to be. */
  holds(turnId: string): boolean {
    return this.#turns.find(turnId) !== undefined;
  }

  /** What is heard and shown now. Also moves on to the next turn: call it for each picture. */
  frame(): PlayerFrame {
    this.#advance();
    const turn = this.#turns.current;
    if (turn === undefined) {
      return { state: "idle", turnId: "", sample: 0, keyframe: undefined, pose: undefined, skewMs: undefined };
    }
    const sample = turn.sampleAt(this.#output.heardAt);
    return { state: this.#state(turn), turnId: turn.id, sample, ...turn.pictureAt(sample) };
  }

  /** Stops the turn at hand here, whatever the gateway says of it. */
  skipTurn(): void {
    const turn = this.#turns.current;
    if (turn !== undefined) {
      this.#turns.drop(turn);
      this.#advance();
    }
  }

  /** Lets go of the feed and falls silent. Harmless when done twice. */
  dispose(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) {
      unsubscribe();
    }
    for (const turn of this.#turns) {
      this.#turns.drop(turn);
    }
    this.#clock.clearTimeout(this.#timer);
  }

  #turnStarted(event: TurnStartedEvent): void {
    const again = this.#turns.find(event.turnId);
    if (again !== undefined) {
      // The feed began anew and brings the turn again.
      again.endMayBeLost = false;
      return;
    }
    for (const turn of this.#turns) {
      if (turn.endMayBeLost) {
        turn.end();
      }
    }
    this.#dropStale();
    this.#turns.add(new PlayerTurn(event, this.#surroundings));
    this.#advance();
  }

  #turnEnded(event: TurnEndedEvent): void {
    const turn = this.#turns.find(event.turnId);
    if (turn !== undefined && event.outcome === "interrupted") {
      this.#turns.drop(turn);
    } else {
      turn?.end();
    }
    this.#advance();
  }

  #gap(event: GapEvent): void {
    if (event.reason === "interrupted" || event.reason === "beforeStart") {
      return;
    }
    if (event.reason === "readerTooSlow") {
      // It is about the turn that was begun last.
      this.#turns.last?.loseMotion();
    }
    for (const turn of this.#turns) {
      turn.endMayBeLost = true;
    }
    if (event.reason === "epochChanged") {
      this.#endAll();
    }
  }

  #endAll(): void {
    for (const turn of this.#turns) {
      turn.end();
    }
    this.#advance();
  }

  /** While the browser keeps sound from beginning, turns that are over are not kept for later. */
  #dropStale(): void {
    for (const turn of this.#turns) {
      if (turn.ended && !this.#output.isRunning) {
        this.#turns.drop(turn);
      }
    }
  }

  #change(turnId: string, change: (turn: PlayerTurn) => void): void {
    const turn = this.#turns.find(turnId);
    if (turn !== undefined) {
      change(turn);
      this.#turns.makeRoom(this.#output.heardAt);
      this.#advance();
    }
  }

  #decoded(turnId: string, firstSample: number, samples: Float32Array): void {
    this.#options.onSpeech?.(turnId, firstSample, samples);
    if (!this.#isAdvancing) {
      this.#advance();
    }
  }

  #problem(turnId: string, message: string): void {
    this.#decodeErrors++;
    this.#lastDecodeError = message;
    this.#options.onProblem?.(turnId, message);
  }

  #advance(): void {
    this.#isAdvancing = true;
    try {
      this.#clock.clearTimeout(this.#timer);
      const dueMs = this.#pump();
      if (dueMs !== undefined) {
        this.#timer = this.#clock.setTimeout(() => this.#advance(), dueMs);
      }
    } finally {
      this.#isAdvancing = false;
    }
  }

  /** Plays the turn at hand, or the next where it is over; the milliseconds until that turn has something to do by itself. */
  #pump(): number | undefined {
    for (;;) {
      const turn = this.#turns.current;
      if (turn === undefined) {
        return undefined;
      }
      if (!turn.begun) {
        turn.begin(this.#output, () => this.#advance());
      }
      const dueMs = turn.pump();
      if (!turn.isOver(this.#output.heardAt)) {
        this.#report(turn, this.#state(turn));
        return dueMs;
      }
      this.#report(turn, "ended");
      this.#turns.drop(turn);
    }
  }

  #state(turn: PlayerTurn): Exclude<PlayerState, "idle"> {
    if (!this.#output.isRunning) {
      return "suspended";
    }
    if (turn.paused) {
      return "paused";
    }
    return turn.isSounding(this.#output.heardAt) ? "playing" : "buffering";
  }

  #report(turn: PlayerTurn, playerState: Exclude<PlayerState, "idle"> | "ended"): void {
    const state = playerState === "suspended" ? "paused" : playerState;
    this.#reporter.report({ turnId: turn.id, playedSamples: turn.sampleAt(this.#output.heardAt), state });
  }
}
