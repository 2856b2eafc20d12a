import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AudioEvent, FeedEvent } from "../src/feed/events.js";
import { parseSessionLink } from "../src/page/session-link.js";
import { SpeechTrace } from "../src/page/speech-trace.js";
import { TurnLog } from "../src/page/turn-log.js";
import { EventFeed } from "./support/event-feed.js";

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

  it("is bounded", () => {
    const { feed, log } = follow();
    for (let i = 0; i < 120; i++) {
      feed.start(`t${i}`);
    }
    assert.equal(log.turns.length, 50);
    assert.equal(log.turns.at(-1)?.id, "t119");
  });
});

describe("SpeechTrace", () => {
  it("keeps the loudest sample of each half keyframe, wherever pieces are cut", () => {
    const trace = new SpeechTrace("a", 16_000);
    const samples = new Int16Array(960);
    samples[319] = 16_384;
    samples[640] = -32_768;
    for (const [from, to] of [[0, 300], [300, 700], [700, 960]] as const) {
      const data = new Uint8Array(samples.slice(from, to).buffer);
      trace.add({ firstSample: from, sampleCount: to - from, data } as AudioEvent);
    }
    assert.deepEqual(trace.peaks, [0.5, 0, 1]);
    assert.equal(trace.samples, 960);
  });
});
