import { type Clock, systemClock } from "../feed/clock.js";

/**
 * Whether sound is running. `suspended`: the browser has not let it begin, or has put it to sleep; `interrupted`: taken away by a call
 * or another app (iOS); `frozen`: said to be running, and its clock stands still; `closed`: for good.
 */
export type SoundState = "running" | "suspended" | "interrupted" | "frozen" | "closed";

/** What the player needs of WebAudio. Times in seconds of the audio clock. */
export interface AudioOutput {
  /** Time of the next sample to be rendered. */
  readonly now: number;
  /** Time of the sample that is heard. */
  readonly heardAt: number;
  readonly sound: SoundState;
  /** `sound` is `running`. Nothing is played else: it would only be queued, and some browsers complain of each source. */
  readonly isRunning: boolean;
  /** Plays samples from -1 to 1. */
  play(samples: Float32Array<ArrayBuffer>, sampleRate: number, startsAt: number, onEnded: () => void): AudioVoice;
  /** Tells when `sound` may have changed; returns what ends it. */
  onChange(listener: () => void): () => void;
}

/** Samples that play or are about to. */
export interface AudioVoice {
  /** Silences them at once. */
  stop(): void;
}

/** What `WebAudioOutput` takes. */
export interface WebAudioOutputOptions {
  /** Where gestures of the user, and the page's coming back, are looked for: sound is resumed then. Default: the document. */
  readonly gestures?: Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState">;
  /** For tests. */
  readonly createContext?: (options: AudioContextOptions) => AudioContext;
  /** For tests. */
  readonly clock?: Clock;
}

/** Milliseconds that a running clock may stand still, and between attempts to set it going again. */
const frozenMs = 1000;
const nudgeIntervalMs = 3000;
const gestures = ["pointerup", "touchend", "keydown"] as const;

/** Plays by an `AudioContext`, one buffer source for each piece. */
export class WebAudioOutput implements AudioOutput {
  readonly #context: AudioContext;
  readonly #clock: Clock;
  readonly #gestures: WebAudioOutputOptions["gestures"];
  readonly #listeners = new Set<() => void>();
  readonly #resumeByGesture = () => this.#resumeQuietly();
  readonly #resumeWhenSeen = () => this.#pageShown();
  #hasRun = false;
  #lastTime = -1;
  #movedAt = 0;
  #nudgedAt = Number.NEGATIVE_INFINITY;

  /** Takes the session's rate, so that pieces join without being resampled one by one; else the device's. */
  constructor(sampleRate: number, options: WebAudioOutputOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#gestures = options.gestures ?? (typeof document === "undefined" ? undefined : document);
    playInSilentMode();
    this.#context = openContext(sampleRate, options.createContext ?? ((settings) => new AudioContext(settings)));
    this.#movedAt = this.#clock.now();
    this.#context.onstatechange = () => this.#changed();
    for (const gesture of gestures) {
      this.#gestures?.addEventListener(gesture, this.#resumeByGesture, { capture: true, passive: true });
    }
    this.#gestures?.addEventListener("visibilitychange", this.#resumeWhenSeen);
  }

  get now(): number {
    return this.#context.currentTime;
  }

  get heardAt(): number {
    const { currentTime, outputLatency } = this.#context;
    // Some browsers tell no latency.
    return Math.max(0, currentTime - (outputLatency || 0));
  }

  /** What is heard by the device's own report: a second opinion on `heardAt`, for measuring. */
  get measuredHeardAt(): number {
    const { contextTime, performanceTime } = this.#context.getOutputTimestamp();
    if (!contextTime || !performanceTime || !this.isRunning) {
      return this.heardAt;
    }
    return contextTime + (performance.now() - performanceTime) / 1000;
  }

  get sound(): SoundState {
    // iOS has a state that the types do not know.
    const state = this.#context.state as AudioContextState | "interrupted";
    if (state !== "running") {
      return state;
    }
    this.#hasRun = true;
    return this.#isFrozen() ? "frozen" : "running";
  }

  get isRunning(): boolean {
    return this.sound === "running";
  }

  /** Asks the browser to let sound begin; it does after a gesture of the user. */
  async resume(): Promise<void> {
    await this.#context.resume();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  play(samples: Float32Array<ArrayBuffer>, sampleRate: number, startsAt: number, onEnded: () => void): AudioVoice {
    const buffer = this.#context.createBuffer(1, samples.length, sampleRate);
    buffer.copyToChannel(samples, 0);
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    source.onended = () => {
      source.disconnect();
      onEnded();
    };
    source.start(startsAt);
    return {
      stop() {
        source.onended = null;
        source.stop();
        source.disconnect();
      },
    };
  }

  async close(): Promise<void> {
    this.#context.onstatechange = null;
    this.#listeners.clear();
    for (const gesture of gestures) {
      this.#gestures?.removeEventListener(gesture, this.#resumeByGesture, { capture: true });
    }
    this.#gestures?.removeEventListener("visibilitychange", this.#resumeWhenSeen);
    await this.#context.close();
  }

  #changed(): void {
    this.#movedAt = this.#clock.now();
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  /** Some phones let the clock of a running context stand after a call or a change of headphones. */
  #isFrozen(): boolean {
    const now = this.#clock.now();
    if (this.#context.currentTime !== this.#lastTime) {
      this.#lastTime = this.#context.currentTime;
      this.#movedAt = now;
    }
    const isFrozen = now - this.#movedAt >= frozenMs;
    if (isFrozen && now - this.#nudgedAt >= nudgeIntervalMs) {
      this.#nudgedAt = now;
      this.#context.suspend().then(() => this.#context.resume()).catch(ignore);
    }
    return isFrozen;
  }

  /** Not before the page may: a browser complains of that. */
  #resumeQuietly(): void {
    const isGesture = typeof navigator === "undefined" || navigator.userActivation?.isActive !== false;
    if (isGesture && this.sound !== "running" && this.sound !== "closed") {
      this.#context.resume().catch(ignore);
    }
  }

  #pageShown(): void {
    if (this.#gestures?.visibilityState === "visible" && this.#hasRun && !this.isRunning && this.sound !== "closed") {
      this.#context.resume().catch(ignore);
    }
  }
}

/** Sound is not there yet; the next gesture tries again, and `sound` tells it until then. */
function ignore(): void {}

/** On a phone whose ring switch is off, speech is heard all the same: it is what the page is for. */
function playInSilentMode(): void {
  const session = typeof navigator === "undefined" ? undefined : (navigator as { audioSession?: { type: string } }).audioSession;
  if (session !== undefined) {
    session.type = "playback";
  }
}

function openContext(sampleRate: number, create: (options: AudioContextOptions) => AudioContext): AudioContext {
  try {
    return create({ sampleRate, latencyHint: "interactive" });
  } catch {
    // The rate is outside of what this browser takes: each piece is resampled then.
    return create({ latencyHint: "interactive" });
  }
}
