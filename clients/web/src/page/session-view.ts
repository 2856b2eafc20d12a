import type { FeedEvent } from "../feed/events.js";
import type { FeedState } from "../feed/feed.js";
import type { PlayerFrame } from "../player/player.js";
import type { PlayerStats } from "../player/player-stats.js";
import type { Captions } from "./captions.js";
import { byId, setText } from "./dom.js";
import type { TurnEntry } from "./turn-log.js";

/** What the page says of a session in words and numbers. */
export class SessionView {
  readonly #connection = byId("connection", HTMLParagraphElement);
  readonly #announcer = byId("announcer", HTMLParagraphElement);
  readonly #caption = byId("caption", HTMLParagraphElement);
  readonly #said = byId("said", HTMLParagraphElement);
  readonly #problem = byId("problem", HTMLDivElement);
  readonly #problemText = byId("problem-text", HTMLParagraphElement);
  readonly #joinAgain = byId("join-again", HTMLButtonElement);
  readonly #notice = byId("notice", HTMLParagraphElement);
  readonly #time = byId("timeline-time", HTMLSpanElement);
  readonly #firstMotion = byId("first-motion", HTMLElement);
  readonly #lag = byId("lag", HTMLElement);
  readonly #skew = byId("skew", HTMLElement);
  readonly #received = byId("received", HTMLElement);
  readonly #encoding = byId("encoding", HTMLElement);
  readonly #buffer = byId("buffer", HTMLElement);

  /** Tells people what an event means for them, if anything. */
  event(event: FeedEvent, state: FeedState): void {
    switch (event.type) {
      case "opened":
        this.connection(state, "Connected");
        break;
      case "reconnecting":
        this.connection(state, `Reconnecting, attempt ${event.attempt}`);
        break;
      case "closed":
        this.#closed(event);
        break;
      case "turnStarted":
        this.announce(`Turn ${event.ordinal} begins`);
        this.problem("");
        break;
      case "turnEnded":
        this.announce(event.outcome === "interrupted" ? "Interrupted" : "Turn ended");
        break;
      case "gap":
        if (event.reset || event.reason === "expired") {
          this.problem("Part of the session was missed.");
        } else if (event.reason === "readerTooSlow") {
          this.problem("This viewer was too slow: part of the turn was left out for it.");
        }
        break;
      case "gatewayAway":
        this.notice(`The gateway cannot be reached. What has come is played; the relay goes on trying for ${Math.ceil(event.limitMs / 1000)} s.`);
        break;
      case "tokenExpiring":
        if (!event.renewing) {
          this.notice(`Your token ends${event.expiresAt === undefined ? " soon" : ` at ${event.expiresAt.toLocaleTimeString()}`}. ${event.message}`);
        }
        break;
      case "gatewayBack":
      case "tokenRenewed":
      case "failure":
        this.notice("");
        break;
      default:
        break;
    }
  }

  connection(state: FeedState | "failed", text: string): void {
    this.#connection.dataset["state"] = state;
    setText(this.#connection, text);
    this.announce(text);
  }

  /** For those who hear the page and do not see it. */
  announce(text: string): void {
    setText(this.#announcer, text);
  }

  problem(text: string): void {
    this.#problem.hidden = text === "";
    setText(this.#problemText, text);
  }

  /** Something that lasts, and that the visitor need not do anything about. */
  notice(text: string): void {
    this.#notice.hidden = text === "";
    setText(this.#notice, text);
  }

  /** Who said what; of the avatar what it says in the turn that is heard. */
  captions(captions: Captions, turnId: string): void {
    const said = captions.viewer === "" ? "" : `Said to it: ${captions.viewer}`;
    for (const [element, text] of [[this.#said, said], [this.#caption, captions.avatar(turnId)]] as const) {
      element.hidden = text === "";
      setText(element, text);
    }
  }

  /** What the way back is called, once the session is over. */
  set wayBack(text: string) {
    setText(this.#joinAgain, text);
  }

  onJoinAgain(join: () => void): void {
    this.#joinAgain.addEventListener("click", join);
  }

  /** The numbers of the present moment. */
  show(
    frame: PlayerFrame,
    turn: TurnEntry | undefined,
    skewMs: number | undefined,
    sequence: number,
    stats: PlayerStats | undefined,
  ): void {
    setText(this.#received, sequence === 0 ? "–" : `#${sequence}`);
    if (turn === undefined) {
      return;
    }
    const waited = turn.firstMotionAt === undefined ? undefined : turn.firstMotionAt - turn.startedAt;
    setText(this.#firstMotion, milliseconds(waited));
    const isPlaying = frame.turnId === turn.id;
    const playedMs = (frame.sample * 1000) / turn.sampleRate;
    if (isPlaying && frame.state === "playing" && stats !== undefined) {
      setText(this.#lag, milliseconds(stats.lagMs));
      setText(this.#skew, milliseconds(skewMs));
      setText(this.#buffer, milliseconds(stats.bufferMs));
    }
    setText(this.#encoding, encodingNames[turn.encoding]);
    const total = turn.samples / turn.sampleRate;
    setText(this.#time, isPlaying ? `${(playedMs / 1000).toFixed(1)} / ${total.toFixed(1)} s` : `${total.toFixed(1)} s`);
  }

  #closed(event: Extract<FeedEvent, { type: "closed" }>): void {
    this.notice("");
    this.#joinAgain.hidden = false;
    byId("session", HTMLElement).dataset["over"] = "";
    if (event.reason !== "failed") {
      this.connection("closed", "The session is over");
      this.problem("The session is over.");
      return;
    }
    this.connection("failed", "Disconnected");
    this.problem(failureText(event.failure?.reason ?? "", event.failure?.message ?? ""));
  }
}

function failureText(reason: string, message: string): string {
  switch (reason) {
    case "VIEWER_TOKEN_INVALID":
      return "The viewer token is not valid for this session.";
    case "VIEWER_TOKEN_EXPIRED":
      return "The viewer token has expired.";
    case "SESSION_NOT_FOUND":
      return "There is no such session.";
    case "SESSION_CLOSED":
      return "The session is over.";
    case "SUPERSEDED":
      return "This viewer was opened somewhere else.";
    default:
      return message || "The relay cannot be reached.";
  }
}

const encodingNames = { pcmS16le: "PCM", oggOpus: "Ogg Opus", unsupported: "unknown" };

function milliseconds(value: number | undefined): string {
  return value === undefined ? "–" : `${Math.round(value)} ms`;
}
