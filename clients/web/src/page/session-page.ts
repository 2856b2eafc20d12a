import { FaceDriver } from "../face/face-driver.js";
import { FaceView } from "../face/face-view.js";
import { connect } from "../feed/connect.js";
import type { FeedEvent } from "../feed/events.js";
import type { Feed } from "../feed/feed.js";
import { WebAudioOutput } from "../player/audio-output.js";
import { Player, type PlayerFrame } from "../player/player.js";
import { poseLayout } from "../player/pose.js";
import { keyframeRate } from "../turn/continuity.js";
import { byId } from "./dom.js";
import { InspectorView } from "./inspector-view.js";
import { expose, type Observation } from "./observation.js";
import type { SessionLink } from "./session-link.js";
import { SessionView } from "./session-view.js";
import { SpeechTrace } from "./speech-trace.js";
import { TimelineView } from "./timeline-view.js";
import { TurnLog } from "./turn-log.js";
import { TurnsView } from "./turns-view.js";

const idle: PlayerFrame = { state: "idle", turnId: "", sample: 0, keyframe: undefined, pose: undefined };
const maxErrors = 50;

/** The page's part that follows a session: hears, shows and measures it. */
export class SessionPage {
  readonly view = new SessionView();
  readonly #feed: Feed;
  readonly #face = new FaceView();
  readonly #driver = new FaceDriver(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  readonly #timeline = new TimelineView(byId("timeline", HTMLCanvasElement));
  readonly #turnsView = new TurnsView(byId("turns", HTMLOListElement), byId("turns-empty", HTMLParagraphElement));
  readonly #inspector = new InspectorView(byId("inspector", HTMLTableSectionElement));
  readonly #sound = byId("sound", HTMLButtonElement);
  readonly #interrupt = byId("interrupt", HTMLButtonElement);
  readonly #turns = new TurnLog();
  readonly #traces = new Map<string, SpeechTrace>();
  readonly #errors: string[] = [];
  #output: WebAudioOutput | undefined;
  #player: Player | undefined;
  #shownTurnId = "";
  #heardTurn: Player["turn"];
  #wasPlaying = false;
  #drawnAt = performance.now();
  #turnsChanged = true;

  constructor(base: string, link: SessionLink) {
    byId("session", HTMLElement).hidden = false;
    byId("face", HTMLDivElement).append(this.#face.element);
    this.view.connection("connecting", "Connecting");
    this.#feed = connect({
      url: base,
      sessionId: link.sessionId,
      token: link.token,
      retry: { maxAttempts: Number.POSITIVE_INFINITY },
      onEvent: (event) => this.#event(event),
    });
    this.#sound.addEventListener("click", () => void this.#output?.resume());
    this.#interrupt.addEventListener("click", () => this.interrupt());
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.#interrupt.disabled) {
        this.interrupt();
      }
    });
    expose(() => this.#observe());
    requestAnimationFrame((now) => this.#draw(now));
  }

  /** Resolves when the feed is open for the first time. */
  get opened(): Promise<void> {
    return new Promise((resolve) => this.#feed.on("opened", () => resolve()));
  }

  /** Stops the turn that is heard: at the gateway, or at least here when that cannot be reached. */
  interrupt(): void {
    const turnId = this.#player?.frame().turnId ?? "";
    const isOver = !["started", "sealed"].includes(this.#turns.find(turnId)?.state ?? "");
    if (isOver || !this.#feed.interrupt({ turnId, reason: "viewer" })) {
      this.#player?.skipTurn();
    }
  }

  #event(event: FeedEvent): void {
    const now = performance.now();
    if (event.type === "opened") {
      this.#listen(event.sampleRate);
    } else if (event.type === "audio") {
      this.#traces.get(event.turnId)?.add(event);
    } else if (event.type === "failure") {
      this.#errors.push(event.reason);
      this.#errors.splice(0, this.#errors.length - maxErrors);
    }
    this.#turnsChanged = this.#turns.add(event, now) || this.#turnsChanged;
    if (event.type === "turnStarted" && !this.#traces.has(event.turnId)) {
      this.#traces.set(event.turnId, new SpeechTrace(event.turnId, event.sampleRate));
    }
    this.#inspector.add(event, now);
    this.view.event(event, this.#feed.state);
  }

  #listen(sampleRate: number): void {
    if (this.#output !== undefined) {
      return;
    }
    this.#output = new WebAudioOutput(sampleRate);
    this.#output.onStateChange(() => this.#showSound());
    this.#player = new Player(this.#feed, this.#output);
    this.#showSound();
  }

  #showSound(): void {
    this.#sound.hidden = this.#output?.isRunning !== false;
  }

  #draw(now: number): void {
    requestAnimationFrame((next) => this.#draw(next));
    const seconds = Math.min(0.1, Math.max(0, (now - this.#drawnAt) / 1000));
    this.#drawnAt = now;
    const frame = this.#player?.frame() ?? idle;
    this.#follow(frame);
    this.#face.show(this.#driver.next(frame.pose, seconds));
    this.#timeline.draw(this.#traces.get(this.#shownTurnId), this.#heardTurn?.poses ?? [], frame);
    const turn = this.#turns.find(this.#shownTurnId);
    this.view.show(frame, turn, this.#skewMs(frame), this.#feed.position?.sequence ?? 0, performance.now());
    this.#interrupt.disabled = frame.turnId === "";
    this.#inspector.flush();
    if (this.#turnsChanged) {
      this.#turnsChanged = false;
      this.#turnsView.show(this.#turns.turns, frame.turnId);
    }
  }

  /** The timeline stays with the turn that was heard last, until another is. */
  #follow(frame: PlayerFrame): void {
    const isPlaying = frame.turnId !== "";
    this.#turnsChanged ||= isPlaying !== this.#wasPlaying || (isPlaying && frame.turnId !== this.#shownTurnId);
    this.#wasPlaying = isPlaying;
    this.#heardTurn = this.#player?.turn ?? this.#heardTurn;
    this.#shownTurnId = this.#heardTurn?.id ?? "";
    for (const turnId of this.#traces.keys()) {
      const isOver = !["started", "sealed"].includes(this.#turns.find(turnId)?.state ?? "");
      if (isOver && turnId !== this.#shownTurnId && this.#player?.holds(turnId) !== true) {
        this.#traces.delete(turnId);
      }
    }
  }

  /** What is shown minus what the audio device itself says is heard. */
  #skewMs(frame: PlayerFrame): number | undefined {
    const turn = this.#player?.turn;
    if (frame.keyframe === undefined || frame.state !== "playing" || turn === undefined || this.#output === undefined) {
      return undefined;
    }
    const heard = turn.sampleAt(this.#output.measuredHeardAt);
    return (frame.keyframe / keyframeRate - heard / turn.sampleRate) * 1000;
  }

  #observe(): Observation {
    const frame = this.#player?.frame() ?? idle;
    return {
      state: this.#feed.state,
      playerState: frame.state,
      turnId: frame.turnId,
      turnState: this.#turns.find(frame.turnId)?.state ?? "",
      audioClockSamples: frame.sample,
      jaw: frame.pose?.[poseLayout.jaw],
      keyframe: frame.keyframe,
      skewMs: this.#skewMs(frame),
      receivedSequence: this.#feed.position?.sequence ?? 0,
      turns: this.#turns.turns.map(({ id, ordinal, state }) => ({ id, ordinal, state })),
      errors: [...this.#errors],
    };
  }
}
