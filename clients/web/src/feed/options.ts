import type { Clock } from "./clock.js";
import type { FeedCodec } from "./codec.js";
import type { FeedEvent, Position, SlowReaderPolicy } from "./events.js";
import type { RetryPolicy } from "./retry.js";
import type { FeedSocketFactory } from "./socket.js";
import type { WakeSource } from "./wake.js";

/** What `connect` takes. */
export interface ConnectOptions {
  /** The relay, such as `https://relay.example.com`; relative to the page in a browser. */
  readonly url: string;
  readonly sessionId: string;
  /**
   * Viewer token, or a function that fetches one within 10 s: it is called before each connection, and when the token
   * of the present one is about to end.
   */
  readonly token: string | (() => string | Promise<string>);
  /**
   * Where to begin: `current_turn` (default; the turn at hand from its start, else the next one), `now` (the turn at
   * hand from what is heard now), `live` (the next turn), or after a position.
   */
  readonly start?: "current_turn" | "now" | "live" | Position;
  /** The reader's name: a later feed of the same name takes this one's place. Default: made up. */
  readonly readerId?: string;
  /** What happens where this viewer does not keep up. Default: `disconnect`. */
  readonly slowReaderPolicy?: SlowReaderPolicy;
  /** Sees every event, before the listeners of `Feed.on`. */
  readonly onEvent?: (event: FeedEvent) => void;
  /** Closes the feed. */
  readonly signal?: AbortSignal;
  readonly retry?: Partial<RetryPolicy>;
  /** What makes a wait to reconnect shorter. Default: the page is online again, or looked at again. */
  readonly wake?: WakeSource;
  /** Default: binary. The JSON one is at `@motiongateway/web/json`. */
  readonly codec?: FeedCodec;
  /** Default: the platform's WebSocket. */
  readonly webSocket?: FeedSocketFactory;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests: a number from 0 up to 1. */
  readonly random?: () => number;
}

/** `ConnectOptions` with everything decided. */
export type FeedOptions = Omit<ConnectOptions, Decided> & Required<Pick<ConnectOptions, Decided>> & {
  readonly retry: RetryPolicy;
};

type Decided = "start" | "slowReaderPolicy" | "readerId" | "codec" | "webSocket" | "wake" | "clock" | "random";
