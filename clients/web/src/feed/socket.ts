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
export const platformSocket: FeedSocketFactory = (url, subprotocol) => {
  if (typeof WebSocket === "undefined") {
    throw new Error("This platform has no WebSocket: pass the option webSocket.");
  }
  return new WebSocket(url, subprotocol) as unknown as FeedSocket;
};

/** Address of a session's feed at a relay, whose own address may be http(s), ws(s), or relative to the page. */
export function feedUrl(relay: string, sessionId: string): string {
  const url = new URL(relay, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  url.hash = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/sessions/${encodeURIComponent(sessionId)}/feed`;
  return url.href;
}
