import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SkipReason } from "../src/generated/motiongateway/v1/payload_pb.js";
import { FakeClock } from "./support/fake-clock.js";
import { follow } from "./support/followed-feed.js";
import type { FakeRelaySocket } from "./support/fake-relay.js";
import { audio, turnEnded, turnStarted } from "./support/payloads.js";

const heartbeat = (socket: FakeRelaySocket) => socket.notice("heartbeat", {});

describe("a path that is dead", () => {
  it("is noticed within 5 s while a turn is under way", async () => {
    const harness = await follow();
    harness.socket.started();
    harness.clock.advance(13_000);
    harness.socket.payload(1, turnStarted(1));
    harness.clock.advance(1_000);
    harness.socket.payload(2, audio(0, 640));
    harness.clock.advance(4_000);
    assert.equal(harness.feed.state, "open");
    harness.clock.advance(1_000);
    assert.equal(harness.last("failure")?.reason, "HEARTBEAT_TIMEOUT");
    assert.equal(harness.feed.state, "reconnecting");
  });

  it("is alive where the relay says no more than that it is there, every 2 s", async () => {
    const { socket, clock, feed } = await follow();
    socket.started();
    socket.payload(1, turnStarted(1));
    for (let i = 0; i < 30; i++) {
      clock.advance(2_000);
      heartbeat(socket);
    }
    assert.equal(feed.state, "open");
  });

  it("is given the relay's own intervals again when the turn is over", async () => {
    const { socket, clock, feed } = await follow();
    socket.started();
    socket.payload(1, turnStarted(1));
    socket.payload(2, turnEnded(1));
    clock.advance(37_000);
    assert.equal(feed.state, "open");
    clock.advance(1_000);
    assert.equal(feed.state, "reconnecting");
  });

  it("is given them also within a turn where the relay promises no more", async () => {
    const { socket, clock, feed } = await follow();
    socket.started(1, 0, 15_000, 0, 131_072, { turnHeartbeatIntervalMs: 0 });
    socket.payload(1, turnStarted(1));
    clock.advance(37_000);
    assert.equal(feed.state, "open");
    clock.advance(1_000);
    assert.equal(feed.state, "reconnecting");
  });

  it("is watched across a resume, and not where the end of the turn may have left the log", async () => {
    const harness = await follow();
    harness.socket.started();
    harness.socket.payload(1, turnStarted(1));
    harness.socket.drop(1006);
    await harness.retry(250);
    harness.socket.started(1, 1);
    harness.socket.skipped(2, 40, SkipReason.EXPIRED);
    harness.clock.advance(30_000);
    assert.equal(harness.feed.state, "open");
    harness.socket.payload(41, audio(0, 640));
    harness.clock.advance(5_000);
    assert.equal(harness.feed.state, "reconnecting");
    await harness.retry(250);
    harness.socket.started(1, 41);
    harness.clock.advance(5_000);
    assert.equal(harness.feed.state, "reconnecting");
  });

  it("is noticed also where another turn of several is still under way", async () => {
    const { socket, clock, feed } = await follow();
    socket.started();
    socket.payload(1, turnStarted(1), "a");
    socket.payload(2, turnStarted(2), "b");
    socket.payload(3, turnEnded(1), "a");
    clock.advance(5_000);
    assert.equal(feed.state, "reconnecting");
  });
});

/** A page whose timers are held back, all of them, as in a hidden tab; messages come all the same. */
class ThrottledClock extends FakeClock {
  /** Time passes, and no timer runs before its end. */
  holdBack(ms: number): void {
    this.skip(ms);
    this.advance(0);
  }
}

describe("a hidden page", () => {
  it("is not thrown off by timers that are held back while messages come", async () => {
    const clock = new ThrottledClock();
    const { socket, feed } = await follow({ clock });
    socket.started();
    socket.payload(1, turnStarted(1));
    for (let minute = 0; minute < 5; minute++) {
      for (let i = 0; i < 30; i++) {
        clock.skip(2_000);
        heartbeat(socket);
      }
      clock.advance(0);
    }
    assert.equal(feed.state, "open");
  });

  it("lets messages come that were held back with its timers", async () => {
    const clock = new ThrottledClock();
    const { socket, feed } = await follow({ clock });
    socket.started();
    socket.payload(1, turnStarted(1));
    clock.holdBack(60_000);
    assert.equal(feed.state, "open");
    heartbeat(socket);
    clock.advance(4_000);
    assert.equal(feed.state, "open");
  });

  it("notices a dead path all the same, once", async () => {
    const clock = new ThrottledClock();
    const { socket, feed, last } = await follow({ clock });
    socket.started();
    socket.payload(1, turnStarted(1));
    clock.holdBack(60_000);
    clock.holdBack(60_000);
    assert.equal(last("failure")?.reason, "HEARTBEAT_TIMEOUT");
    assert.equal(feed.state, "reconnecting");
  });
});
