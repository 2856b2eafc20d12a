import type { Clock } from "../feed/clock.js";
import type { AudioEvent, MotionEvent, PlaybackChangedEvent, PayloadEvent } from "../feed/events.js";
import { TurnContinuity } from "../turn/continuity.js";
import type { AvatarKitController } from "./attach.js";

/** One turn on its way to AvatarKit, as one conversation. */
export class AvatarKitTurn {
  readonly id: string;
  /** Set by a gap that may have swallowed the turn's end. */
  endMayBeLost = false;
  readonly #sampleRate: number;
  readonly #controller: AvatarKitController;
  readonly #clock: Clock;
  readonly #continuity = new TurnContinuity();
  readonly #held: PayloadEvent[] = [];
  #heldBytes = 0;
  #conversationId: string | undefined;
  #lastGiven = false;
  #sealed = false;
  #ended = false;
  #firstGivenAt = 0;
  #pausedMs = 0;
  #pausedAt: number | undefined;

  constructor(id: string, sampleRate: number, controller: AvatarKitController, clock: Clock) {
    this.id = id;
    this.#sampleRate = sampleRate;
    this.#controller = controller;
    this.#clock = clock;
  }

  /** True once AvatarKit has some of it. */
  get begun(): boolean {
    return this.#conversationId !== undefined;
  }

  /** True when nothing more comes of it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** True when AvatarKit has all of it and must have played it. */
  get heard(): boolean {
    return this.#lastGiven && this.horizonLeftMs <= 0;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Milliseconds until all audio given must have been heard. */
  get horizonLeftMs(): number {
    if (!this.begun) {
      return 0;
    }
    const now = this.#clock.now();
    const pausedMs = this.#pausedMs + (this.#pausedAt === undefined ? 0 : now - this.#pausedAt);
    const playedMs = now - this.#firstGivenAt - pausedMs;
    return (this.#continuity.samples * 1000) / this.#sampleRate - playedMs;
  }

  /** Takes a payload; it reaches AvatarKit with the next `give`. */
  add(payload: PayloadEvent): void {
    if (this.#ended) {
      return;
    }
    this.#held.push(payload);
    this.#heldBytes += payload.bytes;
  }

  /** Nothing more comes of it. */
  end(): void {
    this.#ended = true;
    // A turn that its end overtook while paused goes on: the gateway no longer says so.
    this.#setPaused(false);
  }

  /** Gives AvatarKit what is held, now that the turn is the present one. */
  give(): void {
    for (const payload of this.#held.splice(0)) {
      this.#givePayload(payload);
    }
    this.#heldBytes = 0;
    if (this.#ended || this.#sealed || this.#continuity.audioBroken) {
      this.#giveEnd();
    }
  }

  #givePayload(payload: PayloadEvent): void {
    switch (payload.type) {
      case "audio":
        this.#giveAudio(payload);
        break;
      case "motion":
        this.#giveMotion(payload);
        break;
      case "turnSealed":
        this.#sealed = true;
        break;
      case "playbackChanged":
        this.#changePlayback(payload);
        break;
      default:
        break;
    }
  }

  #giveAudio(audio: AudioEvent): void {
    const data = this.#continuity.takeAudio(audio);
    if (this.#lastGiven) {
      return;
    }
    if (data !== undefined) {
      this.#yieldAudio(data, audio.last);
    } else if (audio.last) {
      this.#giveEnd();
    }
  }

  #giveMotion(motion: MotionEvent): void {
    const fits = this.#continuity.takeMotion(motion, this.#sampleRate);
    if (fits && this.#conversationId !== undefined && motion.envelope.length > 0) {
      this.#controller.yieldFramesData([motion.envelope], this.#conversationId);
    }
  }

  /** The end was learned after the last audio: an empty piece marks it. */
  #giveEnd(): void {
    if (this.begun && !this.#lastGiven) {
      this.#yieldAudio(new Uint8Array(0), true);
    }
  }

  #yieldAudio(data: Uint8Array, isLast: boolean): void {
    const conversationId = this.#controller.yieldAudioData(data, isLast) ?? undefined;
    if (!this.begun) {
      this.#firstGivenAt = this.#clock.now();
    }
    this.#conversationId = conversationId ?? this.#conversationId;
    this.#lastGiven = isLast;
  }

  #changePlayback(event: PlaybackChangedEvent): void {
    if (this.begun && !this.#ended) {
      this.#setPaused(event.paused);
    }
  }

  #setPaused(paused: boolean): void {
    if (paused === (this.#pausedAt !== undefined)) {
      return;
    }
    if (paused) {
      this.#pausedAt = this.#clock.now();
      this.#controller.pause?.();
    } else {
      this.#pausedMs += this.#clock.now() - (this.#pausedAt ?? 0);
      this.#pausedAt = undefined;
      this.#controller.resume?.();
    }
  }
}
