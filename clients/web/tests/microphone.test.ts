import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { captureName, captureWorklet } from "../src/microphone/capture-worklet.js";
import { loudness } from "../src/microphone/level.js";
import { type MicrophoneOptions, startMicrophone } from "../src/microphone/microphone.js";
import { Resampler } from "../src/microphone/resampler.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeMicrophone } from "./support/fake-microphone.js";
import { settled } from "./support/followed-feed.js";

const tone = (hertz: number, rate: number, count: number, level = 1) =>
  Float32Array.from({ length: count }, (_, i) => level * Math.sin((2 * Math.PI * hertz * i) / rate));

/** A speaker's end that takes what is sent, or does not. */
class Speaker {
  readonly pieces: Uint8Array[] = [];
  takes = true;

  sendMicrophone(data: Uint8Array, sampleRate: number): boolean {
    assert.equal(sampleRate, 16_000);
    if (this.takes) {
      this.pieces.push(data);
    }
    return this.takes;
  }

  get samples(): number[] {
    return this.pieces.flatMap((piece) => {
      const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
      return Array.from({ length: piece.length / 2 }, (_, i) => view.getInt16(i * 2, true));
    });
  }
}

async function start(options: MicrophoneOptions = {}, device = new FakeMicrophone()) {
  const speaker = new Speaker();
  const microphone = await startMicrophone(speaker, { platform: device.platform, ...options });
  return { speaker, microphone, device };
}

describe("a microphone", () => {
  for (const rate of [8000, 16_000, 44_100, 48_000, 96_000]) {
    it(`of ${rate} Hz is sent as the same sound at 16 kHz, in pieces of 40 ms and a rest`, async () => {
      const { speaker, microphone, device } = await start({}, new FakeMicrophone(rate));
      const sound = tone(440, rate, rate / 2, 0.5);
      for (let i = 0; i < sound.length; i += 512) {
        device.say(sound.slice(i, i + 512));
      }
      await microphone.stop();
      assert.deepEqual([...new Set(speaker.pieces.slice(0, -1).map((piece) => piece.length))], [1280]);
      assert.ok(Math.abs(speaker.samples.length - 8000) <= 16, `${speaker.samples.length} samples`);
      const wanted = tone(440, 16_000, 8000, 0.5 * 32_768);
      // Where the tone begins and ends it is no tone.
      const worst = speaker.samples.slice(100, 7900).reduce((most, sample, i) => Math.max(most, Math.abs(sample - (wanted[i + 100] ?? 0))), 0);
      assert.ok(worst < 33, `off by ${worst}`);
      assert.equal(microphone.sentMs, speaker.samples.length / 16);
    });
  }

  it("asks for one channel without echo, and for what the caller wants", async () => {
    const { device } = await start({ constraints: { deviceId: "two", noiseSuppression: false } });
    assert.deepEqual(device.asked, {
      channelCount: 1, echoCancellation: true, noiseSuppression: false, autoGainControl: true, deviceId: "two",
    });
    assert.equal(device.audioSession.type, "play-and-record");
  });

  it("clips what is too loud, and does not let it turn over", async () => {
    const { speaker, microphone, device } = await start({ pieceMs: 10 }, new FakeMicrophone(16_000));
    device.say(Float32Array.from([2, 1, -2, -1, 0]));
    await microphone.stop();
    assert.deepEqual(speaker.samples.slice(0, 5), [32_767, 32_767, -32_768, -32_768, 0]);
  });

  it("counts what no connection takes", async () => {
    const { speaker, microphone, device } = await start({ pieceMs: 100 }, new FakeMicrophone(16_000));
    speaker.takes = false;
    device.say(new Float32Array(1600 + 16));
    assert.deepEqual([microphone.sentMs, microphone.droppedMs], [0, 100]);
    speaker.takes = true;
    device.say(new Float32Array(1600));
    assert.deepEqual([microphone.sentMs, microphone.droppedMs], [100, 100]);
  });

  it("sends nothing while it is muted, nor what was held before", async () => {
    const levels: number[] = [];
    const { speaker, microphone, device } = await start({ onLevel: (level) => levels.push(level) }, new FakeMicrophone(16_000));
    device.say(tone(440, 16_000, 600));
    microphone.muted = true;
    assert.equal(device.track.enabled, false);
    device.say(new Float32Array(6000));
    assert.deepEqual(speaker.pieces, []);
    assert.ok((levels[0] ?? 0) > 0.9);
    assert.equal(levels[1], 0);
    microphone.muted = false;
    device.say(new Float32Array(640));
    microphone.muted = true;
    await microphone.stop();
    assert.deepEqual([speaker.pieces.length, Math.max(...speaker.samples)], [1, 0]);
  });

  it("gives the device back when it is stopped, as often as one likes", async () => {
    const { microphone, device, speaker } = await start();
    assert.equal(device.isReleased, false);
    await Promise.all([microphone.stop(), microphone.stop()]);
    await microphone.stop();
    assert.ok(device.isReleased);
    assert.equal(await microphone.ended, "requested");
    const sent = speaker.pieces.length;
    device.say(new Float32Array(48_000));
    assert.equal(speaker.pieces.length, sent);
  });

  it("gives the device back also where its user's code throws", async () => {
    const { microphone, device } = await start({ onLevel: () => { throw new Error("mine"); } });
    await assert.rejects(microphone.stop(), /mine/);
    assert.ok(device.isReleased);
    assert.equal(await microphone.ended, "requested");
  });

  it("says that it is lost when the device is gone", async () => {
    const { microphone, device } = await start();
    device.track.dispatchEvent(new Event("ended"));
    assert.equal(await microphone.ended, "lost");
    assert.ok(device.isReleased);
  });

  it("ends by a signal, also while the user is asked", async () => {
    const abort = new AbortController();
    const { microphone, device } = await start({ signal: abort.signal });
    abort.abort();
    assert.equal(await microphone.ended, "requested");
    assert.ok(device.isReleased);
    const asked = new AbortController();
    const waiting = new FakeMicrophone();
    let answer!: () => void;
    waiting.answer = new Promise((resolve) => (answer = resolve));
    const started = start({ signal: asked.signal }, waiting);
    asked.abort();
    answer();
    await assert.rejects(started, { name: "AbortError" });
    assert.ok(waiting.isReleased);
  });

  for (const step of ["openStream", "createContext", "addModule", "resume"] as const) {
    it(`leaves nothing open where ${step} fails, and tells its error`, async () => {
      const device = new FakeMicrophone();
      device.faults = { [step]: new Error(step), close: new Error("and that too") };
      await assert.rejects(start({}, device), new RegExp(step));
      assert.ok(device.isReleased);
    });
  }

  it("does not wait for ever for a gesture that a browser wants", async () => {
    const device = new FakeMicrophone();
    const clock = new FakeClock();
    device.gesture = new Promise(() => undefined);
    const started = start({ clock }, device);
    await settled();
    clock.advance(3000);
    await assert.rejects(started, { name: "NotAllowedError" });
    assert.ok(device.isReleased);
    device.gesture = Promise.resolve();
    const { microphone } = await start({ clock }, device);
    await microphone.stop();
    assert.equal(clock.pendingTimers, 0);
  });

  it("loads its worklet from the address that is given", async () => {
    const { device } = await start({ workletUrl: "/worklet.js" });
    assert.deepEqual(device.modules, ["/worklet.js"]);
  });

  it("refuses a piece that is no length", async () => {
    for (const pieceMs of [Number.NaN, 9, 2001]) {
      await assert.rejects(start({ pieceMs }), RangeError);
    }
  });
});

describe("the resampler", () => {
  it("gives the same however the samples are cut", () => {
    const sound = tone(1000, 44_100, 5000);
    const whole = [...new Resampler(44_100, 16_000).push(sound)];
    const resampler = new Resampler(44_100, 16_000);
    const cut: number[] = [];
    for (let from = 0, size = 1; from < sound.length; from += size, size = (size * 7) % 211) {
      cut.push(...resampler.push(sound.slice(from, from + size)));
    }
    assert.deepEqual(cut, whole);
  });

  it("lets nothing fold back from above the band", () => {
    for (const hertz of [9000, 12_000, 15_500, 20_000]) {
      const heard = new Resampler(48_000, 16_000).push(tone(hertz, 48_000, 48_000)).slice(100);
      const loudest = heard.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      assert.ok(loudest < 0.001, `${hertz} Hz: ${loudest}`);
    }
  });
});

describe("the level", () => {
  it("is 0 at 60 dB below full scale and beneath, and 1 at full scale", () => {
    const square = (level: number) => new Float32Array(100).fill(level);
    assert.deepEqual([0, 0.0001, 1, 2].map((level) => loudness(square(level))), [0, 0, 1, 1]);
    assert.ok(Math.abs(loudness(square(10 ** -1.5)) - 0.5) < 1e-6);
  });
});

describe("the worklet", () => {
  it("hands over all samples of the first channel, in order and some at a time", () => {
    const handed: Float32Array[] = [];
    class Processor {
      readonly port = { postMessage: (samples: Float32Array) => void handed.push(samples) };
    }
    let registered: (new () => { process(inputs: Float32Array[][]): boolean }) | undefined;
    const register = (name: string, made: typeof registered) => {
      assert.equal(name, captureName);
      registered = made;
    };
    new Function("AudioWorkletProcessor", "registerProcessor", captureWorklet)(Processor, register);
    const capture = new registered!();
    assert.equal(capture.process([[]]), true);
    for (let i = 0; i < 40; i++) {
      assert.equal(capture.process([[Float32Array.from({ length: 128 }, (_, k) => i * 128 + k)]]), true);
    }
    assert.equal(handed.length, 9);
    assert.deepEqual(handed.flatMap((samples) => [...samples]), Array.from({ length: 9 * 512 }, (_, k) => k));
  });
});
