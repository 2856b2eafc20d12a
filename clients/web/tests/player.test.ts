import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { PlaybackReport } from "../src/feed/viewer-events.js";
import { PlaybackSchedule } from "../src/player/playback-schedule.js";
import { Player } from "../src/player/player.js";
import { decodePoses, poseLayout } from "../src/player/pose.js";
import { EventFeed } from "./support/event-feed.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeOutput } from "./support/fake-output.js";
import { envelope, sampleRate } from "./support/payloads.js";

describe("PlaybackSchedule", () => {
  it("joins pieces that come in time, sample by sample", () => {
    const schedule = new PlaybackSchedule(sampleRate);
    const first = schedule.place(1, 0, 1600);
    const second = schedule.place(1.05, 1600, 1600);
    assert.ok(first > 1 && first < 1.1);
    assert.ok(Math.abs(second - first - 0.1) < 1e-9);
    assert.ok(Math.abs(schedule.sampleAt(first + 0.15) - 2400) < 1e-6);
  });

  it("does not count what was waited for a late piece as heard", () => {
    const schedule = new PlaybackSchedule(sampleRate);
    const first = schedule.place(0, 0, 1600);
    assert.equal(schedule.sampleAt(first + 5), 1600);
    assert.equal(schedule.isSounding(first + 5), false);
    const late = schedule.place(first + 5, 1600, 1600);
    assert.ok(late > first + 5);
    assert.equal(schedule.sampleAt(late), 1600);
    assert.ok(Math.abs(schedule.sampleAt(late + 0.05) - 2400) < 1e-6);
  });

  it("keeps its size over many late pieces", () => {
    const schedule = new PlaybackSchedule(sampleRate);
    for (let i = 0; i < 1000; i++) {
      schedule.place(i, i * 160, 160);
    }
    assert.equal(Math.round(schedule.sampleAt(2000)), 160_000);
    assert.equal(schedule.sampleAt(999.0), 999 * 160);
  });
});

describe("decodePoses", () => {
  it("reads the FLAME values of each keyframe", () => {
    const values = { neckPose: [1, 2, 3], eyePose: [1, 2, 3, 4, 5, 6], eyeLid: [0.5, 0.25], rotation: [7, 8, 9] };
    const [pose] = decodePoses(envelope([0.125], () => ({ ...values, expression: [0.5, ...new Array<number>(99).fill(2)] })));
    assert.equal(pose?.[poseLayout.jaw], 0.125);
    assert.deepEqual([...pose!.slice(poseLayout.rotation, poseLayout.neck + 3)], [7, 8, 9, 1, 2, 3]);
    assert.deepEqual([...pose!.slice(poseLayout.eyes, poseLayout.expression + 2)], [1, 2, 3, 4, 5, 6, 0.5, 0.25, 0.5, 2]);
    assert.equal(pose!.length, poseLayout.length);
  });
});

describe("Player", () => {
  let feed: EventFeed & { reportPlayback(report: PlaybackReport): boolean };
  let output: FakeOutput;
  let clock: FakeClock;
  let player: Player;
  let reports: PlaybackReport[];

  beforeEach(() => {
    reports = [];
    feed = Object.assign(new EventFeed(), { reportPlayback: (report: PlaybackReport) => reports.push(report) > 0 });
    output = new FakeOutput(sampleRate);
    clock = new FakeClock();
    player = new Player(feed, output, { clock });
  });

  /** Runs both clocks in pictures of 20 ms. */
  const run = (seconds: number) => {
    for (let left = Math.round(seconds * 50); left > 0; left--) {
      output.run(0.02);
      clock.advance(20);
      player.frame();
    }
  };

  it("plays a turn without a seam and shows the keyframe that is heard", () => {
    feed.start("a");
    for (let k = 0; k < 100; k += 5) {
      feed.media("a", k, k + 5, k === 95);
    }
    run(2);
    const frame = player.frame();
    assert.ok(output.isGapless);
    assert.equal(frame.state, "playing");
    assert.ok(Math.abs(frame.keyframe! - (frame.sample * 25) / sampleRate) < 1e-9);
    assert.ok(Math.abs(frame.pose![poseLayout.jaw]! - frame.keyframe! / 1000) < 1e-6);
    assert.ok(Math.abs(frame.sample - 1.94 * sampleRate) <= 1, `${frame.sample}`);
    run(2.2);
    assert.equal(player.frame().state, "idle");
    assert.equal(reports.at(-1)?.state, "ended");
    assert.equal(reports.at(-1)?.playedSamples, 64_000);
  });

  it("shows what is heard, not what is rendered", () => {
    output.latency = 0.2;
    feed.start("a");
    feed.media("a", 0, 100, true);
    run(1);
    assert.ok(Math.abs(player.frame().sample - 0.74 * sampleRate) <= 1);
  });

  it("interrupts within the buffer, and plays nothing of the turn after", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    run(0.5);
    feed.end("a", "interrupted");
    assert.equal(output.live.length, 0);
    assert.equal(player.frame().state, "idle");
    feed.media("a", 50, 100);
    assert.equal(output.live.length, 0);
    feed.start("b");
    feed.media("b", 0, 10, true);
    assert.equal(output.live.length, 1);
  });

  it("waits for late audio and goes on where it stopped", () => {
    feed.start("a");
    feed.media("a", 0, 10);
    run(1);
    assert.equal(player.frame().state, "buffering");
    assert.equal(player.frame().sample, 6400);
    feed.media("a", 10, 20, true);
    run(0.2);
    assert.ok(player.frame().sample > 6400 && player.frame().sample < 6400 + 0.2 * sampleRate);
  });

  it("takes motion that is late, and turns without any", () => {
    feed.start("a");
    feed.audio("a", 0, 50, true);
    run(0.5);
    assert.equal(player.frame().pose, undefined);
    assert.equal(player.frame().state, "playing");
    feed.motion("a", 0, 50, true);
    const { pose, sample } = player.frame();
    assert.ok(Math.abs(pose![poseLayout.jaw]! - (sample * 25) / sampleRate / 1000) < 1e-6);
    run(2);
    feed.start("b");
    feed.audio("b", 0, 25, true);
    feed.end("b", "audioOnly");
    run(0.5);
    assert.equal(player.frame().state, "playing");
    run(1);
    assert.equal(player.frame().state, "idle");
  });

  it("lets the face rest where motion is left out for this viewer: speech goes on, and the next turn is whole", () => {
    feed.start("a", { paced: false });
    feed.media("a", 0, 25);
    run(0.5);
    assert.ok(player.frame().pose);
    feed.gap("readerTooSlow");
    feed.audio("a", 25, 100, true);
    run(1.5);
    const { state, pose, skewMs, sample } = player.frame();
    assert.deepEqual([state, pose, skewMs], ["playing", undefined, undefined]);
    assert.ok(sample > 26 * 640, `${sample}`);
    assert.equal(player.stats.worstSkewMs, 0);
    run(4);
    feed.end("a", "completed");
    feed.start("b", { paced: false });
    feed.media("b", 0, 50, true);
    run(1);
    assert.deepEqual([player.frame().turnId, player.frame().state], ["b", "playing"]);
    assert.ok(player.frame().pose);
  });

  it("is silent and at rest where the rest of a turn is left out, and goes on with the next", () => {
    feed.start("a");
    feed.media("a", 0, 25);
    feed.gap("readerTooSlow");
    run(1.5);
    assert.deepEqual([player.frame().turnId, player.frame().pose], ["a", undefined]);
    feed.seal("a", 500);
    feed.end("a", "completed");
    run(0.1);
    assert.equal(player.frame().state, "idle");
    feed.start("b");
    feed.media("b", 0, 50, true);
    run(1);
    assert.deepEqual([player.frame().turnId, player.frame().state], ["b", "playing"]);
  });

  it("holds the next turn until the present one is heard, though its end was told", () => {
    feed.start("a");
    feed.media("a", 0, 50, true);
    feed.end("a");
    feed.start("b");
    feed.media("b", 0, 25, true);
    run(1.9);
    assert.equal(player.frame().turnId, "a");
    assert.equal(output.live.length, 1);
    run(0.5);
    assert.equal(player.frame().turnId, "b");
  });

  it("holds and goes on at the same sample", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    feed.media("a", 50, 75, true);
    run(1);
    feed.pause("a", true);
    const { sample } = player.frame();
    assert.equal(output.live.length, 0);
    run(5);
    assert.equal(player.frame().sample, sample);
    assert.equal(player.frame().state, "paused");
    feed.pause("a", false);
    assert.equal(output.live.reduce((sum, voice) => sum + voice.samples.length, 0), 48_000 - sample);
    run(2.2);
    assert.equal(player.frame().state, "idle");
  });

  it("stands still while sound is not allowed, and keeps only the newest turn", () => {
    output.sound = "suspended";
    feed.start("a");
    feed.media("a", 0, 50, true);
    feed.end("a");
    run(5);
    assert.equal(player.frame().state, "suspended");
    assert.equal(player.frame().sample, 0);
    feed.start("b");
    feed.media("b", 0, 50, true);
    assert.equal(player.frame().turnId, "b");
    output.sound = "running";
    run(1);
    assert.equal(player.frame().state, "playing");
    assert.equal(output.voices.reduce((sum, voice) => sum + voice.samples.length, 0), 32_000);
  });

  it("goes on by itself while no picture is drawn", () => {
    feed.start("a");
    feed.media("a", 0, 25, true);
    feed.start("b");
    feed.media("b", 0, 25, true);
    output.run(1.5);
    assert.equal(player.turn?.id, "b");
  });

  it("goes on with a turn that comes again, and hears nothing twice", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    run(0.5);
    feed.gap("sequenceExpired", true);
    feed.start("a");
    feed.media("a", 0, 50);
    feed.media("a", 50, 75, true);
    assert.equal(output.voices.reduce((sum, voice) => sum + voice.samples.length, 0), 48_000);
    assert.ok(output.isGapless);
  });

  it("joins within a turn at the first sample that it has", () => {
    feed.start("a");
    feed.media("a", 50, 75, true);
    run(0.5);
    const frame = player.frame();
    assert.ok(Math.abs(frame.sample - (50 * 640 + 0.44 * sampleRate)) <= 1);
    assert.ok(Math.abs(frame.pose![poseLayout.jaw]! * 1000 - frame.keyframe!) < 1e-3);
  });

  it("plays out what it has when the epoch changes, and then the new turn", () => {
    feed.start("a");
    feed.media("a", 0, 25);
    feed.gap("epochChanged", true);
    feed.start("b");
    feed.media("b", 0, 25, true);
    run(0.9);
    assert.equal(player.frame().turnId, "a");
    run(0.5);
    assert.equal(player.frame().turnId, "b");
  });

  it("reports once a second and at each change", () => {
    feed.start("a");
    feed.media("a", 0, 75, true);
    run(3.2);
    assert.deepEqual(reports.map((report) => report.state),
      ["buffering", "playing", "playing", "playing", "ended"]);
  });

  it("reports a pause once, however long it lasts", () => {
    feed.start("a");
    feed.media("a", 0, 75, true);
    run(0.5);
    feed.pause("a", true);
    run(10);
    assert.deepEqual(reports.map((report) => report.state), ["buffering", "playing", "paused"]);
  });

  it("falls silent when it is disposed of", () => {
    feed.start("a");
    feed.media("a", 0, 75, true);
    player.dispose();
    player.dispose();
    assert.equal(output.live.length, 0);
    assert.equal(feed.listenerCount, 0);
  });
});
