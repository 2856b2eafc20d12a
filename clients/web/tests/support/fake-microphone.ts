import type { MicrophonePlatform } from "../../src/microphone/microphone-platform.js";

/** A device's track, as far as a microphone looks at it. */
class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;

  stop(): void {
    this.stopped = true;
  }
}

/** A browser with one microphone that the test speaks into. */
export class FakeMicrophone {
  readonly track = new FakeTrack();
  readonly audioSession = { type: "playback" };
  readonly urls = new Set<string>();
  readonly modules: string[] = [];
  readonly port: { onmessage: ((event: { data: Float32Array }) => void) | null } = { onmessage: null };
  asked: MediaTrackConstraints | undefined;
  contexts = 0;
  connections = 0;
  /** What the steps fail with, by name. */
  faults: Partial<Record<"openStream" | "createContext" | "addModule" | "resume" | "close", Error>> = {};
  /** What the context waits for before it runs. */
  gesture: Promise<void> = Promise.resolve();
  /** What the user's answer waits for. */
  answer: Promise<void> = Promise.resolve();

  constructor(readonly sampleRate = 48_000) {}

  /** True when nothing is left open, and Safari's mode is as it was. */
  get isReleased(): boolean {
    const isClosed = this.contexts === 0 && this.connections === 0 && this.urls.size === 0;
    return isClosed && this.audioSession.type === "playback" && (this.asked === undefined || this.track.stopped);
  }

  /** The audio thread hands over samples. */
  say(samples: Float32Array): void {
    this.port.onmessage?.({ data: samples });
  }

  get platform(): MicrophonePlatform {
    return {
      audioSession: this.audioSession,
      openStream: async (audio) => {
        await this.answer;
        this.#fail("openStream");
        this.asked = audio;
        return { getTracks: () => [this.track] } as unknown as MediaStream;
      },
      createContext: () => {
        this.#fail("createContext");
        this.contexts++;
        return this.#context();
      },
      createCapture: () => Object.assign(this.#node(), { port: this.port }) as unknown as AudioWorkletNode,
      createUrl: (text) => {
        this.urls.add(`blob:${text.length}`);
        return `blob:${text.length}`;
      },
      revokeUrl: (url) => void this.urls.delete(url),
    };
  }

  #context(): AudioContext {
    const context = {
      sampleRate: this.sampleRate,
      destination: {},
      audioWorklet: {
        addModule: async (url: string) => {
          this.#fail("addModule");
          this.modules.push(url);
        },
      },
      resume: async () => {
        await this.gesture;
        this.#fail("resume");
      },
      createMediaStreamSource: () => this.#node(),
      close: async () => {
        this.contexts--;
        this.#fail("close");
      },
    };
    return context as unknown as AudioContext;
  }

  #node() {
    return {
      connect: (to: unknown) => {
        this.connections++;
        return to;
      },
      disconnect: () => void this.connections--,
    };
  }

  #fail(step: keyof FakeMicrophone["faults"]): void {
    const fault = this.faults[step];
    if (fault !== undefined) {
      throw fault;
    }
  }
}
