import type { Clock } from "./clock.js";
import { fetchToken } from "./fetch-token.js";
import type { ConnectOptions } from "./options.js";

/** So many tokens of a function are tried, one after the other, before the feed takes them for refused. */
const maxRefused = 3;

/** Where a feed's tokens come from, and whether another one may help. */
export class TokenSource {
  #source: ConnectOptions["token"];
  readonly #clock: Clock;
  /** Tokens that were refused one after the other. */
  #refused = 0;

  constructor(source: ConnectOptions["token"], clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** It can give one token after another. */
  get isFunction(): boolean {
    return typeof this.#source === "function";
  }

  /** Tells a token, or why there is none, once and never at once; returns what calls it off. */
  fetch(fetched: (token: string) => void, failed: (message: string) => void): () => void {
    return fetchToken(this.#source, this.#clock, fetched, failed);
  }

  /** A fixed token has a successor. */
  replace(token: string): void {
    if (!this.isFunction) {
      this.#source = token;
    }
  }

  accepted(): void {
    this.#refused = 0;
  }

  /**
   * Whether another token may help where one was refused. A function may have given one that had just run out; for a
   * session that is gone every token is refused, and alike.
   */
  canHelp(reason: string): boolean {
    const isRefused = reason === "VIEWER_TOKEN_EXPIRED" || reason === "VIEWER_TOKEN_INVALID";
    return isRefused && this.isFunction && ++this.#refused < maxRefused;
  }
}
