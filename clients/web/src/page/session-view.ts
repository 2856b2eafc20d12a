import type { FeedEvent } from "../feed/events.js";
import type { FeedState } from "../feed/feed.js";
import type { PlayerFrame } from "../player/player.js";
import { byId, setText } from "./dom.js";
import type { TurnEntry } from "./turn-log.js";

/** What the page says of a session in words and numbers. */
export class SessionView {
  readonly #connection = byId("connection", HTMLParagraphElement);
  readonly #announcer = byId("announcer", HTMLParagraphElement);
  readonly #caption = byId("caption", HTMLParagraphElement);
  readonly #problem = byId("problem", HTMLParagraphElement);
  readonly #time = byId("timeline-time", HTMLSpanElement);
  readonly #firstMotion = byId("first-motion", HTMLElement);
  readonly #lag = byId("lag", HTMLElement);
  readonly #skew = byId("skew", HTMLElement);
  readonly #received = byId("received", HTMLElement);

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
      case "viewerMessage":
        this.#caption.hidden = event.text === "";
        setText(this.#caption, event.text);
        break;
      case "gap":
        if (event.reset || event.reason === "expired") {
          this.problem("Part of the session was missed.");
        }
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
    setText(this.#problem, text);
  }

  /** The numbers of the present moment. */
  show(frame: PlayerFrame, turn: TurnEntry | undefined, skewMs: number | undefined, sequence: number, now: number): void {
    setText(this.#received, sequence === 0 ? "–" : `#${sequence}`);
    if (turn === undefined) {
      return;
    }
    const waited = turn.firstMotionAt === undefined ? undefined : turn.firstMotionAt - turn.startedAt;
    setText(this.#firstMotion, milliseconds(waited));
    const isPlaying = frame.turnId === turn.id;
    const playedMs = (frame.sample * 1000) / turn.sampleRate;
    const heard = isPlaying && frame.sample > 0 && turn.firstAudioAt !== undefined;
    if (heard && frame.state === "playing") {
      setText(this.#lag, milliseconds(now - (turn.firstAudioAt ?? now) - playedMs));
      setText(this.#skew, milliseconds(skewMs));
    }
    const total = turn.samples / turn.sampleRate;
    setText(this.#time, isPlaying ? `${(playedMs / 1000).toFixed(1)} / ${total.toFixed(1)} s` : `${total.toFixed(1)} s`);
  }

  #closed(event: Extract<FeedEvent, { type: "closed" }>): void {
    if (event.reason !== "failed") {
      this.connection("closed", "The session is over");
      return;
    }
    this.connection("failed", "Disconnected");
    this.problem(failureText(event.failure?.reason ?? "", event.failure?.message ?? ""));
  }
}

function failureText(reason: string, message: string): string {
  switch (reason) {
    case "VIEWER_TOKEN_INVALID":
      return "The viewer token is not valid for this session, or has expired.";
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

function milliseconds(value: number | undefined): string {
  return value === undefined ? "–" : `${Math.round(value)} ms`;
}
