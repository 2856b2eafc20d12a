import { create } from "@bufbuild/protobuf";
import {
  FeedStart,
  type FeedStarted,
  StartFeedSchema,
  type SubscribeResponse,
} from "../generated/motiongateway/v1/feed_pb.js";
import type { Payload } from "../generated/motiongateway/v1/payload_pb.js";
import type { ConnectOptions } from "./connect.js";
import { FeedConnection, type FeedRequest } from "./connection.js";
import type {
  ClosedEvent,
  FailureEvent,
  FeedEvent,
  FeedEventOf,
  GapReason,
  OpenedEvent,
  Position,
} from "./events.js";
import { LogReader } from "./log-reader.js";
import { type ConnectionEnd, failureOf, restartReasons, retryDelay, type RetryPolicy } from "./retry.js";
import { feedUrl } from "./socket.js";
import { type PlaybackReport, viewerEvents } from "./viewer-events.js";

/** Where a feed stands. */
export type FeedState = "connecting" | "open" | "reconnecting" | "closed";

/** `ConnectOptions` with everything decided. */
export type FeedOptions = ConnectOptions &
  Required<Pick<ConnectOptions, "start" | "readerId" | "codec" | "webSocket" | "clock" | "random">> & {
    readonly retry: RetryPolicy;
  };

type Listener = (event: FeedEvent) => void;

/** A session as one viewer follows it, over as many connections as it takes. Made by `connect`. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #listeners = new Map<FeedEvent["type"], Set<Listener>>();
  readonly #log = new LogReader((event) => this.#emit(event));
  readonly #closed: Promise<ClosedEvent>;
  #resolveClosed!: (event: ClosedEvent) => void;
  #state: FeedState = "connecting";
  #start: FeedOptions["start"];
  #connection: FeedConnection | undefined;
  #opened: OpenedEvent | undefined;
  #sessionEnded = false;
  #serverLeaves = false;
  #attempt = 0;
  #retryTimer: unknown;
  #settleTimer: unknown;
  readonly #abort = () => this.close();

  /** @internal Use `connect`. */
  constructor(options: FeedOptions) {
    this.#options = options;
    this.#start = options.start;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    if (options.signal?.aborted) {
      queueMicrotask(this.#abort);
    } else {
      options.signal?.addEventListener("abort", this.#abort, { once: true });
      void this.#connect();
    }
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Up to where the log is processed; undefined before the first connection is open. */
  get position(): Position | undefined {
    return this.#log.position;
  }

  /** What the latest `opened` told. */
  get opened(): OpenedEvent | undefined {
    return this.#opened;
  }

  /** Resolves with the last event; never rejects. */
  get closed(): Promise<ClosedEvent> {
    return this.#closed;
  }

  /** Listens to one type of event; returns what ends it. An error that a listener throws does not stop the feed. */
  on<T extends FeedEvent["type"]>(type: T, listener: (event: FeedEventOf<T>) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set<Listener>();
    this.#listeners.set(type, listeners);
    const entry = (event: FeedEvent) => listener(event as FeedEventOf<T>);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  /** Sends text to the speaker: at most 16 384 bytes of UTF-8. False when no connection is open: it is not kept. */
  sendText(text: string): boolean {
    return this.#send(viewerEvents.text(text));
  }

  /**
   * Sends the viewer's speech: mono signed 16-bit little-endian PCM, at most 65 536 bytes. False when no connection
   * is open or it cannot keep up: audio is dropped then, not kept.
   */
  sendMicrophone(data: Uint8Array, sampleRate: number): boolean {
    const request = viewerEvents.microphone(data, sampleRate);
    return this.#connection?.isCongested !== true && this.#send(request);
  }

  /** Asks to stop a turn, or the one now playing. It is done when `turnEnded` comes. False: no connection is open. */
  interrupt(options: { turnId?: string; reason?: string } = {}): boolean {
    return this.#send(viewerEvents.interrupt(options.turnId ?? "", options.reason ?? ""));
  }

  /** Tells where this viewer's playback is. False when no connection is open. */
  reportPlayback(report: PlaybackReport): boolean {
    return this.#send(viewerEvents.playback(report));
  }

  /** Ends the feed. Harmless when it is over. */
  close(): void {
    this.#finish("requested", undefined);
  }

  #send(request: FeedRequest): boolean {
    if (this.#connection?.isOpen !== true) {
      return false;
    }
    this.#connection.send(request);
    return true;
  }

  async #connect(): Promise<void> {
    let token: string;
    try {
      const { token: source } = this.#options;
      token = typeof source === "string" ? source : await source();
    } catch (error) {
      this.#connectFailed("TOKEN_UNAVAILABLE", error);
      return;
    }
    if (this.#state === "closed") {
      return;
    }
    try {
      this.#openConnection(token);
    } catch (error) {
      this.#connectFailed("CONNECTION_LOST", error);
    }
  }

  #connectFailed(reason: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#connectionEnded({
      closeCode: undefined,
      failure: { reason, message, retryable: true, retryAfterMs: 0 },
    });
  }

  #openConnection(token: string): void {
    const { url, sessionId, readerId, codec, clock, webSocket } = this.#options;
    const socket = webSocket(feedUrl(url, sessionId), codec.subprotocol);
    const start = create(StartFeedSchema, { sessionId, viewerToken: token, readerId, from: this.#from() });
    this.#connection = new FeedConnection(socket, codec, clock, { case: "start", value: start }, {
      started: (started) => this.#started(started),
      response: (response, bytes) => this.#response(response, bytes),
      position: () => this.#log.position,
      ended: (end) => this.#connectionEnded(end),
    });
  }

  #from() {
    const from = this.#log.position ?? this.#start;
    if (typeof from === "string") {
      const value = from === "live" ? FeedStart.LIVE : FeedStart.CURRENT_TURN;
      return { case: "start" as const, value };
    }
    return { case: "position" as const, value: { epoch: from.epoch, sequence: BigInt(from.sequence) } };
  }

  #started(started: FeedStarted): void {
    const position = { epoch: started.position?.epoch ?? 0, sequence: Number(started.position?.sequence ?? 0) };
    const lost = this.#log.begin(position);
    this.#state = "open";
    const resumed = this.#opened !== undefined;
    const { sessionId, readerId, avatarId, appId, sampleRate } = started;
    const lastSequence = Number(started.lastSequence);
    this.#opened = { type: "opened", sessionId, readerId, position, lastSequence, avatarId, appId, sampleRate, resumed };
    const { clock, retry } = this.#options;
    // A connection that lasts is progress, even where nothing is said.
    this.#settleTimer = clock.setTimeout(() => (this.#attempt = 0), retry.maxDelayMs);
    this.#emit(this.#opened);
    if (lost !== undefined) {
      this.#log.tellReset(lost, "epochChanged");
    }
  }

  #response(response: SubscribeResponse["response"], bytes: number): void {
    switch (response.case) {
      case "payload":
        this.#payload(response.value, bytes);
        break;
      case "skipped":
        this.#log.skipped(response.value);
        break;
      case "goingAway":
        this.#serverLeaves = true;
        this.#emit({ type: "goingAway", graceMs: response.value.graceMs });
        break;
      default:
        // A kind of response that a newer server knows.
        break;
    }
  }

  #payload(payload: Payload, bytes: number): void {
    const before = this.#log.position;
    const event = this.#log.payload(payload, bytes);
    if (this.#log.position !== before) {
      this.#attempt = 0;
    }
    if (event !== undefined) {
      this.#sessionEnded ||= event.type === "sessionEnded";
      this.#emit(event);
    }
  }

  #connectionEnded(end: ConnectionEnd): void {
    this.#connection = undefined;
    this.#options.clock.clearTimeout(this.#settleTimer);
    if (this.#state === "closed") {
      return;
    }
    const failure = failureOf(end);
    if (failure === undefined || this.#sessionEnded) {
      this.#finish("ended", undefined);
      return;
    }
    this.#emit(failure);
    if ((this.#state as FeedState) === "closed") {
      return;
    }
    const restart = restartReasons[failure.reason as keyof typeof restartReasons] as GapReason | undefined;
    if (restart !== undefined) {
      this.#log.restart(restart, typeof this.#start === "string" ? undefined : this.#start);
      this.#start = "current_turn";
    } else if (!failure.retryable) {
      this.#finish("failed", failure);
      return;
    }
    this.#retry(failure);
  }

  #retry(failure: FailureEvent): void {
    if (this.#state === "closed") {
      return;
    }
    const { retry, clock, random } = this.#options;
    if (this.#attempt >= retry.maxAttempts) {
      this.#finish("failed", failure);
      return;
    }
    // A server that said that it leaves is not to be counted as an attempt that failed.
    this.#attempt = this.#serverLeaves ? 1 : this.#attempt + 1;
    this.#serverLeaves = false;
    this.#state = "reconnecting";
    const delayMs = retryDelay(retry, this.#attempt, failure.retryAfterMs, random);
    this.#retryTimer = clock.setTimeout(() => void this.#connect(), delayMs);
    this.#emit({ type: "reconnecting", attempt: this.#attempt, delayMs });
  }

  #finish(reason: ClosedEvent["reason"], failure: FailureEvent | undefined): void {
    if (this.#state === "closed") {
      return;
    }
    this.#state = "closed";
    const { clock, signal } = this.#options;
    clock.clearTimeout(this.#retryTimer);
    clock.clearTimeout(this.#settleTimer);
    signal?.removeEventListener("abort", this.#abort);
    this.#connection?.close(1000, "");
    this.#connection = undefined;
    const closed: ClosedEvent = { type: "closed", reason, failure };
    this.#emit(closed);
    this.#resolveClosed(closed);
  }

  #emit(event: FeedEvent): void {
    if (this.#state === "closed" && event.type !== "closed") {
      return;
    }
    const { onEvent } = this.#options;
    const listeners = [...(this.#listeners.get(event.type) ?? [])];
    for (const listener of onEvent === undefined ? listeners : [onEvent, ...listeners]) {
      try {
        listener(event);
      } catch (error) {
        // As an event target does: the listener's error is its owner's to see, and stops nobody else.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
