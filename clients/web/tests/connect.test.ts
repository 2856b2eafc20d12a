import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connect } from "../src/feed/connect.js";
import type { ConnectOptions } from "../src/feed/options.js";
import type { Feed } from "../src/feed/feed.js";
import { ErrorReason } from "../src/generated/motiongateway/v1/error_pb.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeRelaySocket } from "./support/fake-relay.js";
import { follow, settled } from "./support/followed-feed.js";
import { audio, turnStarted } from "./support/payloads.js";

const good: ConnectOptions = {
  url: "https://relay.test/",
  sessionId: "s",
  token: "secret",
  clock: new FakeClock(),
  webSocket: (url, subprotocol) => new FakeRelaySocket(url, subprotocol),
};

describe("options that cannot be right", () => {
  const wrong: [string, object, RegExp][] = [
    ["a URL that is none", { url: "http://" }, /URL/],
    ["a URL without a page to be relative to", { url: "/relay" }, /URL/],
    ["a URL of another protocol", { url: "ftp://relay.test" }, /ftp:/],
    ["no session", { sessionId: "" }, /sessionId/],
    ["no token", { token: undefined }, /token/],
    ["an empty token", { token: "" }, /token/],
    ["a reader's name that is too long", { readerId: "ü".repeat(33) }, /readerId/],
    ["an unknown start", { start: "Live" }, /start/],
    ["a start that is no position", { start: { epoch: 1, sequence: -1 } }, /start/],
    ["a delay that is no number", { retry: { initialDelayMs: Number.NaN } }, /retry\.initialDelayMs/],
    ["attempts below none", { retry: { maxAttempts: -1 } }, /retry\.maxAttempts/],
    ["a socket that cannot be made", { webSocket: {} }, /webSocket/],
  ];
  for (const [what, options, message] of wrong) {
    it(`are refused at once: ${what}`, () => {
      let fetched = 0;
      const token = () => `${++fetched}`;
      assert.throws(() => connect({ ...good, token, ...options } as ConnectOptions), { name: "TypeError", message });
      assert.equal(fetched, 0);
    });
  }

  it("are refused at once: a platform without WebSocket", () => {
    const platform = globalThis.WebSocket;
    Reflect.deleteProperty(globalThis, "WebSocket");
    try {
      assert.throws(() => connect({ ...good, webSocket: undefined }), /webSocket/);
    } finally {
      if (platform !== undefined) {
        globalThis.WebSocket = platform;
      }
    }
  });
});

describe("what a feed tells first", () => {
  const faults: Record<string, Partial<ConnectOptions>> = {
    "a token function that throws": { token: () => { throw new Error("not now"); } },
    "a socket that the platform refuses": { webSocket: () => { throw new Error("mixed content"); } },
  };
  for (const [what, options] of Object.entries(faults)) {
    it(`comes when connect has returned: ${what}`, async () => {
      const seen: (Feed | undefined)[] = [];
      let feed: Feed | undefined;
      feed = connect({ ...good, clock: new FakeClock(), ...options, onEvent: () => seen.push(feed) });
      assert.deepEqual(seen, []);
      await settled();
      assert.equal(seen[0], feed);
      assert.ok(seen.length >= 2);
      feed.close();
    });
  }

  it("is the end, where the platform refuses to make a socket", async () => {
    let made = 0;
    const { last, clock } = await follow({ webSocket: () => { made++; throw new Error("mixed content"); } });
    assert.deepEqual([last("closed")?.reason, last("closed")?.failure?.reason], ["failed", "WEBSOCKET_REFUSED"]);
    clock.advance(100_000);
    await settled();
    assert.deepEqual([made, clock.pendingTimers], [1, 0]);
  });
});

describe("a token function", () => {
  it("that never answers has a limit, and its late answer is not used", async () => {
    const answers: ((token: string) => void)[] = [];
    const harness = await follow({ token: () => new Promise((resolve) => answers.push(resolve)) });
    harness.clock.advance(10_000);
    assert.equal(harness.last("failure")?.reason, "TOKEN_UNAVAILABLE");
    answers[0]?.("late");
    await harness.retry();
    assert.equal(harness.sockets.length, 0);
    answers[1]?.("in time");
    await settled();
    harness.socket.open();
    assert.deepEqual(harness.sockets.flatMap((socket) => socket.sent("start").map((start) => start.viewerToken)), ["in time"]);
  });

  it("that gives nothing is a failure that may pass", async () => {
    const { last, feed } = await follow({ token: () => undefined as unknown as string });
    assert.equal(last("failure")?.reason, "TOKEN_UNAVAILABLE");
    assert.equal(feed.state, "reconnecting");
  });

  it("that is still awaited when the feed is closed leaves no timer and no connection", async () => {
    let answer: ((token: string) => void) | undefined;
    const { feed, clock, sockets } = await follow({ token: () => new Promise((resolve) => (answer = resolve)) });
    feed.close();
    answer?.("late");
    await settled();
    assert.deepEqual([sockets.length, clock.pendingTimers], [0, 0]);
  });

  it("is not asked by a feed that is closed at once", async () => {
    let asked = 0;
    connect({ ...good, token: () => `${++asked}` }).close();
    await settled();
    assert.equal(asked, 0);
  });
});

describe("a refused token", () => {
  it("is final where no function can fetch another", async () => {
    const { socket, last } = await follow();
    socket.open();
    socket.failure(ErrorReason.VIEWER_TOKEN_INVALID, false);
    assert.equal(last("closed")?.failure?.reason, "VIEWER_TOKEN_INVALID");
  });

  it("is fetched anew by a function; three refused in succession are final", async () => {
    const harness = await follow({ token: () => "from a function" });
    for (let round = 0; round < 3; round++) {
      for (let refused = 0; refused < 2; refused++) {
        harness.socket.open();
        harness.socket.failure(ErrorReason.VIEWER_TOKEN_INVALID, false);
        assert.equal(harness.feed.state, "reconnecting");
        await harness.retry();
      }
      harness.socket.started();
      harness.socket.drop(1006);
      await harness.retry();
    }
    for (let refused = 0; refused < 3; refused++) {
      assert.equal(harness.last("closed"), undefined);
      harness.socket.open();
      harness.socket.failure(ErrorReason.VIEWER_TOKEN_INVALID, false);
      await harness.retry();
    }
    assert.equal(harness.last("closed")?.failure?.reason, "VIEWER_TOKEN_INVALID");
  });

  it("does not make other refusals pass", async () => {
    const { socket, last } = await follow({ token: () => "t" });
    socket.open();
    socket.failure(ErrorReason.NOT_PERMITTED, false);
    assert.equal(last("closed")?.failure?.reason, "NOT_PERMITTED");
  });
});

describe("a lower epoch", () => {
  it("brings nothing, also after the position was given up for EPOCH_CHANGED", async () => {
    const harness = await follow();
    harness.socket.started(3, 6);
    harness.socket.payload(7, turnStarted(1), "t", 3);
    harness.socket.failure(ErrorReason.EPOCH_CHANGED, false);
    await harness.retry();
    harness.socket.started(2, 0);
    harness.socket.payload(1, turnStarted(2), "old", 2);
    assert.equal(harness.last("failure")?.reason, "PROTOCOL_ERROR");
    assert.equal(harness.last("turnStarted")?.turnId, "t");
    await harness.retry();
    harness.socket.started(4, 0);
    harness.socket.payload(1, audio(0, 640), "old", 3);
    assert.equal(harness.last("audio"), undefined);
    harness.socket.payload(1, turnStarted(3), "new", 4);
    assert.equal(harness.last("turnStarted")?.turnId, "new");
    assert.deepEqual(harness.feed.position, { epoch: 4, sequence: 1 });
  });
});
