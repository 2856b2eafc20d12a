import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import { attachAvatarKit } from "../src/avatarkit/attach.js";
import { binaryCodec, type FeedCodec } from "../src/feed/codec.js";
import { connect } from "../src/feed/connect.js";
import type { FeedEvent } from "../src/feed/events.js";
import type { Feed } from "../src/feed/feed.js";
import { jsonCodec } from "../src/feed/json-codec.js";
import type { FeedSocket } from "../src/feed/socket.js";
import { sessionEnded } from "./support/payloads.js";
import { MockRelay } from "./support/mock-relay.js";
import { SessionLog } from "./support/session-log.js";
import { StrictAvatarKit, wholeFromStart } from "./support/strict-avatarkit.js";

/** The socket of the `ws` package. */
const webSocket = (url: string, subprotocol: string) =>
  new WebSocket(url, subprotocol, { perMessageDeflate: false }) as unknown as FeedSocket;

function follow(relay: MockRelay, codec: FeedCodec = binaryCodec) {
  const events: FeedEvent[] = [];
  const kit = new StrictAvatarKit();
  const feed = connect({
    url: relay.url,
    sessionId: "s",
    token: "token",
    codec,
    webSocket,
    retry: { initialDelayMs: 2, maxDelayMs: 20, maxAttempts: 100 },
    onEvent: (event) => events.push(event),
  });
  // Turns are heard at once here, so that the next need not wait for the clock.
  let now = 0;
  const clock = { now: () => (now += 1e6), setTimeout: () => 0, clearTimeout: () => undefined };
  attachAvatarKit(feed, kit, { clock });
  return { events, kit, feed };
}

/** Waits, at the edge of the network only, for what a feed is to reach. */
async function until(feed: Feed, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `not reached: ${feed.state} at ${JSON.stringify(feed.position)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Sequences and declared gaps have to be contiguous within what one `opened` or reset begins. */
function checkContiguous(events: readonly FeedEvent[]): void {
  let next: number | undefined;
  for (const event of events) {
    if (event.type === "opened" && next === undefined) {
      next = event.position.sequence + 1;
    } else if (event.type === "gap") {
      next = event.reset || event.through === undefined ? undefined : Math.max(next ?? 0, event.through + 1);
    } else if ("sequence" in event) {
      assert.equal(event.sequence, next ?? event.sequence, `a silent gap before ${event.type}`);
      next = event.sequence + 1;
    }
  }
}

/** Whole turns by what the feed brought: turn id to samples, in the turn's order. */
function heardSamples(events: readonly FeedEvent[], turnId: string): number {
  let samples = 0;
  for (const event of events) {
    if (event.type === "audio" && event.turnId === turnId && event.firstSample <= samples) {
      samples = Math.max(samples, event.firstSample + event.sampleCount);
    }
  }
  return samples;
}

describe("a true socket", () => {
  for (const codec of [binaryCodec, jsonCodec]) {
    it(`brings a session to its end over ${codec.subprotocol}`, async () => {
      const log = new SessionLog();
      const relay = await MockRelay.start(log);
      const { feed, kit, events } = follow(relay, codec);
      await until(feed, () => feed.state === "open");
      log.start("a");
      log.fill("a", 200, 50);
      log.complete("a");
      log.append("", sessionEnded());
      await until(feed, () => events.at(-1)?.type === "sessionEnded");
      assert.equal(feed.sendText("thanks"), true);
      await until(feed, () => relay.viewerEvents.length === 1);
      feed.close();
      await relay.stop();
      checkContiguous(events);
      assert.deepEqual(kit.dropped, []);
      assert.equal(kit.current?.keyframes, 200);
      assert.ok(wholeFromStart(kit.current.samples));
      assert.deepEqual(relay.violations, []);
    });
  }

  it("cut at any byte loses nothing", async () => {
    const log = new SessionLog();
    log.start("a");
    log.fill("a", 100, 10);
    const relay = await MockRelay.start(log);
    const cuts = Array.from({ length: 40 }, (_, i) => 1 + i * 37 + i * i * 11);
    relay.cuts.push(...cuts);
    const { feed, kit, events } = follow(relay);
    await until(feed, () => events.at(-1)?.type === "turnSealed");
    assert.ok(relay.connections > 10, `${relay.connections} connections`);
    feed.close();
    await relay.stop();
    checkContiguous(events);
    assert.deepEqual(kit.dropped, []);
    assert.ok(kit.current?.samples.length === 64_000 && wholeFromStart(kit.current.samples));
    assert.equal(kit.current.keyframes, 100);
  });

  it("refused for its token is not tried again", async () => {
    const relay = await MockRelay.start(new SessionLog());
    const feed = connect({ url: relay.url, sessionId: "s", token: "wrong", webSocket });
    const closed = await feed.closed;
    await relay.stop();
    assert.equal(closed.failure?.reason, "VIEWER_TOKEN_INVALID");
    assert.equal(relay.connections, 1);
  });
});

describe("random schedules", () => {
  const seed = Number(process.env["MOTIONGATEWAY_SEED"] ?? randomInt(1 << 30));
  const runs = 25;

  for (let run = 0; run < runs; run++) {
    it(`leave no silent gap, and AvatarKit drops nothing (seed ${seed + run})`, async () => {
      const random = generator(seed + run);
      const below = (limit: number) => Math.floor(random() * limit);
      const log = new SessionLog();
      const relay = await MockRelay.start(log);
      const { feed, kit, events } = follow(relay);
      await until(feed, () => feed.state === "open");
      let turn = 0;
      let open: { id: string; keyframes: number } | undefined;
      const whole = new Map<string, number>();
      let disturbed = false;

      for (let step = 0; step < 30; step++) {
        const choice = below(12);
        if (open === undefined || choice < 4) {
          if (open !== undefined) {
            log.complete(open.id);
          }
          open = { id: `t${log.epoch}-${++turn}`, keyframes: 10 + below(300) };
          log.start(open.id);
          log.fill(open.id, open.keyframes, 5 + below(60));
          whole.set(open.id, open.keyframes * 640);
        } else if (choice < 6) {
          log.interrupt(open.id);
          whole.delete(open.id);
          open = undefined;
        } else if (choice < 8) {
          relay.breakAll();
        } else if (choice < 9) {
          relay.cuts.push(1 + below(100_000));
        } else if (choice === 9 && step > 10) {
          log.expiredThrough = Math.max(log.expiredThrough, log.lastSequence - below(10));
          disturbed = true;
        } else if (choice === 10 && step > 20) {
          log.changeEpoch();
          open = undefined;
          disturbed = true;
          relay.breakAll();
        } else {
          await new Promise((resolve) => setTimeout(resolve, below(8)));
        }
      }
      log.start("final");
      log.fill("final", 60, 20);
      const final = (type: FeedEvent["type"]) => () => {
        return events.some((event) => event.type === type && "turnId" in event && event.turnId === "final");
      };
      await until(feed, final("turnSealed"));
      log.complete("final");
      await until(feed, final("turnEnded"));
      feed.close();
      await relay.stop();

      checkContiguous(events);
      assert.deepEqual(kit.dropped, []);
      assert.deepEqual(relay.violations, []);
      assert.equal(kit.conversations.filter((c) => !c.ended && !c.interrupted).length, 0);
      assert.ok(kit.conversations.every((c) => wholeFromStart(c.samples)));
      assert.equal(kit.current?.keyframes, 60);
      if (!disturbed) {
        for (const [id, samples] of whole) {
          assert.equal(heardSamples(events, id), samples, id);
        }
      }
    });
  }
});

/** Numbers from 0 up to 1 that a seed decides. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
