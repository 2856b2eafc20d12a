import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import {
  type FeedStarted,
  SubscribeRequestSchema,
  type SubscribeResponse,
} from "../generated/motiongateway/v1/feed_pb.js";
import type { Clock } from "./clock.js";
import type { FeedCodec } from "./codec.js";
import type { Position } from "./events.js";
import { reasonName } from "./payload-events.js";
import type { ConnectionEnd } from "./retry.js";
import type { FeedSocket } from "./socket.js";

/** A request without its message frame. */
export type FeedRequest = NonNullable<MessageInitShape<typeof SubscribeRequestSchema>["request"]>;

/** What a connection tells its feed. */
export interface ConnectionHandler {
  started(started: FeedStarted): void;
  /** A payload, a skip or a notice. Throws where it breaks the protocol. */
  response(response: SubscribeResponse["response"], bytes: number): void;
  /** Up to where everything is processed. */
  position(): Position | undefined;
  /** A turn is under way. */
  isTurnOpen(): boolean;
  /** The connection is over; called once, and nothing after it. */
  ended(end: ConnectionEnd): void;
}

/** A violation of the protocol by the server. */
export class ProtocolError extends Error {}

/** Milliseconds from the start of a connection to `started`. */
const startTimeoutMs = 10_000;
/** Milliseconds that an acknowledgement may wait. */
const acknowledgeDelayMs = 1000;
/** One of so many parts of the window is acknowledged together: the others are left for what is on its way. */
const partsOfWindow = 4;
const defaultWindowBytes = 128 * 1024;
/** A peer that is silent for so many of its heartbeat intervals is gone. */
const silentIntervals = 2.5;
/** A timer that is so late was held up, as in a hidden or a busy page, and so may messages be: they get as long to come. */
const heldUpMs = 1000;
/** Unsent bytes beyond which microphone audio is dropped, not queued. */
const maxBufferedBytes = 256 * 1024;

/** One WebSocket connection of a feed: handshake, heartbeats, acknowledgements. */
export class FeedConnection {
  readonly #socket: FeedSocket;
  readonly #codec: FeedCodec;
  readonly #clock: Clock;
  readonly #handler: ConnectionHandler;
  #started: FeedStarted | undefined;
  #over = false;
  #unacknowledgedBytes = 0;
  #acknowledged: Position | undefined;
  #acknowledgeTimer: unknown;
  #watchTimer: unknown;
  #watchDueAt = 0;
  /** The silence, by its beginning, that was given time once more. */
  #sparedSilence: number | undefined;
  #heartbeatTimer: unknown;
  #lastReceived = 0;
  #lastSent = 0;

  constructor(socket: FeedSocket, codec: FeedCodec, clock: Clock, start: FeedRequest, handler: ConnectionHandler) {
    this.#socket = socket;
    this.#codec = codec;
    this.#clock = clock;
    this.#handler = handler;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.send(start);
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#end({ closeCode: event.code, failure: undefined });
    // An error is always followed by a close, which says more.
    socket.onerror = () => undefined;
    this.#watchTimer = clock.setTimeout(
      () => this.#abandon("CONNECT_TIMEOUT", "The relay did not start the feed in time."),
      startTimeoutMs,
    );
  }

  /** True between `started` and the end. */
  get isOpen(): boolean {
    return this.#started !== undefined && !this.#over;
  }

  /** True while the socket holds so much unsent data that audio had better be dropped. */
  get isCongested(): boolean {
    return this.#socket.bufferedAmount > maxBufferedBytes;
  }

  send(request: FeedRequest): void {
    this.#lastSent = this.#clock.now();
    this.#socket.send(this.#codec.encode(create(SubscribeRequestSchema, { request })));
  }

  /** Ends it from this side, without a word to the handler. The position reached is acknowledged first. */
  close(closeCode: number, reason: string): void {
    if (this.#over) {
      return;
    }
    if (this.isOpen) {
      this.#acknowledge();
    }
    this.#retire();
    this.#socket.close(closeCode, reason);
  }

  #receive(data: unknown): void {
    if (this.#over) {
      return;
    }
    this.#lastReceived = this.#clock.now();
    try {
      const { response, bytes } = this.#codec.decode(data);
      this.#dispatch(response.response, bytes);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#abandon("PROTOCOL_ERROR", message);
    }
  }

  #dispatch(response: SubscribeResponse["response"], bytes: number): void {
    if (response.case === "failure") {
      const { reason, message, retryable, retryAfterMs } = response.value;
      const failure = { reason: reasonName(reason) || "INTERNAL", message, retryable, retryAfterMs };
      this.#retire();
      this.#socket.close(1000, "");
      this.#handler.ended({ closeCode: undefined, failure });
      return;
    }
    if (this.#started === undefined) {
      this.#start(response);
      return;
    }
    if (response.case === "started") {
      throw new ProtocolError("The feed was started twice.");
    }
    if (response.case === "heartbeat") {
      this.#beatInReturn();
      return;
    }
    this.#handler.response(response, bytes);
    if (!this.#over) {
      this.#count(bytes);
    }
  }

  #start(response: SubscribeResponse["response"]): void {
    if (response.case !== "started") {
      throw new ProtocolError("The first response did not start the feed.");
    }
    this.#started = response.value;
    this.#handler.started(response.value);
    if (this.#over) {
      return;
    }
    this.#acknowledged = this.#handler.position();
    this.#clock.clearTimeout(this.#watchTimer);
    this.#watch();
    this.#beat();
  }

  #count(bytes: number): void {
    this.#unacknowledgedBytes += bytes;
    const window = this.#started?.windowBytes || defaultWindowBytes;
    if (this.#unacknowledgedBytes >= window / partsOfWindow) {
      this.#acknowledge();
    } else {
      this.#acknowledgeTimer ??= this.#clock.setTimeout(() => this.#acknowledge(), acknowledgeDelayMs);
    }
  }

  #acknowledge(): void {
    this.#clock.clearTimeout(this.#acknowledgeTimer);
    this.#acknowledgeTimer = undefined;
    this.#unacknowledgedBytes = 0;
    const position = this.#handler.position();
    const last = this.#acknowledged;
    if (position === undefined || (last?.epoch === position.epoch && last.sequence === position.sequence)) {
      return;
    }
    this.#acknowledged = position;
    const { epoch, sequence } = position;
    this.send({ case: "acknowledge", value: { position: { epoch, sequence: BigInt(sequence) } } });
  }

  get #intervalMs(): number {
    return this.#started?.heartbeatIntervalMs || 15_000;
  }

  /** Silence in milliseconds after which the relay is gone: while a turn is under way it is never silent for long. */
  #silenceMs(isTurnOpen: boolean): number {
    const intervalMs = (isTurnOpen && this.#started?.turnHeartbeatIntervalMs) || this.#intervalMs;
    return intervalMs * silentIntervals;
  }

  #watch(): void {
    const now = this.#clock.now();
    const leftMs = this.#lastReceived + this.#silenceMs(this.#handler.isTurnOpen()) - now;
    if (leftMs > 0) {
      // A turn may begin meanwhile.
      this.#watchIn(Math.min(leftMs, this.#silenceMs(true)));
    } else if (now - this.#watchDueAt >= heldUpMs && this.#sparedSilence !== this.#lastReceived) {
      this.#sparedSilence = this.#lastReceived;
      this.#watchIn(heldUpMs);
    } else {
      this.#abandon("HEARTBEAT_TIMEOUT", "Nothing came from the relay for too long.");
    }
  }

  #watchIn(delayMs: number): void {
    this.#watchDueAt = this.#clock.now() + delayMs;
    this.#watchTimer = this.#clock.setTimeout(() => this.#watch(), delayMs);
  }

  #beat(): void {
    const due = this.#lastSent + this.#intervalMs - this.#clock.now();
    if (due <= 0) {
      this.#sendHeartbeat();
    }
    this.#heartbeatTimer = this.#clock.setTimeout(() => this.#beat(), due <= 0 ? this.#intervalMs : due);
  }

  /** Browsers slow down the timers of a hidden page, but not its messages: so the server's heartbeat is a timer too. */
  #beatInReturn(): void {
    if (this.#clock.now() - this.#lastSent >= this.#intervalMs / 2) {
      this.#sendHeartbeat();
    }
  }

  #sendHeartbeat(): void {
    this.send({ case: "heartbeat", value: { time: timestampNow() } });
  }

  #abandon(reason: string, message: string): void {
    if (this.#over) {
      return;
    }
    this.#retire();
    this.#socket.close(reason === "PROTOCOL_ERROR" ? 4000 : 1000, "");
    this.#handler.ended({ closeCode: undefined, failure: { reason, message, retryable: true, retryAfterMs: 0 } });
  }

  #end(end: ConnectionEnd): void {
    if (!this.#over) {
      this.#retire();
      this.#handler.ended(end);
    }
  }

  /** From here on the socket is no longer listened to, and no timer runs. */
  #retire(): void {
    this.#over = true;
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    for (const timer of [this.#watchTimer, this.#heartbeatTimer, this.#acknowledgeTimer]) {
      this.#clock.clearTimeout(timer);
    }
  }
}
