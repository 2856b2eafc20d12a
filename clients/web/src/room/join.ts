import { JoinError } from "./join-error.js";

/** What `join` takes. */
export interface JoinOptions {
  /** The relay, such as `https://relay.example.com`; relative to the page in a browser. */
  readonly url: string;
  readonly sessionId: string;
  /** Viewer token, or a function that fetches one. */
  readonly token: string | (() => string | Promise<string>);
  /** Gives up. */
  readonly signal?: AbortSignal;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
}

/** How to join the room that a session is published into. */
export type Join = LiveKitJoin | AgoraJoin;

interface AnyJoin {
  /** This viewer, by its token. */
  readonly viewerId: string;
  /** When the room token expires: ask again by then to join later, and with Agora to stay. */
  readonly expires: Date;
}

/** A room of LiveKit. */
export interface LiveKitJoin extends AnyJoin {
  readonly provider: "livekit";
  /** What a LiveKit player takes. */
  readonly config: { readonly url: string; readonly token: string; readonly roomName: string };
  /** Identity of the avatar in the room. */
  readonly publisher: string;
}

/** A channel of Agora. */
export interface AgoraJoin extends AnyJoin {
  readonly provider: "agora";
  /** What an Agora player takes. */
  readonly config: { readonly appId: string; readonly channel: string; readonly token: string; readonly uid: number };
  /** Number of the avatar in the channel. */
  readonly publisherUid: number;
}

/**
 * Asks a relay for a token of the room that a session is published into. Rejects with a `JoinError` that the relay or the
 * gateway tells, with `TypeError` for options that cannot be right, and with the platform's own error where the relay cannot
 * be reached.
 */
export async function join(options: JoinOptions): Promise<Join> {
  const url = joinUrl(options.url, options.sessionId);
  const token = typeof options.token === "string" ? options.token : await options.token();
  if (typeof token !== "string" || token === "") {
    throw new TypeError("A token is required.");
  }
  const response = await (options.fetch ?? fetch)(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    credentials: "omit",
    cache: "no-store",
    ...(options.signal && { signal: options.signal }),
  });
  if (!response.ok) {
    throw await JoinError.read(response);
  }
  return read(await response.json());
}

/** Address at which a relay, whose own address may be http(s), ws(s), or relative to the page, gives room tokens. */
function joinUrl(relay: string, sessionId: string): string {
  const url = new URL(relay, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^ws/, "http");
  if (!/^https?:$/.test(url.protocol)) {
    throw new TypeError(`A relay is at http, https, ws or wss, not at ${url.protocol}`);
  }
  if (sessionId === "") {
    throw new TypeError("A sessionId is required.");
  }
  url.hash = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/sessions/${encodeURIComponent(sessionId)}/join`;
  return url.href;
}

interface Answer {
  readonly livekit?: { url: string; token: string; roomName: string; publisher: string };
  readonly agora?: { appId: string; channel: string; token: string; uid: number; publisherUid: number };
  readonly viewerId: string;
  readonly expireTime: string;
}

function read({ livekit, agora, viewerId, expireTime }: Answer): Join {
  const expires = new Date(expireTime);
  if (livekit) {
    const { publisher, ...config } = livekit;
    return { provider: "livekit", config, publisher, viewerId, expires };
  }
  if (agora) {
    const { publisherUid, ...config } = agora;
    return { provider: "agora", config, publisherUid, viewerId, expires };
  }
  throw new JoinError("", "The relay answered with a room of a kind that this version does not know.", false, 0);
}
