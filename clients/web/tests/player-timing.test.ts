import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { PlaybackReport } from "../src/feed/viewer-events.js";
import { ArrivalBuffer } from "../src/player/arrival-buffer.js";
import { PlaybackSchedule } from "../src/player/playback-schedule.js";
import { Player } from "../src/player/player.js";
import type { PlayerOptions } from "../src/player/player-options.js";
import { poseLayout } from "../src/player/pose.js";
import { EventFeed } from "./support/event-feed.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeOutput } from "./support/fake-output.js";
import { audio, motion, sampleRate } from "./support/payloads.js";

describe("ArrivalBuffer", () => {
  /** Pieces of 100 ms that come at the pace of speech, each so many milliseconds later than it should. */
  const hear = (buffer: ArrivalBuffer, from: number, ...late: number[]) =>
    late.forEach((ms, i) => buffer.arrived(from + i * 100 + ms, i * 100));

  it("begins small", () => {
    assert.equal(new ArrivalBuffer().targetMs, 60);
  });

  it("stays small while pieces come in time, or ahead of it", () => {
    const buffer = new ArrivalBuffer();
    hear(buffer, 1000, 0, 5, 20, 0, 40, 3);
    assert.equal(buffer.targetMs, 60);
    buffer.restart();
    // Four times as fast as it is heard, then a stop: there was enough to be heard.
    for (let i = 0; i < 40; i++) {
      buffer.arrived(3000 + i * 25, i * 100);
    }
    buffer.arrived(3000 + 1000 + 2500, 4000);
    assert.equal(buffer.targetMs, 60);
  });

  it("grows at once to what a piece was late, up to a bound", () => {
    const buffer = new ArrivalBuffer();
    hear(buffer, 0, 0, 150);
    assert.ok(Math.abs(buffer.targetMs - 190) < 1, `${buffer.targetMs}`);
    assert.equal(buffer.jitterMs, 150);
    buffer.restart();
    hear(buffer, 1000, 0, 480);
    assert.equal(buffer.targetMs, 400);
  });

  it("takes what is very late for a pause of the speaker's", () => {
    const buffer = new ArrivalBuffer();
    hear(buffer, 0, 0, 3000);
    assert.equal(buffer.targetMs, 60);
  });

  it("shrinks slowly", () => {
    const buffer = new ArrivalBuffer();
    hear(buffer, 0, 0, 150);
    const grown = buffer.targetMs;
    buffer.restart();
    buffer.arrived(10_000, 0);
    assert.ok(buffer.targetMs < grown && buffer.targetMs > grown - 50, `${buffer.targetMs}`);
    buffer.arrived(100_000, 90_000);
    assert.equal(buffer.targetMs, 60);
  });
});

describe("PlaybackSchedule", () => {
  it("leaps over what is left out without a pause", () => {
    const schedule = new PlaybackSchedule(sampleRate);
    const first = schedule.place(0, 0, 16_000);
    schedule.leap();
    const second = schedule.place(0.5, 160_000, 16_000);
    assert.ok(Math.abs(second - first - 1) < 1e-9);
    assert.ok(Math.abs(schedule.sampleAt(second + 0.5) - 168_000) < 1e-6);
    assert.ok(schedule.sampleAt(second - 0.001) <= 16_000);
    const third = schedule.place(0.6, 176_000, 16_000);
    assert.ok(Math.abs(third - second - 1) < 1e-9);
  });

  it("never begins a piece at a time that has passed: its beginning would be cut off", () => {
    for (const late of [0.001, 0.01, 0.03]) {
      const schedule = new PlaybackSchedule(sampleRate);
      const now = schedule.place(0, 0, 16_000) + 1 + late;
      const second = schedule.place(now, 16_000, 16_000);
      assert.ok(second >= now, `${late}: ${second} at ${now}`);
      assert.equal(schedule.sampleAt(second - 0.0001), 16_000);
    }
  });
});

describe("Player, as time passes", () => {
  let feed: EventFeed & { reportPlayback(report: PlaybackReport): boolean };
  let output: FakeOutput;
  let clock: FakeClock;
  let reports: PlaybackReport[];

  beforeEach(() => {
    reports = [];
    feed = Object.assign(new EventFeed(), { reportPlayback: (report: PlaybackReport) => reports.push(report) > 0 });
    output = new FakeOutput(sampleRate);
    clock = new FakeClock();
  });

  const play = (options: PlayerOptions = {}) => new Player(feed, output, { clock, ...options });

  /** Runs both clocks in steps, and does what is due at the times given, in milliseconds from now. */
  const run = (player: Player, seconds: number, todo: [number, () => void][] = [], eachStep: () => void = () => undefined) => {
    const begun = clock.now();
    const left = [...todo].sort((a, b) => a[0] - b[0]);
    for (let ms = 0; ms < seconds * 1000; ms += 10) {
      while (left[0] !== undefined && begun + left[0][0] <= clock.now()) {
        left.shift()?.[1]();
      }
      output.run(0.01);
      clock.advance(10);
      player.frame();
      eachStep();
    }
  };

  describe("a long turn", () => {
    const pieceSamples = sampleRate / 4;
    const piece = (i: number, last: boolean, samples = pieceSamples) => feed.payload("a", {
      case: "audio",
      value: {
        $typeName: "motiongateway.v1.Audio",
        firstSample: BigInt(i * samples),
        sampleCount: samples,
        last,
        data: new Uint8Array(samples * 2).fill(1),
      },
    });

    it("is given to the device three seconds ahead, in a few joined sources", () => {
      const player = play();
      feed.start("a");
      for (let i = 0; i < 40; i++) {
        piece(i, false);
      }
      player.frame();
      assert.ok(output.live.length <= 6, `${output.live.length}`);
      assert.ok(player.stats.scheduledMs > 2900 && player.stats.scheduledMs <= 3000, `${player.stats.scheduledMs}`);
      assert.ok(player.stats.receivedMs > 9900);
      run(player, 5);
      assert.ok(output.live.length <= 4, `${output.live.length}`);
      assert.ok(output.isGapless);
    });

    it("of an hour is played whole, by few sources at a time, at the pace of the audio clock", () => {
      output.forgets = true;
      const player = play();
      const pieces = 3600 * 4;
      feed.start("a");
      let given = 0;
      let mostHeld = 0;
      let at: { time: number; sample: number } | undefined;
      // The gateway is ten seconds ahead of what is heard.
      for (let tenths = 0; tenths < 36_020; tenths++) {
        while (given < pieces && given < (tenths + 100) * 0.4) {
          piece(given, ++given === pieces);
        }
        output.run(0.1);
        clock.advance(100);
        const { sample, state } = player.frame();
        mostHeld = Math.max(mostHeld, player.stats.heldBytes);
        if (state === "playing") {
          at ??= { time: output.now, sample };
          assert.ok(Math.abs((sample - at.sample) / sampleRate - (output.now - at.time)) < 1e-3, `at ${output.now}`);
        }
      }
      assert.equal(player.frame().state, "idle");
      assert.equal(reports.at(-1)?.playedSamples, 3600 * sampleRate);
      assert.ok(output.mostAtOnce <= 7, `${output.mostAtOnce} sources`);
      assert.ok(output.played < 3700, `${output.played} sources in all`);
      assert.ok(mostHeld < 12 * 2 * sampleRate, `${mostHeld} bytes`);
    });

    it("beyond what may be held is cut short by what waits longest, told and without a pause", () => {
      const player = play({ maxHeldBytes: 20 * 2 * sampleRate });
      feed.start("a");
      // Pieces of such a length that a source of a second would reach beyond where speech is left out.
      for (let i = 0; i < 143; i++) {
        piece(i, i === 142, 0.35 * sampleRate);
      }
      const { skippedMs, heldBytes } = player.stats;
      assert.ok(heldBytes <= 20 * 2 * sampleRate);
      assert.ok(skippedMs > 20_000, `${skippedMs}`);
      let heard = 0;
      let longestStop = 0;
      let stop = 0;
      run(player, 50.05 - skippedMs / 1000 + 0.2, [], () => {
        const { sample } = player.frame();
        stop = sample > heard ? 0 : stop + 10;
        longestStop = Math.max(longestStop, player.turn === undefined ? 0 : stop);
        heard = Math.max(heard, sample);
      });
      assert.equal(player.frame().state, "idle");
      assert.ok(heard > 49.9 * sampleRate && longestStop <= 60, `${heard}, ${longestStop}`);
      assert.ok(output.voices.every(({ samples }) => samples.every((sample) => sample !== 0)), "silence is played in its place");
    });

    it("loses its rest when another waits and too much is held", () => {
      const player = play({ maxHeldBytes: 20 * 2 * sampleRate });
      feed.start("a");
      for (let i = 0; i < 60; i++) {
        piece(i, i === 59);
      }
      feed.end("a");
      feed.start("b");
      assert.equal(player.frame().turnId, "a");
      feed.audio("b", 0, 400, true);
      assert.equal(player.frame().turnId, "b");
      assert.ok(player.stats.skippedMs > 10_000);
    });
  });

  describe("a network that is late", () => {
    const live = (turnId: string, late: (i: number) => number): [number, () => void][] =>
      Array.from({ length: 30 }, (_, i) => [
        i * 100 + late(i),
        () => feed.payload(turnId, audio(i * 1600, 1600, i === 29)),
      ]);

    it("makes a turn run dry once, and the next begins later and does not", () => {
      const player = play();
      // What comes behind a late piece cannot overtake it.
      const late = (i: number) => (i % 5 === 3 ? 180 : i % 5 === 4 ? 80 : 0);
      let underruns = 0;
      feed.start("a");
      run(player, 3.5, live("a", late), () => (underruns = Math.max(underruns, player.stats.underruns)));
      assert.equal(underruns, 1);
      assert.equal(player.frame().state, "idle");
      const { bufferMs } = player.stats;
      assert.ok(bufferMs > 150 && bufferMs < 250, `${bufferMs}`);
      feed.start("b");
      let lagMs: number | undefined;
      underruns = 0;
      run(player, 3, live("b", late), () => {
        underruns = Math.max(underruns, player.stats.underruns);
        lagMs = player.stats.lagMs ?? lagMs;
      });
      assert.equal(underruns, 0);
      assert.ok(Math.abs(lagMs! - bufferMs) < 40, `${lagMs}, ${bufferMs}`);
    });

    it("takes a turn that follows soon for no lateness", () => {
      const player = play();
      for (const turnId of ["a", "b", "c"]) {
        feed.start(turnId);
        feed.audio(turnId, 0, 5, true);
        run(player, 0.35);
      }
      assert.equal(player.stats.bufferMs, 60);
    });

    it("does not delay a turn that waited its go", () => {
      const player = play();
      feed.start("a");
      feed.media("a", 0, 25, true);
      feed.end("a");
      feed.start("b");
      feed.media("b", 0, 25, true);
      run(player, 1.2);
      assert.equal(player.frame().turnId, "b");
      assert.ok(player.frame().sample > 0.08 * sampleRate);
    });
  });

  describe("motion of turns that the gateway did not pace", () => {
    /** A voice as it is spoken, in pieces of 100 ms, and the motion of segments `afterMs` after their speech. */
    const voice = (turnId: string, segments: readonly number[], afterMs: number, seconds: number) => {
      const todo: [number, () => void][] = [[0, () => feed.start(turnId, { paced: false })]];
      for (let i = 0; i < seconds * 10; i++) {
        todo.push([(i + 1) * 100, () => feed.payload(turnId, audio(i * 1600, 1600, i === seconds * 10 - 1))]);
      }
      let from = 0;
      for (let i = 0; from < seconds * 25; i++) {
        const first = from;
        const count = Math.min(segments[Math.min(i, segments.length - 1)]!, seconds * 25 - first);
        todo.push([(first + count) * 40 + afterMs, () => feed.payload(turnId, motion(first, count, first + count === seconds * 25))]);
        from += count;
      }
      return todo;
    };

    /** Plays a voice; what its pictures are like while it sounds. */
    const watch = (player: Player, todo: [number, () => void][], seconds: number) => {
      const seen = { playing: 0, moving: 0, worstSkewMs: 0, stops: 0, firstAt: 0 };
      let before: { jaw: number | undefined; state: string } = { jaw: undefined, state: "" };
      const begun = clock.now();
      run(player, seconds, todo, () => {
        const { pose, state, skewMs } = player.frame();
        const jaw = pose?.[poseLayout.jaw];
        if (state === "playing") {
          seen.firstAt ||= clock.now() - begun;
          seen.playing++;
          seen.moving += jaw !== undefined && jaw !== before.jaw ? 1 : 0;
          seen.worstSkewMs = Math.abs(skewMs ?? 0) > Math.abs(seen.worstSkewMs) ? skewMs ?? 0 : seen.worstSkewMs;
        }
        seen.stops += state === "buffering" && before.state === "playing" && player.turn !== undefined ? 1 : 0;
        before = { jaw, state };
      });
      return seen;
    };

    it("keeps the face with a voice in real time, from the first turn on", () => {
      const player = play();
      for (const turnId of ["a", "b", "c"]) {
        const seen = watch(player, voice(turnId, [10, 20], 80, 8), 11);
        assert.ok(seen.moving > 0.9 * seen.playing, `${turnId}: ${JSON.stringify(seen)}`);
        assert.ok(Math.abs(seen.worstSkewMs) <= 80, `${turnId}: ${JSON.stringify(seen)}`);
        // The first turn may wait once within its speech, since nothing is known before.
        assert.ok(seen.stops <= (turnId === "a" ? 1 : 0), `${turnId}: ${JSON.stringify(seen)}`);
        assert.ok(seen.firstAt > 400 && seen.firstAt < 1600, `${turnId}: ${JSON.stringify(seen)}`);
        assert.equal(player.frame().state, "idle");
      }
    });

    it("begins a learned turn as late as motion needs, no later", () => {
      const player = play();
      watch(player, voice("a", [10, 20], 80, 8), 11);
      const { firstAt } = watch(player, voice("b", [10, 20], 80, 8), 11);
      // 100 ms to the first piece; segments of 800 ms come 80 ms after their speech, and 50 ms are slack.
      assert.ok(firstAt >= 880 && firstAt <= 1060, `${firstAt}`);
    });

    it("waits no longer than it may, and then speech never stops for motion", () => {
      const player = play({ maxMotionWaitMs: 700 });
      const seen = watch(player, voice("a", [50, 100], 100, 10), 12);
      assert.ok(seen.firstAt > 600 && seen.firstAt <= 900, `${seen.firstAt}`);
      assert.equal(seen.stops, 0);
      assert.ok(seen.worstSkewMs < -80);
      assert.ok(seen.moving > 0.15 * seen.playing, "the face follows where it can");
    });

    it("begins speech that comes at once with its first motion", () => {
      const player = play();
      feed.start("a", { paced: false });
      feed.audio("a", 0, 250);
      run(player, 0.3);
      assert.equal(player.frame().state, "buffering");
      assert.equal(output.played, 0);
      feed.motion("a", 0, 50);
      run(player, 0.2);
      assert.equal(player.frame().state, "playing");
      assert.ok(player.stats.motionWaitMs! >= 290 && player.stats.motionWaitMs! <= 310);
    });

    it("begins when the wait is over, though no picture is drawn", () => {
      play();
      feed.start("a", { paced: false });
      feed.audio("a", 0, 50);
      clock.advance(1499);
      assert.equal(output.played, 0);
      clock.advance(1);
      assert.ok(output.played > 0);
    });

    it("does not wait where the gateway did, where it is told not to, and for a turn that has none", () => {
      for (const [form, options, sealed] of [[true, {}, false], [false, { maxMotionWaitMs: 0 }, false], [false, {}, true]] as const) {
        const player = play(options);
        feed.start("a", { paced: form });
        feed.audio("a", 0, 50, sealed);
        if (sealed) {
          feed.seal("a", 0);
        }
        player.frame();
        assert.ok(output.live.length > 0);
        player.dispose();
      }
    });

    it("is not behind where a turn's speech ends after its last keyframe", () => {
      const player = play();
      feed.start("a");
      feed.payload("a", audio(0, 50 * 640 + 600, true));
      feed.motion("a", 0, 50, true);
      let worst = 0;
      run(player, 2.2, [], () => (worst = Math.min(worst, player.frame().skewMs ?? 0)));
      assert.ok(worst === 0 && player.turn === undefined, `${worst}`);
    });

    it("tells how far the face is behind", () => {
      const player = play({ maxMotionWaitMs: 0 });
      feed.start("a", { paced: false });
      feed.audio("a", 0, 250);
      feed.motion("a", 0, 25);
      run(player, 1.5);
      const { skewMs, keyframe } = player.frame();
      assert.equal(keyframe, 24);
      assert.ok(Math.abs(skewMs! - (960 - 1440)) < 15, `${skewMs}`);
      assert.equal(player.stats.worstSkewMs, skewMs);
    });
  });

  describe("sound that is not there", () => {
    it("is given nothing before it runs, and then the newest turn from its start", () => {
      output.sound = "suspended";
      const player = play();
      feed.start("a");
      feed.media("a", 0, 100, true);
      run(player, 5);
      assert.equal(output.played, 0);
      assert.equal(player.stats.sound, "suspended");
      output.sound = "running";
      assert.ok(output.played > 0, "nothing played when sound began");
      run(player, 1);
      assert.ok(Math.abs(player.frame().sample - 0.96 * sampleRate) < 0.03 * sampleRate);
    });

    it("stays where it was while it is taken away", () => {
      const player = play();
      feed.start("a");
      feed.media("a", 0, 100, true);
      run(player, 1);
      output.sound = "interrupted";
      const { sample } = player.frame();
      run(player, 20);
      assert.deepEqual([player.frame().state, player.frame().sample, player.stats.sound], ["suspended", sample, "interrupted"]);
      output.sound = "running";
      run(player, 1);
      assert.ok(Math.abs(player.frame().sample - sample - sampleRate) < 0.02 * sampleRate);
      assert.equal(player.stats.underruns, 0);
    });

    it("is held within the bound however long it is away", () => {
      output.sound = "suspended";
      const player = play({ maxHeldBytes: 20 * 2 * sampleRate });
      feed.start("a");
      for (let k = 0; k < 3000; k += 25) {
        feed.media("a", k, k + 25);
      }
      player.frame();
      assert.ok(player.stats.heldBytes <= 30 * 2 * sampleRate, `${player.stats.heldBytes}`);
      output.sound = "running";
      run(player, 0.5);
      assert.ok(player.frame().sample > 100 * sampleRate);
    });
  });
});
