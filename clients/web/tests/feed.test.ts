import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FeedClosedError } from "../src/feed/feed-closed-error.js";
import { ErrorReason } from "../src/generated/motiongateway/v1/error_pb.js";
import type { ViewerInterrupt } from "../src/generated/motiongateway/v1/feed_pb.js";
import { AudioEncoding, SkipReason, TurnOutcome } from "../src/generated/motiongateway/v1/payload_pb.js";
import { follow } from "./support/followed-feed.js";
import { audio, motion, sessionEnded, turnEnded, turnStarted } from "./support/payloads.js";

describe("connect", () => {
  it("asks the relay for the session's feed, with the token in the first message only", async () => {
    const { socket } = await follow();
    assert.equal(socket.url, "wss://relay.test/base/v1/sessions/s%201/feed");
    assert.equal(socket.subprotocol, "motiongateway.v1");
    socket.open();
    const [start] = socket.sent("start");
    assert.equal(start?.sessionId, "s 1");
    assert.equal(start?.viewerToken, "secret");
    assert.match(start?.readerId ?? "", /^web-/);
    assert.deepEqual(start?.from, { case: "start", value: 1 });
  });

  it("begins now, live or after a position when it is told so", async () => {
    const now = await follow({ start: "now" });
    now.socket.open();
    assert.deepEqual(now.socket.sent("start")[0]?.from, { case: "start", value: 3 });
    const live = await follow({ start: "live" });
    live.socket.open();
    assert.deepEqual(live.socket.sent("start")[0]?.from, { case: "start", value: 2 });
    const after = await follow({ start: { epoch: 3, sequence: 7 } });
    after.socket.open();
    const from = after.socket.sent("start")[0]?.from;
    assert.equal(from?.case === "position" && from.value.sequence, 7n);
  });

  it("gives up a connection that is not started in time, and tries again", async () => {
    const harness = await follow();
    harness.socket.open();
    harness.clock.advance(10_000);
    assert.equal(harness.last("failure")?.reason, "CONNECT_TIMEOUT");
    assert.equal(harness.feed.state, "reconnecting");
    await harness.retry();
    assert.equal(harness.sockets.length, 2);
  });

  it("fetches a token before each connection, and retries when there is none", async () => {
    let asked = 0;
    const harness = await follow({
      token: async () => {
        if (++asked === 1) {
          throw new Error("not now");
        }
        return `token-${asked}`;
      },
    });
    assert.equal(harness.last("failure")?.reason, "TOKEN_UNAVAILABLE");
    await harness.retry();
    harness.socket.open();
    assert.equal(harness.socket.sent("start")[0]?.viewerToken, "token-2");
  });
});

describe("payloads", () => {
  it("become typed events in order", async () => {
    const { socket, feed, types } = await follow();
    const heard: number[] = [];
    feed.on("audio", (event) => heard.push(event.sampleCount));
    socket.started();
    socket.payload(1, turnStarted(1));
    socket.payload(2, audio(0, 640));
    socket.payload(3, motion(0, 1));
    socket.payload(4, turnEnded(TurnOutcome.COMPLETED));
    assert.deepEqual(types(), ["opened", "turnStarted", "audio", "motion", "turnEnded"]);
    assert.deepEqual(heard, [640]);
    assert.deepEqual(feed.position, { epoch: 1, sequence: 4 });
  });

  it("of a lower epoch are dropped; a higher epoch resets", async () => {
    const { socket, feed, types, last } = await follow();
    socket.started(2, 10);
    socket.payload(11, turnStarted(1), "t", 1);
    assert.deepEqual(types(), ["opened"]);
    socket.payload(1, turnStarted(1), "u", 3);
    assert.deepEqual(types(), ["opened", "gap", "turnStarted"]);
    assert.deepEqual(last("gap"), {
      type: "gap", reason: "epochChanged", epoch: 2, from: 11, through: undefined, reset: true,
    });
    assert.deepEqual(feed.position, { epoch: 3, sequence: 1 });
  });

  it("with an undeclared gap are a protocol error, and the feed resumes where it was", async () => {
    const harness = await follow();
    harness.socket.started();
    harness.socket.payload(1, turnStarted(1));
    const broken = harness.socket;
    broken.payload(3, audio(0, 640));
    assert.equal(harness.last("failure")?.reason, "PROTOCOL_ERROR");
    assert.equal(broken.closedWith, 4000);
    assert.equal(harness.last("audio"), undefined);
    await harness.retry();
    harness.socket.open();
    const from = harness.socket.sent("start")[0]?.from;
    assert.equal(from?.case === "position" && from.value.sequence, 1n);
  });

  it("that come twice are a protocol error", async () => {
    const { socket, last } = await follow();
    socket.started(1, 5);
    socket.payload(5, audio(0, 640));
    assert.equal(last("failure")?.reason, "PROTOCOL_ERROR");
  });

  it("may leave out what was skipped, and the gap is told", async () => {
    const { socket, last, feed } = await follow();
    socket.started(1, 5);
    socket.skipped(6, 9, SkipReason.EXPIRED);
    socket.payload(10, turnStarted(2));
    assert.equal(last("failure"), undefined);
    assert.deepEqual(last("gap"), { type: "gap", reason: "expired", epoch: 1, from: 6, through: 9, reset: false });
    assert.equal(feed.position?.sequence, 10);
  });

  it("skipped beyond the next are a protocol error; skipped before are old news", async () => {
    const ahead = await follow();
    ahead.socket.started(1, 5);
    ahead.socket.skipped(7, 9, SkipReason.EXPIRED);
    assert.equal(ahead.last("failure")?.reason, "PROTOCOL_ERROR");
    const before = await follow();
    before.socket.started(1, 5);
    before.socket.skipped(1, 5, SkipReason.BEFORE_START);
    before.socket.payload(6, turnStarted(2));
    assert.equal(before.last("failure"), undefined);
    assert.equal(before.feed.position?.sequence, 6);
  });

  it("may leave out what an interrupt discarded, and the gap is told", async () => {
    const { socket, last, types } = await follow();
    socket.started();
    socket.payload(1, turnStarted(1));
    socket.payload(2, audio(0, 640));
    socket.payload(9, turnEnded(TurnOutcome.INTERRUPTED, { from: 2, through: 8 }));
    socket.payload(10, turnStarted(2), "u");
    assert.deepEqual(types(), ["opened", "turnStarted", "audio", "gap", "turnEnded", "turnStarted"]);
    const gap = last("gap");
    assert.deepEqual([gap?.from, gap?.through, gap?.reason], [3, 8, "interrupted"]);
  });

  it("whose discarded range leaves a hole are a protocol error", async () => {
    const { socket, last } = await follow();
    socket.started();
    socket.payload(1, turnStarted(1));
    socket.payload(9, turnEnded(TurnOutcome.INTERRUPTED, { from: 4, through: 8 }));
    assert.equal(last("failure")?.reason, "PROTOCOL_ERROR");
  });

  it("that do not parse are a protocol error", async () => {
    const { socket, last } = await follow();
    socket.started();
    socket.onmessage?.({ data: new Uint8Array([0xff, 0xff]).buffer });
    assert.equal(last("failure")?.reason, "PROTOCOL_ERROR");
  });
});

describe("how speech is encoded", () => {
  it("is told by the feed and by each turn; what says nothing is PCM", async () => {
    const { socket, last } = await follow();
    socket.started(1, 0, 15_000, AudioEncoding.OGG_OPUS);
    assert.equal(last("opened")?.audioEncoding, "oggOpus");
    const audioHeader = new Uint8Array([1, 2, 3]);
    socket.payload(1, turnStarted(1, { paced: false, sampleRate: 48_000, audioEncoding: AudioEncoding.OGG_OPUS, audioHeader }));
    const { audioEncoding, audioHeader: header, paced, sampleRate } = last("turnStarted")!;
    assert.deepEqual([audioEncoding, [...header], paced, sampleRate], ["oggOpus", [1, 2, 3], false, 48_000]);
    socket.payload(2, turnStarted(2, { audioEncoding: AudioEncoding.UNSPECIFIED }), "u");
    assert.deepEqual([last("turnStarted")?.audioEncoding, last("turnStarted")?.paced], ["pcmS16le", true]);
    socket.payload(3, turnStarted(3, { audioEncoding: AudioEncoding.MULAW }), "v");
    assert.equal(last("turnStarted")?.audioEncoding, "unsupported");
  });
});

describe("acknowledgements", () => {
  it("follow a quarter of the window at once, and less after a second", async () => {
    const { socket, clock } = await follow();
    socket.started();
    socket.payload(1, turnStarted(1));
    socket.payload(2, audio(0, 640));
    clock.advance(999);
    assert.equal(socket.sent("acknowledge").length, 0);
    clock.advance(1);
    assert.equal(socket.sent("acknowledge").at(-1)?.position?.sequence, 2n);
    socket.payload(3, audio(640, 8192));
    assert.equal(socket.sent("acknowledge").length, 1);
    socket.payload(4, audio(8832, 8192));
    assert.equal(socket.sent("acknowledge").at(-1)?.position?.sequence, 4n);
    clock.advance(2000);
    assert.equal(socket.sent("acknowledge").length, 2);
  });

  it("are sent before a clean close", async () => {
    const { socket, feed } = await follow();
    socket.started();
    socket.payload(1, turnStarted(1));
    feed.close();
    assert.equal(socket.sent("acknowledge").at(-1)?.position?.sequence, 1n);
    assert.equal(socket.closedWith, 1000);
  });
});

describe("heartbeats", () => {
  it("are sent when nothing else was, and in return where timers are slow", async () => {
    const { socket, clock } = await follow();
    socket.started(1, 0, 1000);
    clock.advance(1000);
    assert.equal(socket.sent("heartbeat").length, 1);
    clock.advance(600);
    socket.respond({ case: "heartbeat", value: { $typeName: "motiongateway.v1.Heartbeat" } });
    assert.equal(socket.sent("heartbeat").length, 2);
  });

  it("that stay away end the connection", async () => {
    const { socket, clock, last, feed } = await follow();
    socket.started(1, 0, 1000);
    clock.advance(2400);
    assert.equal(feed.state, "open");
    clock.advance(100);
    assert.equal(last("failure")?.reason, "HEARTBEAT_TIMEOUT");
    assert.equal(feed.state, "reconnecting");
  });
});

describe("reconnecting", () => {
  it("resumes after the last processed payload", async () => {
    const harness = await follow();
    harness.socket.started();
    harness.socket.payload(1, turnStarted(1));
    harness.socket.drop(1006);
    assert.deepEqual(harness.types().slice(-2), ["failure", "reconnecting"]);
    await harness.retry();
    harness.socket.started(1, 1);
    assert.equal(harness.last("opened")?.resumed, true);
    harness.socket.payload(2, audio(0, 640));
    assert.equal(harness.feed.position?.sequence, 2);
  });

  it("backs off up to a bound, with jitter, and gives up after so many attempts", async () => {
    const harness = await follow({ retry: { initialDelayMs: 100, maxDelayMs: 500, maxAttempts: 4 } });
    for (let i = 0; i < 5; i++) {
      harness.socket.drop(1006);
      await harness.retry(500);
    }
    const delays = harness.events.filter((e) => e.type === "reconnecting").map((e) => e.delayMs);
    assert.deepEqual(delays, [100, 200, 400, 500]);
    assert.equal(harness.last("closed")?.reason, "failed");
    assert.equal(harness.clock.pendingTimers, 0);
    const low = await follow({ random: () => 0, retry: { initialDelayMs: 100 } });
    low.socket.drop(1006);
    assert.equal(low.last("reconnecting")?.delayMs, 0);
    low.feed.close();
  });

  it("counts attempts anew after progress", async () => {
    const harness = await follow({ retry: { initialDelayMs: 100, maxAttempts: 2 } });
    for (let i = 1; i <= 5; i++) {
      harness.socket.started(1, i - 1);
      harness.socket.payload(i, audio(0, 640));
      harness.socket.drop(1006);
      await harness.retry();
    }
    assert.equal(harness.last("reconnecting")?.attempt, 1);
    assert.equal(harness.last("closed"), undefined);
  });

  for (const [code, state] of [[4000, "closed"], [4010, "closed"], [4099, "closed"], [4503, "reconnecting"],
    [4100, "reconnecting"], [1001, "reconnecting"], [1011, "reconnecting"]] as const) {
    it(`after close code ${code}: ${state}`, async () => {
      const { socket, feed, last } = await follow();
      socket.started();
      socket.drop(code);
      assert.equal(feed.state, state);
      assert.equal(last("failure")?.closeCode, code);
    });
  }

  it("does as the failure says, whatever the code", async () => {
    const harness = await follow();
    harness.socket.started();
    harness.socket.failure(ErrorReason.READER_LIMIT, true, 60_000);
    assert.equal(harness.last("failure")?.reason, "READER_LIMIT");
    assert.equal(harness.last("reconnecting")?.delayMs, 60_250);
    await harness.retry(60_250);
    harness.socket.started();
    harness.socket.failure(ErrorReason.SUPERSEDED, false);
    assert.equal(harness.last("closed")?.reason, "failed");
    assert.equal(harness.last("closed")?.failure?.reason, "SUPERSEDED");
  });

  for (const [reason, gap] of [[ErrorReason.EPOCH_CHANGED, "epochChanged"], [ErrorReason.SEQUENCE_EXPIRED, "sequenceExpired"]] as const) {
    it(`begins again at the current turn after ${gap}`, async () => {
      const harness = await follow();
      harness.socket.started(1, 6);
      harness.socket.payload(7, turnStarted(1));
      harness.socket.drop(1006);
      await harness.retry();
      harness.socket.open();
      harness.socket.failure(reason, false);
      assert.deepEqual(harness.last("gap"), { type: "gap", reason: gap, epoch: 1, from: 8, through: undefined, reset: true });
      await harness.retry();
      harness.socket.open();
      assert.deepEqual(harness.socket.sent("start")[0]?.from, { case: "start", value: 1 });
      harness.socket.started(2, 3);
      harness.socket.payload(4, turnStarted(2), "u", 2);
      assert.deepEqual(harness.feed.position, { epoch: 2, sequence: 4 });
    });
  }

  it("comes back soon to a server that said that it leaves", async () => {
    const harness = await follow();
    for (let i = 0; i < 6; i++) {
      harness.socket.started();
      harness.socket.respond({ case: "goingAway", value: { $typeName: "motiongateway.v1.GoingAway", graceMs: 500 } });
      assert.equal(harness.last("goingAway")?.graceMs, 500);
      harness.socket.drop(1001);
      assert.equal(harness.last("reconnecting")?.delayMs, 250);
      await harness.retry(250);
    }
  });
});

describe("the end", () => {
  it("is normal after 1000 or the session's end", async () => {
    const normal = await follow();
    normal.socket.started();
    normal.socket.drop(1000);
    assert.equal(normal.last("closed")?.reason, "ended");
    const ended = await follow();
    ended.socket.started();
    ended.socket.payload(1, sessionEnded(), "");
    ended.socket.drop(1006);
    assert.equal(ended.last("closed")?.reason, "ended");
    assert.equal(ended.last("failure"), undefined);
  });

  it("by close() comes once, stops every timer, and nothing follows", async () => {
    const { socket, feed, clock, events } = await follow();
    socket.started();
    feed.close();
    feed.close();
    socket.payload(1, turnStarted(1));
    socket.drop(1006);
    clock.advance(100_000);
    assert.deepEqual(events.map((event) => event.type), ["opened", "closed"]);
    assert.equal(clock.pendingTimers, 0);
    assert.equal((await feed.closed).reason, "requested");
    assert.equal(feed.sendText("late"), false);
  });

  it("by close() in a listener holds at once", async () => {
    const harness = await follow({ onEvent: undefined });
    harness.feed.on("turnStarted", () => harness.feed.close());
    const seen: string[] = [];
    harness.feed.on("audio", () => seen.push("audio"));
    harness.socket.started();
    harness.socket.payload(1, turnStarted(1));
    harness.socket.payload(2, audio(0, 640));
    assert.deepEqual(seen, []);
    assert.equal(harness.clock.pendingTimers, 0);
  });

  it("by a signal, also while it waits to reconnect", async () => {
    const abort = new AbortController();
    const harness = await follow({ signal: abort.signal });
    harness.socket.drop(1006);
    abort.abort();
    await harness.retry();
    assert.equal(harness.sockets.length, 1);
    assert.equal(harness.feed.state, "closed");
  });
});

describe("opened()", () => {
  it("resolves with the first opened, and with the latest later on", async () => {
    const { socket, feed, last, retry, sockets } = await follow();
    const first = feed.opened();
    socket.drop(1006);
    await retry();
    sockets[1]?.started(1, 4);
    assert.equal((await first).position.sequence, 4);
    assert.equal(feed.session, last("opened"));
    assert.equal(await feed.opened(), last("opened"));
  });

  it("rejects where the feed is over before, with what ended it", async () => {
    const { socket, feed } = await follow();
    const opened = feed.opened();
    socket.open();
    socket.failure(ErrorReason.VIEWER_TOKEN_INVALID, false);
    const tellsWhy = (error: unknown) => error instanceof FeedClosedError && error.closed.failure?.reason === "VIEWER_TOKEN_INVALID";
    await assert.rejects(opened, tellsWhy);
    await assert.rejects(feed.opened(), tellsWhy);
  });

  it("that nobody calls rejects nowhere", async () => {
    const { feed, clock } = await follow();
    feed.close();
    await feed.closed;
    assert.equal(clock.pendingTimers, 0);
  });
});

describe("once", () => {
  it("hears the next event only, and none where it was ended before", async () => {
    const { socket, feed } = await follow();
    const heard: number[] = [];
    feed.once("audio", (event) => heard.push(event.sequence));
    feed.once("audio", () => heard.push(-1))();
    socket.started();
    socket.payload(1, turnStarted(1));
    socket.payload(2, audio(0, 640));
    socket.payload(3, audio(640, 640));
    assert.deepEqual(heard, [2]);
  });
});

describe("viewer events", () => {
  it("are sent on an open connection, and say so", async () => {
    const { socket, feed } = await follow();
    assert.equal(feed.sendText("too early"), false);
    socket.started();
    assert.equal(feed.sendText("hello"), true);
    assert.equal(feed.interrupt({ turnId: "t", reason: "enough" }), true);
    assert.equal(feed.sendMicrophone(new Uint8Array(320), 16_000), true);
    assert.equal(feed.reportPlayback({ turnId: "t", playedSamples: 1234.5, state: "playing" }), true);
    const kinds = socket.sent("viewerEvent").map((event) => event.event.case);
    assert.deepEqual(kinds, ["text", "interrupt", "microphoneAudio", "playback"]);
  });

  it("of an interrupt tell up to where the log was seen, so that the second of two voids no new reply", async () => {
    const { socket, feed } = await follow();
    socket.started(3, 41);
    socket.payload(42, turnStarted(1), "t", 3);
    feed.interrupt();
    const [sent] = socket.sent("viewerEvent");
    assert.equal(sent?.event.case, "interrupt");
    const { turnId, position } = sent.event.value as ViewerInterrupt;
    assert.deepEqual([turnId, position?.epoch, position?.sequence], ["", 3, 42n]);
  });

  it("beyond the contract's limits throw", async () => {
    const { socket, feed } = await follow();
    socket.started();
    assert.throws(() => feed.sendText("ü".repeat(8193)), RangeError);
    assert.throws(() => feed.sendMicrophone(new Uint8Array(65_538), 16_000), RangeError);
    assert.throws(() => feed.sendMicrophone(new Uint8Array(3), 16_000), RangeError);
    assert.throws(() => feed.interrupt({ reason: "x".repeat(129) }), RangeError);
  });

  it("of the microphone are dropped when the socket is full", async () => {
    const { socket, feed } = await follow();
    socket.started();
    socket.bufferedAmount = 300 * 1024;
    assert.equal(feed.sendMicrophone(new Uint8Array(320), 16_000), false);
    assert.equal(feed.sendText("still"), true);
  });
});
