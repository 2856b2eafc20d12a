/** What the feed needs of a WebSocket: the browser's, Node's, or the one of the `ws` package. */
export interface FeedSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

/** Opens a WebSocket with one subprotocol. */
export type FeedSocketFactory = (url: string, subprotocol: string) => FeedSocket;

/** The platform's WebSocket. Node has one from version 22 on; before, pass the one of the `ws` package. */
export const platformSocket: FeedSocketFactory = (url, subprotocol) =>
  new WebSocket(url, subprotocol) as unknown as FeedSocket;

/** False in Node before 22. */
export const hasPlatformSocket = () => typeof WebSocket !== "undefined";

/**
 * Address of a session's feed at a relay, whose own address may be http(s), ws(s), or relative to the page. Throws
 * `TypeError` for any other.
 */
export function feedUrl(relay: string, sessionId: string): string {
  const url = new URL(relay, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(url.protocol)) {
    throw new TypeError(`A relay is at http, https, ws or wss, not at ${url.protocol}`);
  }
  url.hash = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/sessions/${encodeURIComponent(sessionId)}/feed`;
  return url.href;
}
