import { type ConnectionHandler, FeedConnection } from "./connection.js";
import type { FeedOptions } from "./options.js";
import { type FeedSocket, feedUrl } from "./socket.js";
import { startRequest } from "./start-request.js";
import type { TokenSource } from "./token-source.js";

/** What a connection is made of, beside the options. */
export interface Dialing {
  readonly tokens: TokenSource;
  readonly handler: ConnectionHandler;
  /** Where it is to begin, once there is a token. */
  start(): FeedOptions["start"];
  /** It is made; the handler is told of all that comes of it. */
  made(connection: FeedConnection): void;
}

/**
 * Fetches a token and makes a connection with it. Where there is no token or no socket, the handler is told that the
 * connection has ended. Returns what calls it off before it is made.
 */
export function dial(options: FeedOptions, { tokens, handler, start, made }: Dialing): () => void {
  const fail = (reason: string, message: string, retryable: boolean) =>
    handler.ended({ closeCode: undefined, failure: { reason, message, retryable, retryAfterMs: 0 } });

  const open = (token: string) => {
    const { url, sessionId, codec, clock, webSocket } = options;
    let socket: FeedSocket;
    try {
      socket = webSocket(feedUrl(url, sessionId), codec.subprotocol);
    } catch (error) {
      // The platform makes no such socket, as from a page of https to ws: it would make none the next time.
      fail("WEBSOCKET_REFUSED", error instanceof Error ? error.message : String(error), false);
      return;
    }
    made(new FeedConnection(socket, codec, clock, startRequest(options, token, start()), handler));
  };

  return tokens.fetch(open, (message) => fail("TOKEN_UNAVAILABLE", message, true));
}
