import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { WebAudioOutput } from "../src/player/audio-output.js";
import { FakeClock } from "./support/fake-clock.js";

/** An `AudioContext` whose state and time the test sets. */
class FakeContext {
  state = "suspended";
  currentTime = 0;
  outputLatency = 0;
  onstatechange: (() => void) | null = null;
  resumes = 0;
  suspends = 0;
  closed = false;

  async resume(): Promise<void> {
    this.resumes++;
  }

  async suspend(): Promise<void> {
    this.suspends++;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  becomes(state: string): void {
    this.state = state;
    this.onstatechange?.();
  }
}

/** A document that only hears of gestures and of being seen. */
class FakeDocument {
  visibilityState: DocumentVisibilityState = "visible";
  readonly #listeners: [string, () => void][] = [];

  addEventListener(type: string, listener: unknown): void {
    this.#listeners.push([type, listener as () => void]);
  }

  removeEventListener(type: string, listener: unknown): void {
    this.#listeners.splice(this.#listeners.findIndex((entry) => entry[0] === type && entry[1] === listener), 1);
  }

  get listenerCount(): number {
    return this.#listeners.length;
  }

  happens(type: string): void {
    for (const [of, listener] of [...this.#listeners]) {
      if (of === type) {
        listener();
      }
    }
  }
}

describe("WebAudioOutput", () => {
  let context: FakeContext;
  let page: FakeDocument;
  let clock: FakeClock;
  let rates: (number | undefined)[];
  let output: WebAudioOutput;
  const navigatorBefore = Object.getOwnPropertyDescriptor(globalThis, "navigator");

  const create = () => {
    output = new WebAudioOutput(48_000, {
      clock,
      gestures: page as unknown as Document,
      createContext: ({ sampleRate }) => {
        rates.push(sampleRate);
        return context as unknown as AudioContext;
      },
    });
  };

  const setNavigator = (value: object) => Object.defineProperty(globalThis, "navigator", { value, configurable: true });

  beforeEach(() => {
    context = new FakeContext();
    page = new FakeDocument();
    clock = new FakeClock();
    rates = [];
  });

  afterEach(() => {
    if (navigatorBefore === undefined) {
      Reflect.deleteProperty(globalThis, "navigator");
    } else {
      Object.defineProperty(globalThis, "navigator", navigatorBefore);
    }
  });

  it("opens the context at the session's rate, and asks a phone to play though it is set to silent", () => {
    const audioSession = { type: "auto" };
    setNavigator({ audioSession });
    create();
    assert.deepEqual([rates, audioSession.type], [[48_000], "playback"]);
  });

  it("tells what the browser says of sound, and each change of it", () => {
    create();
    const told: string[] = [];
    const end = output.onChange(() => told.push(output.sound));
    for (const state of ["running", "interrupted", "running", "suspended"]) {
      context.becomes(state);
      assert.equal(output.isRunning, state === "running");
    }
    end();
    context.becomes("running");
    assert.deepEqual(told, ["running", "interrupted", "running", "suspended"]);
  });

  it("resumes at a gesture, not at one that the browser does not count", () => {
    create();
    page.happens("pointerup");
    assert.equal(context.resumes, 1);
    context.becomes("running");
    page.happens("keydown");
    assert.equal(context.resumes, 1);
    context.becomes("interrupted");
    page.happens("touchend");
    assert.equal(context.resumes, 2);
    setNavigator({ userActivation: { isActive: false } });
    page.happens("keydown");
    assert.equal(context.resumes, 2);
  });

  it("resumes when the page is seen again, once sound had begun", () => {
    create();
    page.happens("visibilitychange");
    assert.equal(context.resumes, 0);
    context.becomes("running");
    assert.equal(output.sound, "running");
    context.becomes("interrupted");
    page.visibilityState = "hidden";
    page.happens("visibilitychange");
    assert.equal(context.resumes, 0);
    page.visibilityState = "visible";
    page.happens("visibilitychange");
    assert.equal(context.resumes, 1);
  });

  it("notices a clock that stands still though it is said to run, and sets it going", async () => {
    create();
    context.becomes("running");
    const step = (ms: number, moves: boolean) => {
      clock.advance(ms);
      context.currentTime += moves ? ms / 1000 : 0;
      return output.sound;
    };
    assert.equal(step(500, true), "running");
    assert.equal(step(900, false), "running");
    assert.equal(step(200, false), "frozen");
    await Promise.resolve();
    assert.deepEqual([context.suspends, context.resumes], [1, 1]);
    step(1000, false);
    assert.equal(context.suspends, 1);
    step(2000, false);
    assert.equal(context.suspends, 2);
    assert.equal(step(100, true), "running");
    // Nobody asked for long, and it ran.
    assert.equal(step(60_000, true), "running");
  });

  it("lets go of everything when it is closed", async () => {
    create();
    await output.close();
    assert.deepEqual([context.closed, context.onstatechange, page.listenerCount], [true, null, 0]);
  });
});
