import type { Clock } from "../feed/clock.js";
import type { AudioEvent, MotionEvent, PlaybackChangedEvent, PayloadEvent, TurnStartedEvent } from "../feed/events.js";
import type { DecodingPlatform } from "../speech/decoding-platform.js";
import { TurnContinuity } from "../turn/continuity.js";
import type { AvatarKitController } from "./controller.js";
import type { OpusToPcm } from "./opus-to-pcm.js";

/** What a turn needs of its surroundings. */
export interface TurnSurroundings {
  readonly controller: AvatarKitController;
  readonly clock: Clock;
  /** AvatarKit decodes Ogg Opus itself. */
  readonly takesOggOpus: boolean;
  readonly platform: DecodingPlatform | undefined;
  onProblem(turnId: string, message: string): void;
  /** What was under way of a turn has been given. */
  onProgress(): void;
}

/** One turn on its way to AvatarKit, as one conversation. */
export class AvatarKitTurn {
  readonly id: string;
  /** Set by a gap that may have swallowed the turn's end. */
  endMayBeLost = false;
  readonly #sampleRate: number;
  readonly #controller: AvatarKitController;
  readonly #clock: Clock;
  readonly #continuity: TurnContinuity;
  /** With Ogg Opus for a controller that takes PCM. */
  #decoding: OpusToPcm | undefined;
  /** It is on its way: until it is here everything is held. */
  #isLoading = false;
  /** What the controller must have before the first audio. */
  #header: Uint8Array;
  readonly #held: PayloadEvent[] = [];
  #heldBytes = 0;
  #conversationId: string | undefined;
  #lastGiven = false;
  #sealed = false;
  #isClosed = false;
  #ended = false;
  #firstGivenAt = 0;
  #pausedMs = 0;
  #pausedAt: number | undefined;

  constructor(event: TurnStartedEvent, surroundings: TurnSurroundings) {
    this.id = event.turnId;
    this.#sampleRate = event.sampleRate;
    this.#controller = surroundings.controller;
    this.#clock = surroundings.clock;
    this.#continuity = new TurnContinuity(event.audioEncoding);
    this.#header = event.audioHeader;
    if (event.audioEncoding !== "pcmS16le" && !surroundings.takesOggOpus) {
      void this.#loadDecoder(event, surroundings);
    }
  }

  /** True once AvatarKit has some of it. */
  get begun(): boolean {
    return this.#conversationId !== undefined;
  }

  /** True when nothing more comes of it, and AvatarKit has all that came. */
  get ended(): boolean {
    return this.#ended && !this.#isLoading && this.#decoding?.isIdle !== false;
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
    if (this.#isLoading) {
      return;
    }
    for (const payload of this.#held.splice(0)) {
      this.#givePayload(payload);
    }
    this.#heldBytes = 0;
    if (this.#ended || this.#sealed || this.#continuity.audioBroken) {
      this.#decoding?.finish();
      if (this.#decoding?.isIdle !== false) {
        this.#giveEnd();
      }
    }
  }

  /** Gives nothing any more, whatever is being decoded. */
  close(): void {
    this.#isClosed = true;
    this.#decoding?.close();
  }

  /** Who follows sessions in PCM, or gives Ogg Opus as it is, never loads it. */
  async #loadDecoder(event: TurnStartedEvent, { clock, platform, onProblem, onProgress }: TurnSurroundings): Promise<void> {
    const handover = {
      pcm: (bytes: Uint8Array) => this.#yieldAudio(bytes, false),
      failed: (message: string) => onProblem(this.id, message),
      idle: onProgress,
    };
    this.#isLoading = true;
    try {
      const { OpusToPcm } = await import("./opus-to-pcm.js");
      this.#decoding = new OpusToPcm(event, handover, clock, platform);
    } catch (error) {
      // The turn is left out: nothing can be made of its audio.
      this.#held.length = 0;
      this.#sealed = this.#ended = true;
      onProblem(this.id, `The decoder could not be loaded: ${error}`);
    }
    this.#isLoading = false;
    if (this.#isClosed) {
      this.close();
    } else {
      onProgress();
    }
  }

  /** Does something behind the audio that was taken before. */
  #inOrder(action: () => void): void {
    if (this.#decoding === undefined) {
      action();
    } else {
      this.#decoding.after(action);
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
        this.#inOrder(() => this.#changePlayback(payload));
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
    if (this.#decoding !== undefined) {
      if (data !== undefined) {
        this.#decoding.add({ firstSample: audio.firstSample, sampleCount: audio.sampleCount, data });
      }
      // The end is marked by an empty piece, when all of it is decoded.
      this.#sealed ||= audio.last;
    } else if (data !== undefined) {
      this.#yieldEncoded(data, audio.last);
    } else if (audio.last && audio.sampleCount === 0 && audio.data.length > 0 && this.begun) {
      // The page that ends the stream.
      this.#yieldAudio(audio.data, true);
    } else if (audio.last) {
      this.#giveEnd();
    }
  }

  #yieldEncoded(data: Uint8Array, isLast: boolean): void {
    const { length } = this.#header;
    const bytes = length === 0 ? data : new Uint8Array(length + data.length);
    if (length > 0) {
      bytes.set(this.#header);
      bytes.set(data, length);
      this.#header = data.subarray(0, 0);
    }
    this.#yieldAudio(bytes, isLast);
  }

  #giveMotion(motion: MotionEvent): void {
    if (!this.#continuity.takeMotion(motion, this.#sampleRate) || motion.envelope.length === 0) {
      return;
    }
    this.#inOrder(() => {
      if (this.#conversationId !== undefined) {
        this.#controller.yieldFramesData([motion.envelope], this.#conversationId);
      }
    });
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
