import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FeedEvent } from "../src/feed/events.js";
import { Captions } from "../src/page/captions.js";
import { PictureLog } from "../src/page/picture-log.js";
import { parseSessionLink } from "../src/page/session-link.js";
import { SpeechTrace } from "../src/page/speech-trace.js";
import { TurnLog } from "../src/page/turn-log.js";
import { turnLength } from "../src/page/turns-view.js";
import type { PlayerFrame } from "../src/player/player.js";
import { poseLayout } from "../src/player/pose.js";
import { EventFeed } from "./support/event-feed.js";
import { turnEnded } from "./support/payloads.js";

describe("parseSessionLink", () => {
  it("reads session, token and whether to speak", () => {
    assert.deepEqual(parseSessionLink("#session=a%20b&token=x.y-z&say=1"), { sessionId: "a b", token: "x.y-z", say: true });
    assert.equal(parseSessionLink("#token=t&session=s")?.say, false);
  });

  it("wants both", () => {
    for (const fragment of ["", "#", "#session=s", "#token=t", "#session=&token=t", "#session=%20&token=t"]) {
      assert.equal(parseSessionLink(fragment), undefined, fragment);
    }
  });
});

describe("TurnLog", () => {
  const follow = () => {
    const feed = new EventFeed();
    const log = new TurnLog();
    let now = 0;
    const take = (event: FeedEvent) => log.add(event, now);
    for (const type of ["turnStarted", "audio", "motion", "turnSealed", "turnEnded", "gap"] as const) {
      feed.on(type, take);
    }
    return { feed, log, at: (ms: number) => (now = ms) };
  };

  it("tells the state of a turn and the time to its first motion", () => {
    const { feed, log, at } = follow();
    feed.start("a");
    at(40);
    feed.audio("a", 0, 50);
    at(300);
    feed.motion("a", 0, 50);
    at(900);
    feed.media("a", 50, 60, true);
    feed.seal("a", 60);
    const turn = log.find("a");
    assert.deepEqual([turn?.state, turn?.firstAudioAt, turn?.firstMotionAt], ["sealed", 40, 300]);
    assert.deepEqual([turn?.samples, turn?.keyframes], [60 * 640, 60]);
    feed.end("a", "interrupted");
    assert.equal(turn?.state, "interrupted");
  });

  it("lists a turn that comes again once, and one of a lost epoch as lost", () => {
    const { feed, log } = follow();
    feed.start("a");
    feed.end("a");
    feed.start("b");
    feed.start("b");
    feed.gap("epochChanged", true);
    assert.deepEqual(log.turns.map((turn) => turn.state), ["completed", "lost"]);
  });

  it("tells how much was heard of a turn that was cut off, and else how long it is", () => {
    const { feed, log } = follow();
    feed.start("a");
    feed.audio("a", 0, 100);
    feed.payload("a", turnEnded(2, undefined, 24_000));
    feed.start("b");
    feed.audio("b", 0, 50);
    assert.deepEqual(log.turns.map(turnLength), ["1.5 of 4.0 s heard", "2.0 s"]);
  });

  it("is bounded", () => {
    const { feed, log } = follow();
    for (let i = 0; i < 120; i++) {
      feed.start(`t${i}`);
    }
    assert.equal(log.turns.length, 50);
    assert.equal(log.turns.at(-1)?.id, "t119");
  });
});

describe("Captions", () => {
  const transcript = (role: string, text: string, turnId: string | null = null) => ({ kind: "transcript", text: JSON.stringify({ role, text, turnId }) });

  it("tell what was said, and what the avatar says in the turn that is heard", () => {
    const captions = new Captions();
    captions.add(transcript("viewer", "one"));
    captions.turnStarted();
    captions.add(transcript("avatar", "answer one", "a"));
    captions.add(transcript("viewer", "two"));
    captions.add(transcript("avatar", "answer two", "b"));
    assert.deepEqual([captions.viewer, captions.avatar("a"), captions.avatar("b")], ["two", "answer one", "answer two"]);
  });

  it("do not stay for a turn that answers nothing", () => {
    const captions = new Captions();
    captions.add(transcript("viewer", "one"));
    captions.add({ kind: "remark", text: "There is no voice." });
    captions.turnStarted();
    assert.deepEqual([captions.viewer, captions.remark], ["one", "There is no voice."]);
    captions.turnStarted();
    assert.deepEqual([captions.viewer, captions.remark, captions.avatar("b")], ["", "", ""]);
  });

  it("are taken as they stand where a speaker writes them in another way", () => {
    const captions = new Captions();
    for (const text of ["Good morning", '{"role":"owner","text":"x"}', "[1]", "null", '"text"']) {
      captions.add({ kind: "transcript", text });
      assert.equal(captions.avatar("a"), text);
    }
  });

  it("are bounded", () => {
    const captions = new Captions();
    for (let i = 0; i < 200; i++) {
      captions.add(transcript("avatar", `${i}`, `t${i}`));
    }
    assert.deepEqual([captions.avatar("t100"), captions.avatar("t199")], ["", "199"]);
  });
});

describe("PictureLog", () => {
  const frame = (keyframe: number | undefined, jaw: number, skewMs: number | undefined, state: PlayerFrame["state"] = "playing"): PlayerFrame => {
    const pose = new Float32Array(poseLayout.length);
    pose[poseLayout.jaw] = jaw;
    return { state, turnId: "a", sample: 0, keyframe, skewMs, pose: keyframe === undefined ? undefined : pose };
  };

  it("counts the pictures within speech in which the jaw moves", () => {
    const log = new PictureLog();
    log.add(frame(1, 0.1, 0), 0, 0, 0.5, 0);
    log.add(frame(2, 0.2, 0), 16, 0.016, 0.5, 0);
    log.add(frame(2, 0.2, 0), 32, 0.032, 0.5, 0);
    log.add(frame(3, 0.2, 0), 48, 0.048, 0, 0);
    log.add(frame(undefined, 0, undefined), 64, 0.064, 0.5, undefined);
    const { playing, speaking, jawMoved, followed } = log.pictures;
    assert.deepEqual([playing, speaking, jawMoved, followed], [5, 4, 2, 2]);
  });

  it("tells the worst skew with its sign, and how fast the turn's clock ran, breaks left out", () => {
    const log = new PictureLog();
    log.add(frame(1, 0, 10), 0, 0, 1, 20);
    log.add(frame(2, 0, -30), 1000, 1, 1, -25);
    log.add(frame(2, 0, 0, "buffering"), 2000, 1, 1, undefined);
    log.add(frame(2, 0, 5), 5000, 1, 1, 0);
    log.add(frame(3, 0, 5), 6000, 1.5, 1, 0);
    const { worstSkewMs, worstDeviceSkewMs, medianDeviceSkewMs, clockRate, clockSeconds, breaks } = log.pictures;
    assert.deepEqual([worstSkewMs, worstDeviceSkewMs, medianDeviceSkewMs], [-30, -25, 0]);
    assert.deepEqual([clockRate, clockSeconds, breaks], [0.75, 2, 1]);
  });
});

describe("SpeechTrace", () => {
  it("keeps the loudest sample of each half keyframe, wherever pieces are cut", () => {
    const trace = new SpeechTrace("a", 16_000);
    const samples = new Float32Array(960);
    samples[319] = 0.5;
    samples[640] = -1;
    for (const [from, to] of [[0, 300], [300, 700], [700, 960]] as const) {
      trace.add(from, samples.slice(from, to));
    }
    assert.deepEqual(trace.peaks, [0.5, 0, 1]);
    assert.equal(trace.samples, 960);
    assert.deepEqual([trace.loudnessAt(0), trace.loudnessAt(500), trace.loudnessAt(959)], [0.5, 0, 1]);
  });
});
