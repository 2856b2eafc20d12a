import { type Clock, systemClock } from "../feed/clock.js";
import type { GapEvent, TurnEndedEvent, TurnStartedEvent } from "../feed/events.js";
import type { Feed } from "../feed/feed.js";
import type { PlaybackReport } from "../feed/viewer-events.js";
import { keyframeRate } from "../turn/continuity.js";
import type { AudioOutput } from "./audio-output.js";
import { PlayerTurn } from "./player-turn.js";
import type { Pose } from "./pose.js";

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
}

/** What the player uses of a feed. */
export type PlayableFeed = Pick<Feed, "on" | "reportPlayback">;

/** Milliseconds between reports of where the playback is. */
const reportIntervalMs = 1000;

/**
 * Plays a feed's turns one after the other, each from its start, and tells the pose for what is heard. A viewer who
 * joins in mid-turn hears that turn from its start, and the next one after it.
 */
export class Player {
  readonly #feed: PlayableFeed;
  readonly #output: AudioOutput;
  readonly #clock: Clock;
  readonly #unsubscribe: (() => void)[];
  /** In the order of the log; the first is the one at hand. */
  readonly #turns: PlayerTurn[] = [];
  #lastEndedAt = 0;
  #reported: PlaybackReport | undefined;
  #reportedAt = 0;

  constructor(feed: PlayableFeed, output: AudioOutput, clock: Clock = systemClock) {
    this.#feed = feed;
    this.#output = output;
    this.#clock = clock;
    this.#unsubscribe = [
      feed.on("turnStarted", (event) => this.#turnStarted(event)),
      feed.on("audio", (event) => this.#change(event.turnId, (turn) => turn.addAudio(event))),
      feed.on("motion", (event) => this.#change(event.turnId, (turn) => turn.addMotion(event))),
      feed.on("turnSealed", (event) => this.#change(event.turnId, (turn) => turn.seal())),
      feed.on("playbackChanged", (event) => this.#change(event.turnId, (turn) => turn.setPaused(event.paused))),
      feed.on("turnEnded", (event) => this.#turnEnded(event)),
      feed.on("gap", (event) => this.#gap(event)),
      feed.on("sessionEnded", () => this.#endAll()),
      feed.on("closed", () => this.#endAll()),
    ];
  }

  /** The turn at hand; its media are what a picture of it is made from. */
  get turn(): PlayerTurn | undefined {
    return this.#turns[0];
  }

  /** True while the turn is at hand or waits to be. */
  holds(turnId: string): boolean {
    return this.#find(turnId) !== undefined;
  }

  /** What is heard and shown now. Also moves on to the next turn: call it for each picture. */
  frame(): PlayerFrame {
    this.#advance();
    const turn = this.#turns[0];
    if (turn === undefined) {
      return { state: "idle", turnId: "", sample: 0, keyframe: undefined, pose: undefined };
    }
    const sample = turn.sampleAt(this.#output.heardAt);
    const pose = turn.poseAt(sample);
    // Where motion is late, the last that came is shown.
    const keyframe = pose && Math.min((sample * keyframeRate) / turn.sampleRate, turn.poses.length - 1);
    return { state: this.#state(turn), turnId: turn.id, sample, keyframe, pose };
  }

  /** Stops the turn at hand here, whatever the gateway says of it. */
  skipTurn(): void {
    const turn = this.#turns[0];
    if (turn !== undefined) {
      this.#drop(turn);
      this.#advance();
    }
  }

  /** Lets go of the feed and falls silent. Harmless when done twice. */
  dispose(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) {
      unsubscribe();
    }
    for (const turn of this.#turns.splice(0)) {
      turn.stop();
    }
  }

  #turnStarted(event: TurnStartedEvent): void {
    const again = this.#find(event.turnId);
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
    this.#turns.push(new PlayerTurn(event.turnId, event.ordinal, event.sampleRate));
    this.#advance();
  }

  #turnEnded(event: TurnEndedEvent): void {
    const turn = this.#find(event.turnId);
    if (turn !== undefined && event.outcome === "interrupted") {
      this.#drop(turn);
    } else {
      turn?.end();
    }
    this.#advance();
  }

  #gap(event: GapEvent): void {
    if (event.reason === "interrupted" || event.reason === "beforeStart") {
      return;
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
    if (!this.#output.isRunning) {
      for (const turn of this.#turns.filter((turn) => turn.ended)) {
        this.#drop(turn);
      }
    }
  }

  #change(turnId: string, change: (turn: PlayerTurn) => void): void {
    const turn = this.#find(turnId);
    if (turn !== undefined) {
      change(turn);
      this.#advance();
    }
  }

  #advance(): void {
    for (;;) {
      const turn = this.#turns[0];
      if (turn === undefined) {
        return;
      }
      if (!turn.begun) {
        turn.begin(this.#output, this.#lastEndedAt, () => this.#advance());
      }
      if (!turn.isOver(this.#output.heardAt)) {
        this.#report(turn, this.#state(turn));
        return;
      }
      this.#report(turn, "ended");
      this.#lastEndedAt = turn.endsAt;
      this.#turns.shift();
    }
  }

  #drop(turn: PlayerTurn): void {
    turn.stop();
    this.#turns.splice(this.#turns.indexOf(turn), 1);
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
    const now = this.#clock.now();
    const same = this.#reported?.turnId === turn.id && this.#reported.state === state;
    if (same && (state !== "playing" || now - this.#reportedAt < reportIntervalMs)) {
      return;
    }
    const playedSamples = turn.sampleAt(this.#output.heardAt);
    this.#reported = { turnId: turn.id, playedSamples, state };
    this.#reportedAt = now;
    this.#feed.reportPlayback(this.#reported);
  }

  #find(turnId: string): PlayerTurn | undefined {
    return this.#turns.find((turn) => turn.id === turnId);
  }
}
