import { FaceDriver } from "../face/face-driver.js";
import { FaceView } from "../face/face-view.js";
import { connect } from "../feed/connect.js";
import type { FeedEvent } from "../feed/events.js";
import type { Feed } from "../feed/feed.js";
import type { ConnectOptions } from "../feed/options.js";
import { WebAudioOutput } from "../player/audio-output.js";
import { Player, type PlayerFrame } from "../player/player.js";
import { decodePoses, poseLayout } from "../player/pose.js";
import { Captions } from "./captions.js";
import { byId } from "./dom.js";
import { FurtherViewers } from "./further-viewers.js";
import { InspectorView } from "./inspector-view.js";
import { expose, type Observation } from "./observation.js";
import { SessionView } from "./session-view.js";
import { SpeechTrace } from "./speech-trace.js";
import { TalkPanel } from "./talk-panel.js";
import { TimelineView } from "./timeline-view.js";
import { TurnLog } from "./turn-log.js";
import { TurnsView } from "./turns-view.js";

const idle: PlayerFrame = { state: "idle", turnId: "", sample: 0, keyframe: undefined, pose: undefined, skewMs: undefined };
const maxErrors = 50;

/** Which session, and how the page comes by tokens for it. */
export interface SessionEntry {
  readonly sessionId: string;
  readonly token: ConnectOptions["token"];
}

/** The page's part that follows a session: hears, shows and measures it. */
export class SessionPage {
  readonly view = new SessionView();
  readonly #feed: Feed;
  readonly #face = new FaceView();
  readonly #driver = new FaceDriver(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  readonly #timeline = new TimelineView(byId("timeline", HTMLCanvasElement));
  readonly #turnsView = new TurnsView(byId("turns", HTMLOListElement), byId("turns-empty", HTMLParagraphElement));
  readonly #inspector = new InspectorView(byId("inspector", HTMLTableSectionElement));
  readonly #play = byId("play", HTMLButtonElement);
  readonly #interrupt = byId("interrupt", HTMLButtonElement);
  readonly #talk: TalkPanel;
  readonly #viewers: FurtherViewers;
  readonly #captions = new Captions();
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
  /** Has something said, where nothing has been yet and a demo can. */
  #sayFirst: (() => void) | undefined;

  constructor(base: string, entry: SessionEntry) {
    byId("session", HTMLElement).hidden = false;
    byId("face", HTMLDivElement).append(this.#face.element);
    this.view.connection("connecting", "Connecting");
    const options = { url: base, ...entry, retry: { maxAttempts: Number.POSITIVE_INFINITY } };
    this.#feed = connect({ ...options, onEvent: (event) => this.#event(event) });
    this.#talk = new TalkPanel(this.#feed);
    this.#viewers = new FurtherViewers(byId("viewers", HTMLDivElement), byId("add-viewer", HTMLButtonElement), () =>
      connect({ ...options, start: "now" }),
    );
    this.#play.addEventListener("click", () => this.#begin());
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
  get opened(): Promise<unknown> {
    return this.#feed.opened();
  }

  /** It is a demo's session, which answers by itself, and has something to say where nothing was said yet. */
  offerDemo(sayFirst: (() => void) | undefined): void {
    this.#sayFirst = this.#turns.turns.length === 0 ? sayFirst : undefined;
    this.#talk.hint = "It says back what you say, and speaks what you type.";
    byId("stand-in", HTMLParagraphElement).textContent =
      "A stand-in: the demo’s own Motion Server moves it by the speech’s loudness alone.";
    this.#showPlay();
  }

  /** Something is about to be said: it need not be begun by hand. */
  begun(): void {
    this.#sayFirst = undefined;
    this.#showPlay();
  }

  /** Stops the turn that is heard: at the gateway, or at least here when that cannot be reached or the token does not permit it. */
  interrupt(): void {
    const turnId = this.#player?.frame().turnId ?? "";
    const isOver = !["started", "sealed"].includes(this.#turns.find(turnId)?.state ?? "");
    const mayAsk = this.#feed.session?.permissions.includes("interrupt") === true;
    if (isOver || !mayAsk || !this.#feed.interrupt({ turnId, reason: "viewer" })) {
      this.#player?.skipTurn();
    }
  }

  #event(event: FeedEvent): void {
    const now = performance.now();
    if (event.type === "opened") {
      this.#listen(event.sampleRate);
    } else if (event.type === "audio") {
      this.#traces.get(event.turnId)?.reaches(event.firstSample + event.sampleCount);
    } else if (event.type === "motion") {
      const jaws = decodePoses(event.envelope).map((pose) => pose[poseLayout.jaw] ?? 0);
      this.#traces.get(event.turnId)?.addJaws(event.firstKeyframe, jaws);
    } else if (event.type === "failure") {
      this.#errors.push(event.reason);
      this.#errors.splice(0, this.#errors.length - maxErrors);
    }
    this.#tell(event);
    this.#turnsChanged = this.#turns.add(event, now) || this.#turnsChanged;
    if (event.type === "turnStarted" && !this.#traces.has(event.turnId)) {
      this.#traces.set(event.turnId, new SpeechTrace(event.turnId, event.sampleRate));
      this.begun();
    }
    this.#inspector.add(event, now);
    this.view.event(event, this.#feed.state);
  }

  /** What an event means for those who talk, and for what they said. */
  #tell(event: FeedEvent): void {
    switch (event.type) {
      case "opened":
      case "tokenRenewed":
        this.#talk.permit(event.permissions.includes("talk"));
        break;
      case "closed":
        this.#talk.permit(false);
        break;
      case "refused":
        this.#talk.refused(event);
        break;
      case "turnStarted":
        this.#captions.turnStarted();
        break;
      case "viewerMessage":
        this.#captions.add(event);
        this.#talk.note(this.#captions.remark);
        break;
      default:
        break;
    }
  }

  #listen(sampleRate: number): void {
    if (this.#output !== undefined) {
      return;
    }
    this.#output = new WebAudioOutput(sampleRate);
    this.#output.onChange(() => this.#showPlay());
    this.#player = new Player(this.#feed, this.#output, {
      onSpeech: (turnId, firstSample, samples) => this.#traces.get(turnId)?.add(firstSample, samples),
      onProblem: (_, message) => this.view.problem(`Speech cannot be heard: ${message}`),
    });
    this.#showPlay();
  }

  /** One button begins everything: the gesture lets sound begin, and a demo that is silent has something said. */
  #begin(): void {
    void this.#output?.resume();
    this.#sayFirst?.();
    this.begun();
  }

  #showPlay(): void {
    this.#play.hidden = this.#output === undefined || (this.#output.isRunning && this.#sayFirst === undefined);
  }

  #draw(now: number): void {
    requestAnimationFrame((next) => this.#draw(next));
    const seconds = Math.min(0.1, Math.max(0, (now - this.#drawnAt) / 1000));
    this.#drawnAt = now;
    const frame = this.#player?.frame() ?? idle;
    this.#follow(frame);
    this.#face.show(this.#driver.next(frame.pose, seconds));
    this.#timeline.draw(this.#traces.get(this.#shownTurnId), frame);
    const turn = this.#turns.find(this.#shownTurnId);
    const skewMs = this.#skewMs(frame);
    this.#notePicture(frame, skewMs);
    this.view.show(frame, turn, skewMs, this.#feed.position?.sequence ?? 0, this.#player?.stats);
    this.view.captions(this.#captions, this.#shownTurnId);
    this.#viewers.draw(frame, turn?.sampleRate ?? 1, seconds);
    this.#talk.hearing(frame.state === "playing");
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
    if (frame.skewMs === undefined || frame.state !== "playing" || turn === undefined || this.#output === undefined) {
      return undefined;
    }
    const heard = turn.sampleAt(this.#output.measuredHeardAt);
    return frame.skewMs + ((frame.sample - heard) * 1000) / turn.sampleRate;
  }

  #notePicture(frame: PlayerFrame, skewMs: number | undefined): void {
    const turn = this.#turns.find(frame.turnId);
    if (turn !== undefined) {
      const loudness = this.#traces.get(frame.turnId)?.loudnessAt(frame.sample) ?? 0;
      turn.pictures.add(frame, performance.now(), frame.sample / turn.sampleRate, loudness, skewMs);
    }
  }

  #observe(): Observation {
    const frame = this.#player?.frame() ?? idle;
    return {
      state: this.#feed.state,
      playerState: frame.state,
      turnId: frame.turnId,
      turnState: this.#turns.find(frame.turnId)?.state ?? "",
      audioClockSamples: frame.sample,
      audioClockSeconds: this.#output?.now ?? 0,
      pageMs: performance.now(),
      jaw: frame.pose?.[poseLayout.jaw],
      keyframe: frame.keyframe,
      skewMs: this.#skewMs(frame),
      receivedSequence: this.#feed.position?.sequence ?? 0,
      turns: this.#turns.turns.map(({ id, ordinal, state, encoding, paced, pictures: { pictures } }) => ({
        id,
        ordinal,
        state,
        encoding,
        paced,
        pictures: pictures.playing > 0 ? pictures : undefined,
      })),
      viewers: this.#viewers.steps,
      stats: this.#player?.stats,
      errors: [...this.#errors],
    };
  }
}
