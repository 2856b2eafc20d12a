/** Up to where a reader has processed a session's log. */
export interface Position {
  /** Counts the session's owners, from 1. */
  readonly epoch: number;
  /** Sequence of the last payload processed; 0 before the first. */
  readonly sequence: number;
}

/** Sequences `from` to `through`, both included. */
export interface SequenceRange {
  readonly from: number;
  readonly through: number;
}

/** What every payload of a session's log carries. */
export interface PayloadHeader {
  readonly epoch: number;
  readonly sequence: number;
  /** Empty when it belongs to no turn. */
  readonly turnId: string;
  /** Bytes of the message that brought it. */
  readonly bytes: number;
}

/** How speech is encoded: 16-bit little-endian PCM, Ogg Opus, or in a way that this client does not know. */
export type AudioEncoding = "pcmS16le" | "oggOpus" | "unsupported";

/** A turn begins; comes before everything else of it. */
export interface TurnStartedEvent extends PayloadHeader {
  readonly type: "turnStarted";
  /** Counts the session's turns, from 1. */
  readonly ordinal: number;
  /** Hertz. */
  readonly sampleRate: number;
  /** When its first payload was released, by the gateway's clock. */
  readonly time: Date | undefined;
  /** The gateway held its audio for motion already: a player need not wait for it. */
  readonly paced: boolean;
  readonly audioEncoding: AudioEncoding;
  /** With Ogg Opus: the stream's header pages. What a decoder drops as its pre-skip is before the turn's first sample. */
  readonly audioHeader: Uint8Array;
}

/** A piece of a turn's speech, mono, in the encoding that `turnStarted` tells. */
export interface AudioEvent extends PayloadHeader {
  readonly type: "audio";
  /** Place of the first sample in the turn, from 0. */
  readonly firstSample: number;
  /** 0 only in a closing piece. */
  readonly sampleCount: number;
  /** The turn's last audio. */
  readonly last: boolean;
  /** PCM: two bytes a sample. Ogg Opus: whole pages; behind the header they can be decoded from any piece on. */
  readonly data: Uint8Array;
}

/** A piece of a turn's motion, made from audio that came before. 25 keyframes a second. */
export interface MotionEvent extends PayloadHeader {
  readonly type: "motion";
  /** Place of the first keyframe in the turn, from 0. Keyframe k is due at sample k × rate / 25. */
  readonly firstKeyframe: number;
  readonly keyframeCount: number;
  /** The turn's last motion. */
  readonly last: boolean;
  /** The Motion Server's whole message, byte for byte, as AvatarKit takes it. */
  readonly envelope: Uint8Array;
}

/** All media of a turn has come; usually some seconds before it has been heard. */
export interface TurnSealedEvent extends PayloadHeader {
  readonly type: "turnSealed";
  readonly sampleCount: number;
  readonly keyframeCount: number;
}

/** How a turn ended: played whole; stopped by somebody; its speech incomplete; its speech whole, its motion not. */
export type TurnOutcome = "completed" | "interrupted" | "failed" | "audioOnly";

/** A turn is over; nothing of it follows. */
export interface TurnEndedEvent extends PayloadHeader {
  readonly type: "turnEnded";
  readonly outcome: TurnOutcome;
  /** With failed and audioOnly: why, by the names of `ErrorReason` in the protos without their prefix. */
  readonly error: string;
  /** With interrupted: what the one who interrupted gave as reason. */
  readonly reason: string;
  /** With interrupted: these sequences are void. Throw away what came of them; what did not, never comes. */
  readonly discarded: SequenceRange | undefined;
  /** Samples heard by the gateway's playback clock. */
  readonly playedSamples: number;
}

/** A turn's playback was paused or goes on. */
export interface PlaybackChangedEvent extends PayloadHeader {
  readonly type: "playbackChanged";
  readonly paused: boolean;
  /** Samples heard by the gateway's playback clock. */
  readonly playedSamples: number;
}

/** The speaker's message to all viewers, such as a transcript. */
export interface ViewerMessageEvent extends PayloadHeader {
  readonly type: "viewerMessage";
  readonly kind: string;
  readonly text: string;
}

/** The session is closed; the last payload of the log. */
export interface SessionEndedEvent extends PayloadHeader {
  readonly type: "sessionEnded";
  /** Empty when it was closed on request. */
  readonly error: string;
  readonly reason: string;
}

/** An entry of the session's log. */
export type PayloadEvent =
  | TurnStartedEvent
  | AudioEvent
  | MotionEvent
  | TurnSealedEvent
  | TurnEndedEvent
  | PlaybackChangedEvent
  | ViewerMessageEvent
  | SessionEndedEvent;

/** What a viewer may do beyond viewing: interrupt the avatar; send text and microphone audio, and report its playback. */
export type ViewerPermission = "interrupt" | "talk";

/**
 * What happens to a feed that does not keep up. `disconnect`: it ends, and resumes by position. `dropMotion`: the turn goes on without
 * motion. `skipTurn`: the rest of the turn is left out. What is left out is told by a `gap`.
 */
export type SlowReaderPolicy = "disconnect" | "dropMotion" | "skipTurn";

/** What a viewer's token permits, and until when. */
export interface TokenTerms {
  readonly permissions: readonly ViewerPermission[];
  /** When the token ends, by the server's clock; undefined where there is none. */
  readonly expiresAt: Date | undefined;
}

/** A connection is open; after a lost one, again. */
export interface OpenedEvent extends TokenTerms {
  readonly type: "opened";
  readonly sessionId: string;
  readonly readerId: string;
  /** The feed goes on after this position. */
  readonly position: Position;
  /** Last sequence in the log at present. */
  readonly lastSequence: number;
  readonly avatarId: string;
  /** App ID at the Motion Server, which AvatarKit needs. */
  readonly appId: string;
  /** Hertz. */
  readonly sampleRate: number;
  readonly audioEncoding: AudioEncoding;
  readonly slowReaderPolicy: SlowReaderPolicy;
  /** True when it takes up an earlier connection of this feed. */
  readonly resumed: boolean;
}

/**
 * Why sequences are missing. `interrupted`, `expired`, `beforeStart`: the server left them out and says so. `readerTooSlow`: this feed
 * did not keep up, and its `slowReaderPolicy` leaves media of the turn out rather than to end the feed.
 * `epochChanged`, `sequenceExpired`, `positionAhead`: the position no longer leads anywhere, and the feed begins
 * again at the current turn.
 */
export type GapReason =
  | "interrupted"
  | "expired"
  | "beforeStart"
  | "readerTooSlow"
  | "epochChanged"
  | "sequenceExpired"
  | "positionAhead"
  | "unspecified";

/** Payloads that this feed will not bring. */
export interface GapEvent {
  readonly type: "gap";
  readonly reason: GapReason;
  /** Epoch of the sequences. */
  readonly epoch: number;
  /** First missing sequence. */
  readonly from: number;
  /** Last missing sequence; undefined where the feed begins anew and nobody can say. */
  readonly through: number | undefined;
  /** The feed begins anew: a turn may come again from its start, and ends of turns may never come. */
  readonly reset: boolean;
}

/** The server will shut down; the feed reconnects by itself when it does. */
export interface GoingAwayEvent {
  readonly type: "goingAway";
  readonly graceMs: number;
}

/** Something that was sent was refused: nothing was done, and the feed goes on. */
export interface RefusedEvent {
  readonly type: "refused";
  /** By the names of `ErrorReason` in the protos without their prefix, such as `NOT_PERMITTED`. */
  readonly reason: string;
  /** Field at fault, such as `viewer_event.text`; empty when none is. */
  readonly field: string;
  /** For people: what is wrong and what to do. */
  readonly message: string;
  /** Turn that it named; empty when none. */
  readonly turnId: string;
}

/** The viewer's token ends soon, and the feed with it. */
export interface TokenExpiringEvent {
  readonly type: "tokenExpiring";
  readonly expiresAt: Date | undefined;
  /** The token function is being asked for another. False: it is up to you, by `renewToken`. */
  readonly renewing: boolean;
  /** Why the token function gave none, where it was asked; empty else. */
  readonly message: string;
}

/** A newer token was taken: its terms hold from now on. */
export interface TokenRenewedEvent extends TokenTerms {
  readonly type: "tokenRenewed";
}

/** The relay cannot reach the gateway: the feed stays open, and nothing new comes before `gatewayBack`. */
export interface GatewayAwayEvent {
  readonly type: "gatewayAway";
  /** Milliseconds that the relay goes on trying, from now. */
  readonly limitMs: number;
}

/** The gateway is there again, and the feed goes on where it stopped. */
export interface GatewayBackEvent {
  readonly type: "gatewayBack";
}

/** A connection or an attempt at one failed. What the feed does about it follows as `reconnecting` or `closed`. */
export interface FailureEvent {
  readonly type: "failure";
  /**
   * A name of `ErrorReason` in the protos without its prefix, or of this library: `CONNECTION_LOST`,
   * `CONNECT_TIMEOUT`, `HEARTBEAT_TIMEOUT`, `PROTOCOL_ERROR`, `TOKEN_UNAVAILABLE`,
   * `WEBSOCKET_REFUSED`.
   */
  readonly reason: string;
  readonly message: string;
  readonly retryable: boolean;
  /** Milliseconds that the server asks to wait; 0: as you like. */
  readonly retryAfterMs: number;
  /** WebSocket close code, where there was one. */
  readonly closeCode: number | undefined;
}

/** The feed waits and connects again. */
export interface ReconnectingEvent {
  readonly type: "reconnecting";
  /** Counts the attempts since the last progress, from 1. */
  readonly attempt: number;
  /** Less where the page comes online or is looked at again meanwhile. */
  readonly delayMs: number;
}

/** The feed is over; the last event. */
export interface ClosedEvent {
  readonly type: "closed";
  /** `requested`: by `close()`. `ended`: the session is over. `failed`: see the failure. */
  readonly reason: "requested" | "ended" | "failed";
  readonly failure: FailureEvent | undefined;
}

/** Everything that a feed tells. */
export type FeedEvent =
  | PayloadEvent
  | OpenedEvent
  | GapEvent
  | GoingAwayEvent
  | RefusedEvent
  | TokenExpiringEvent
  | TokenRenewedEvent
  | GatewayAwayEvent
  | GatewayBackEvent
  | FailureEvent
  | ReconnectingEvent
  | ClosedEvent;

/** The event of a type. */
export type FeedEventOf<T extends FeedEvent["type"]> = Extract<FeedEvent, { type: T }>;
