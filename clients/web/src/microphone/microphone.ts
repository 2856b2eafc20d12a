import { type Clock, systemClock } from "../feed/clock.js";
import type { Feed } from "../feed/feed.js";
import { captureWorklet } from "./capture-worklet.js";
import { loudness } from "./level.js";
import { browserMicrophone, type MicrophonePlatform } from "./microphone-platform.js";
import { PcmPieces } from "./pcm-pieces.js";
import { Resampler } from "./resampler.js";

/** Hertz of what is sent. */
export const microphoneRate = 16_000;

/** Milliseconds within which a browser that lets sound run has let it. */
const resumeLimitMs = 3000;

/** What `startMicrophone` takes. */
export interface MicrophoneOptions {
  /** Milliseconds of a piece, from 10 to 2000. Default 40. */
  readonly pieceMs?: number;
  /** Sees how loud it is, about a hundred times a second: 0 at 60 dB below full scale, 1 at full scale, 0 while muted. */
  readonly onLevel?: (level: number) => void;
  /** What is asked of the device, beside one channel with echo, noise and gain taken care of. */
  readonly constraints?: MediaTrackConstraints;
  /** Address of `@motiongateway/web/microphone-worklet.js`, for a page whose policy forbids `blob:`. */
  readonly workletUrl?: string;
  /** Stops it, also while the user is asked. */
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly platform?: MicrophonePlatform;
  /** For tests. */
  readonly clock?: Clock;
}

/** Why a microphone is over: `stop()` or the signal, or the device is gone or was taken away. */
export type MicrophoneEnd = "requested" | "lost";

/**
 * Asks the user for the microphone and sends what it hears to the speaker: mono PCM at 16 kHz, in pieces. To be called by a
 * gesture of the user. Rejects with the browser's own error where there is none, such as `NotAllowedError`; nothing is left open then.
 */
export async function startMicrophone(feed: Pick<Feed, "sendMicrophone">, options: MicrophoneOptions = {}): Promise<Microphone> {
  const { pieceMs = 40, platform = browserMicrophone, signal } = options;
  if (!(pieceMs >= 10 && pieceMs <= 2000)) {
    throw new RangeError("The option pieceMs is from 10 to 2000.");
  }
  signal?.throwIfAborted();
  const open: Open = { closers: [] };
  try {
    const session = platform.audioSession;
    if (session !== undefined) {
      const before = session.type;
      // Else a page that plays, as the player lets it, hears nothing.
      session.type = "play-and-record";
      open.closers.push(() => (session.type = before));
    }
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...options.constraints };
    const stream = await platform.openStream(audio);
    open.closers.push(() => stream.getTracks().forEach((track) => track.stop()));
    signal?.throwIfAborted();
    const context = platform.createContext();
    open.closers.push(() => context.close());
    await loadWorklet(context, platform, options.workletUrl);
    await resume(context, options.clock ?? systemClock);
    signal?.throwIfAborted();
    const capture = platform.createCapture(context);
    const source = context.createMediaStreamSource(stream);
    source.connect(capture).connect(context.destination);
    open.closers.push(() => source.disconnect(), () => capture.disconnect());
    return new Microphone(feed, { ...options, pieceMs }, stream, context.sampleRate, capture.port, () => closeAll(open));
  } catch (error) {
    await closeAll(open);
    throw error;
  }
}

/** Without a gesture a browser lets a context wait for one, and says nothing. */
async function resume(context: AudioContext, clock: Clock): Promise<void> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    const tell = () => reject(new DOMException("A microphone is started by a gesture of the user.", "NotAllowedError"));
    timer = clock.setTimeout(tell, resumeLimitMs);
  });
  try {
    await Promise.race([context.resume(), late]);
  } finally {
    clock.clearTimeout(timer);
  }
}

/** What has been opened, and is closed in the opposite order. */
interface Open {
  readonly closers: (() => unknown)[];
}

/** One that fails, as of what the browser has closed already, keeps none from being closed. */
async function closeAll({ closers }: Open): Promise<void> {
  await Promise.allSettled(closers.splice(0).reverse().map(async (close) => close()));
}

async function loadWorklet(context: AudioContext, platform: MicrophonePlatform, given: string | undefined): Promise<void> {
  if (given !== undefined) {
    await context.audioWorklet.addModule(given);
    return;
  }
  const url = platform.createUrl(captureWorklet);
  try {
    await context.audioWorklet.addModule(url);
  } finally {
    platform.revokeUrl(url);
  }
}

/** A microphone that is on. Made by `startMicrophone`. */
export class Microphone {
  readonly #feed: Pick<Feed, "sendMicrophone">;
  readonly #options: MicrophoneOptions;
  readonly #tracks: MediaStreamTrack[];
  readonly #port: MessagePort;
  readonly #resampler: Resampler;
  readonly #pieces: PcmPieces;
  readonly #close: () => Promise<void>;
  readonly #ended: Promise<MicrophoneEnd>;
  #resolveEnded!: (end: MicrophoneEnd) => void;
  #closing: Promise<void> | undefined;
  #muted = false;
  #level = 0;
  #sentSamples = 0;
  #droppedSamples = 0;
  readonly #abort = () => void this.stop();
  readonly #lost = () => void this.#end("lost");

  /** @internal Use `startMicrophone`. */
  constructor(
    feed: Pick<Feed, "sendMicrophone">,
    options: MicrophoneOptions & { readonly pieceMs: number },
    stream: MediaStream,
    sampleRate: number,
    port: MessagePort,
    close: () => Promise<void>,
  ) {
    this.#feed = feed;
    this.#options = options;
    this.#tracks = stream.getTracks();
    this.#port = port;
    this.#close = close;
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#resampler = new Resampler(sampleRate, microphoneRate);
    this.#pieces = new PcmPieces(Math.round((options.pieceMs * microphoneRate) / 1000), (piece) => this.#send(piece));
    options.signal?.addEventListener("abort", this.#abort, { once: true });
    this.#tracks.forEach((track) => track.addEventListener("ended", this.#lost));
    port.onmessage = ({ data }: MessageEvent<Float32Array>) => this.#heard(data);
  }

  /** How loud it is at present, as `onLevel` tells it. */
  get level(): number {
    return this.#level;
  }

  /** While true the device gives silence, and nothing is sent. */
  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    this.#tracks.forEach((track) => (track.enabled = !muted));
    this.#pieces.clear();
  }

  /** Milliseconds that were sent. */
  get sentMs(): number {
    return (this.#sentSamples * 1000) / microphoneRate;
  }

  /** Milliseconds that were not, because no connection was open or it could not keep up. */
  get droppedMs(): number {
    return (this.#droppedSamples * 1000) / microphoneRate;
  }

  /** Resolves when it is over; never rejects. */
  get ended(): Promise<MicrophoneEnd> {
    return this.#ended;
  }

  /** Sends what is left and gives the device back. As often as you like. */
  stop(): Promise<void> {
    return this.#end("requested");
  }

  #end(end: MicrophoneEnd): Promise<void> {
    this.#closing ??= this.#finish(end);
    return this.#closing;
  }

  async #finish(end: MicrophoneEnd): Promise<void> {
    this.#port.onmessage = null;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#tracks.forEach((track) => track.removeEventListener("ended", this.#lost));
    try {
      if (!this.#muted) {
        this.#pieces.push(this.#resampler.flush());
        this.#pieces.flush();
      }
      this.#tellLevel(0);
    } finally {
      await this.#close();
      this.#resolveEnded(end);
    }
  }

  #heard(samples: Float32Array): void {
    const resampled = this.#resampler.push(samples);
    if (!this.#muted) {
      this.#pieces.push(resampled);
    }
    this.#tellLevel(this.#muted ? 0 : loudness(samples));
  }

  #tellLevel(level: number): void {
    this.#level = level;
    this.#options.onLevel?.(level);
  }

  #send(piece: Uint8Array): void {
    const samples = piece.length / 2;
    if (this.#feed.sendMicrophone(piece, microphoneRate)) {
      this.#sentSamples += samples;
    } else {
      this.#droppedSamples += samples;
    }
  }
}
