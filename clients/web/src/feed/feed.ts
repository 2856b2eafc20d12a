import type { FeedStarted, SubscribeResponse } from "../generated/motiongateway/v1/feed_pb.js";
import type { Payload } from "../generated/motiongateway/v1/payload_pb.js";
import type { ConnectionHandler, FeedConnection, FeedRequest } from "./connection.js";
import { dial } from "./dial.js";
import type { ClosedEvent, FailureEvent, FeedEvent, FeedEventOf, GapReason, OpenedEvent, Position } from "./events.js";
import { FeedClosedError } from "./feed-closed-error.js";
import { FeedSession } from "./feed-session.js";
import { Listeners } from "./listeners.js";
import { LogReader } from "./log-reader.js";
import { noticeEvent } from "./notices.js";
import { date } from "./opened-event.js";
import type { FeedOptions } from "./options.js";
import { Reconnection } from "./reconnection.js";
import { type ConnectionEnd, failureOf, restartReasons } from "./retry.js";
import { TokenSource } from "./token-source.js";
import { type PlaybackReport, viewerEvents } from "./viewer-events.js";

/** Where a feed stands. */
export type FeedState = "connecting" | "open" | "reconnecting" | "closed";

/** A session as one viewer follows it, over as many connections as it takes. Made by `connect`. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #listeners: Listeners;
  readonly #log = new LogReader((event) => this.#emit(event));
  readonly #tokens: TokenSource;
  readonly #reconnection: Reconnection;
  readonly #session = new FeedSession();
  readonly #closed: Promise<ClosedEvent>;
  #resolveClosed!: (event: ClosedEvent) => void;
  #state: FeedState = "connecting";
  #start: FeedOptions["start"];
  #connection: FeedConnection | undefined;
  #sessionEnded = false;
  /** Calls off what is under way: a token that is fetched, or the wait before it. */
  #callOff: () => void = () => undefined;
  readonly #abort = () => this.close();
  readonly #handler: ConnectionHandler = {
    started: (started) => this.#started(started),
    response: (response, bytes) => this.#response(response, bytes),
    position: () => this.#log.position,
    isTurnOpen: () => this.#log.isTurnOpen,
    ended: (end) => this.#connectionEnded(end),
  };

  /** @internal Use `connect`. */
  constructor(options: FeedOptions) {
    this.#options = options;
    this.#listeners = new Listeners(options.onEvent);
    this.#tokens = new TokenSource(options.token, options.clock);
    this.#reconnection = new Reconnection(options);
    this.#start = options.start;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    if (options.signal?.aborted) {
      queueMicrotask(this.#abort);
    } else {
      options.signal?.addEventListener("abort", this.#abort, { once: true });
      this.#connect();
    }
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Up to where the log is processed; undefined before the first connection is open. */
  get position(): Position | undefined {
    return this.#log.position;
  }

  /**
   * True while the relay that the feed is open at cannot reach the gateway: nothing new comes, and what is sent waits, or
   * is lost. False where no connection is open: nobody knows.
   */
  get isGatewayAway(): boolean {
    return this.#session.isGatewayAway;
  }

  /** What the latest `opened` told, with the terms of a token that was renewed since; undefined before the first. */
  get session(): OpenedEvent | undefined {
    return this.#session.opened;
  }

  /** Resolves with the first `opened`. Rejects with `FeedClosedError` where the feed is over before it. */
  async opened(): Promise<OpenedEvent> {
    const { session } = this;
    if (session !== undefined) {
      return session;
    }
    const opened = new Promise<OpenedEvent>((resolve) => this.once("opened", resolve));
    const first = await Promise.race([opened, this.#closed]);
    if (first.type === "closed") {
      throw new FeedClosedError(first);
    }
    return first;
  }

  /** Resolves with the last event; never rejects. */
  get closed(): Promise<ClosedEvent> {
    return this.#closed;
  }

  /** Listens to one type of event; returns what ends it. An error that a listener throws does not stop the feed. */
  on<T extends FeedEvent["type"]>(type: T, listener: (event: FeedEventOf<T>) => void): () => void {
    return this.#listeners.add(type, listener);
  }

  /** Listens to the next event of a type only; returns what ends it before. */
  once<T extends FeedEvent["type"]>(type: T, listener: (event: FeedEventOf<T>) => void): () => void {
    return this.#listeners.addOnce(type, listener);
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
    return this.#send(viewerEvents.interrupt(options.turnId ?? "", options.reason ?? "", this.position));
  }

  /** Tells where this viewer's playback is. False when no connection is open, or its token does not permit to `talk`. */
  reportPlayback(report: PlaybackReport): boolean {
    return this.session?.permissions.includes("talk") === true && this.#send(viewerEvents.playback(report));
  }

  /**
   * Shows a newer token of the same viewer, where the present one is about to end; `tokenRenewed` or `refused` tells what
   * became of it. It takes the place of a fixed `token` also for later connections. False when no connection is open.
   */
  renewToken(token: string): boolean {
    this.#tokens.replace(token);
    return this.#send({ case: "renewToken", value: { viewerToken: token } });
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

  #connect(): void {
    this.#callOff = dial(this.#options, {
      tokens: this.#tokens,
      handler: this.#handler,
      start: () => this.#log.position ?? this.#start,
      made: (connection) => {
        this.#connection = connection;
      },
    });
  }

  #started(started: FeedStarted): void {
    const opened = this.#session.start(started);
    const lost = this.#log.begin(opened.position);
    this.#tokens.accepted();
    this.#state = "open";
    this.#reconnection.opened();
    this.#emit(opened);
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
      case "tokenExpiring":
        this.#renewToken(date(response.value.expiresAt));
        break;
      default:
        this.#notice(response);
        break;
    }
  }

  #notice(response: SubscribeResponse["response"]): void {
    const notice = noticeEvent(response);
    if (notice === undefined) {
      return;
    }
    this.#session.take(notice);
    if (notice.type === "goingAway") {
      this.#reconnection.serverLeaves();
    }
    this.#emit(notice);
  }

  /** Where no other token can be had the relay ends the feed, and the next connection asks once more. */
  #renewToken(expiresAt: Date | undefined): void {
    const tell = (renewing: boolean, message: string) => this.#emit({ type: "tokenExpiring", expiresAt, renewing, message });
    this.#callOff();
    if (this.#tokens.isFunction) {
      this.#callOff = this.#tokens.fetch((token) => this.renewToken(token), (message) => tell(false, message));
    }
    tell(this.#tokens.isFunction, "");
  }

  #payload(payload: Payload, bytes: number): void {
    const before = this.#log.position;
    const event = this.#log.payload(payload, bytes);
    if (this.#log.position !== before) {
      this.#reconnection.progressed();
    }
    if (event !== undefined) {
      this.#sessionEnded ||= event.type === "sessionEnded";
      this.#emit(event);
    }
  }

  #connectionEnded(end: ConnectionEnd): void {
    this.#connection = undefined;
    this.#session.connectionEnded();
    this.#callOff();
    this.#reconnection.ended();
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
    } else if (!failure.retryable && !this.#tokens.canHelp(failure.reason)) {
      this.#finish("failed", failure);
      return;
    }
    this.#retry(failure);
  }

  #retry(failure: FailureEvent): void {
    if (this.#state === "closed") {
      return;
    }
    const next = this.#reconnection.next(failure.retryAfterMs, () => this.#connect());
    if (next === undefined) {
      this.#finish("failed", failure);
      return;
    }
    this.#state = "reconnecting";
    this.#callOff = next.callOff;
    this.#emit({ type: "reconnecting", attempt: next.attempt, delayMs: next.delayMs });
  }

  #finish(reason: ClosedEvent["reason"], failure: FailureEvent | undefined): void {
    if (this.#state === "closed") {
      return;
    }
    this.#state = "closed";
    this.#callOff();
    this.#reconnection.ended();
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#connection?.close(1000, "");
    this.#connection = undefined;
    this.#session.connectionEnded();
    const closed: ClosedEvent = { type: "closed", reason, failure };
    this.#emit(closed);
    this.#resolveClosed(closed);
  }

  #emit(event: FeedEvent): void {
    if (this.#state === "closed" && event.type !== "closed") {
      return;
    }
    this.#listeners.tell(event);
  }
}
