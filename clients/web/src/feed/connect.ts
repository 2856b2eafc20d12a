import { type Clock, systemClock } from "./clock.js";
import { binaryCodec, type FeedCodec } from "./codec.js";
import type { FeedEvent, Position } from "./events.js";
import { Feed } from "./feed.js";
import { defaultRetryPolicy, type RetryPolicy } from "./retry.js";
import { type FeedSocketFactory, platformSocket } from "./socket.js";

/** What `connect` takes. */
export interface ConnectOptions {
  /** The relay, such as `https://relay.example.com`; relative to the page in a browser. */
  readonly url: string;
  readonly sessionId: string;
  /** Viewer token, or a function that fetches one; it is called before each connection. */
  readonly token: string | (() => string | Promise<string>);
  /**
   * Where to begin: `current_turn` (default; the turn at hand from its start, else the next one), `live` (the next
   * turn), or after a position.
   */
  readonly start?: "current_turn" | "live" | Position;
  /** The reader's name: a later feed of the same name takes this one's place. Default: made up. */
  readonly readerId?: string;
  /** Sees every event, before the listeners of `Feed.on`. */
  readonly onEvent?: (event: FeedEvent) => void;
  /** Closes the feed. */
  readonly signal?: AbortSignal;
  readonly retry?: Partial<RetryPolicy>;
  /** Default: binary. The JSON one is at `@motiongateway/web/json`. */
  readonly codec?: FeedCodec;
  /** Default: the platform's WebSocket. */
  readonly webSocket?: FeedSocketFactory;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests: a number from 0 up to 1. */
  readonly random?: () => number;
}

/** Follows a session. Returns at once; `opened` tells that it is there, `closed` that it is over. */
export function connect(options: ConnectOptions): Feed {
  return new Feed({
    ...options,
    start: options.start ?? "current_turn",
    readerId: options.readerId ?? `web-${randomName()}`,
    retry: { ...defaultRetryPolicy, ...options.retry },
    codec: options.codec ?? binaryCodec,
    webSocket: options.webSocket ?? platformSocket,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  });
}

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}
