import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { attachAvatarKit, type AvatarKitAttachment } from "../src/avatarkit/attach.js";
import { EventFeed } from "./support/event-feed.js";
import { FakeClock } from "./support/fake-clock.js";
import { audio, motion } from "./support/payloads.js";
import { StrictAvatarKit, wholeFromStart } from "./support/strict-avatarkit.js";

describe("attachAvatarKit", () => {
  let feed: EventFeed;
  let kit: StrictAvatarKit;
  let clock: FakeClock;
  let attachment: AvatarKitAttachment;

  beforeEach(() => {
    feed = new EventFeed();
    kit = new StrictAvatarKit();
    clock = new FakeClock();
    attachment = attachAvatarKit(feed, kit, { clock });
  });

  afterEach(() => assert.deepEqual(kit.dropped, []));

  /** The conversations as `keyframes of audio/keyframes of motion`, with `!` when ended and `x` when interrupted. */
  const told = () => kit.conversations.map((c) =>
    `${c.samples.length / 640}/${c.keyframes}${c.ended ? "!" : ""}${c.interrupted ? "x" : ""}`);

  it("gives a turn as one conversation, its last audio marked", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    feed.media("a", 50, 80, true);
    feed.seal("a", 80);
    feed.end("a");
    assert.deepEqual(told(), ["80/80!"]);
    assert.ok(wholeFromStart(kit.current!.samples));
  });

  it("marks the end by an empty piece when it is learned by a closing audio or by the seal", () => {
    feed.start("a");
    feed.media("a", 0, 10);
    feed.payload("a", audio(6400, 0, true));
    assert.deepEqual(told(), ["10/10!"]);
    feed.end("a");
    clock.advance(400);
    feed.start("b");
    feed.media("b", 0, 10);
    feed.seal("b", 10);
    assert.deepEqual(told(), ["10/10!", "10/10!"]);
  });

  it("gives late motion of an ended conversation's audio before the next turn begins", () => {
    feed.start("a");
    feed.audio("a", 0, 100, true);
    feed.start("b");
    feed.media("b", 0, 10, true);
    feed.motion("a", 0, 100, true);
    assert.deepEqual(told(), ["100/100!"]);
  });

  it("holds the next turn until the present one has ended and must have been heard", () => {
    feed.start("a");
    feed.media("a", 0, 100, true);
    feed.seal("a", 100);
    feed.start("b");
    feed.media("b", 0, 25, true);
    clock.advance(3000);
    feed.end("a");
    assert.deepEqual(told(), ["100/100!"]);
    clock.advance(999);
    assert.deepEqual(told(), ["100/100!"]);
    clock.advance(1);
    assert.deepEqual(told(), ["100/100!", "25/25!"]);
  });

  it("does not count a pause as heard", () => {
    feed.start("a");
    feed.media("a", 0, 50, true);
    clock.advance(1000);
    feed.pause("a", true);
    assert.equal(kit.paused, true);
    clock.advance(5000);
    feed.pause("a", false);
    assert.equal(kit.paused, false);
    feed.end("a");
    feed.start("b");
    feed.media("b", 0, 1);
    clock.advance(999);
    assert.equal(kit.conversations.length, 1);
    clock.advance(1);
    assert.equal(kit.conversations.length, 2);
  });

  it("plays an audio-only turn, and one whose motion stops", () => {
    feed.start("a");
    feed.audio("a", 0, 50);
    feed.end("a", "audioOnly");
    assert.deepEqual(told(), ["50/0!"]);
    clock.advance(2000);
    feed.start("b");
    feed.media("b", 0, 50);
    feed.audio("b", 50, 100, true);
    feed.end("b", "audioOnly");
    assert.deepEqual(told(), ["50/0!", "100/50!"]);
  });

  it("closes a turn that failed", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    feed.end("a", "failed");
    assert.deepEqual(told(), ["50/50!"]);
  });

  it("interrupts, gives nothing of that turn afterwards, and goes on with the next", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    feed.end("a", "interrupted");
    feed.motion("a", 50, 100);
    feed.start("b");
    feed.media("b", 0, 25, true);
    assert.deepEqual(told(), ["50/50x", "25/25!"]);
    assert.equal(kit.interrupts, 1);
  });

  it("interrupts a turn in its last second, when AvatarKit has all of it", () => {
    feed.start("a");
    feed.media("a", 0, 50, true);
    feed.seal("a", 50);
    clock.advance(1000);
    feed.end("a", "interrupted");
    assert.equal(kit.interrupts, 1);
  });

  it("does not stop the present turn when a held one is interrupted", () => {
    feed.start("a");
    feed.media("a", 0, 50, true);
    feed.start("b");
    feed.media("b", 0, 50);
    feed.end("b", "interrupted");
    assert.equal(kit.interrupts, 0);
    feed.end("a");
    clock.advance(10_000);
    assert.deepEqual(told(), ["50/50!"]);
  });

  it("gives nothing of a turn whose beginning never came", () => {
    feed.start("a");
    feed.motion("a", 0, 50);
    feed.media("a", 50, 100, true);
    feed.seal("a", 100);
    feed.end("a");
    feed.payload("unknown", motion(0, 5));
    assert.deepEqual(told(), []);
    feed.start("b");
    feed.media("b", 0, 25);
    assert.deepEqual(told(), ["25/25"]);
  });

  it("gives no motion for audio that was never given", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    feed.motion("a", 50, 100);
    assert.deepEqual(told(), ["50/50"]);
    feed.audio("a", 50, 100);
    feed.motion("a", 100, 110);
    assert.deepEqual(told(), ["100/50"]);
  });

  it("closes a turn at a hole in its audio, and gives no motion behind one in its motion", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    feed.gap("expired");
    feed.media("a", 75, 100);
    assert.deepEqual(told(), ["50/50!"]);
    feed.start("b");
    feed.media("b", 0, 50);
    clock.advance(2000);
    feed.audio("b", 50, 100);
    feed.motion("b", 75, 100);
    assert.deepEqual(told(), ["50/50!", "100/50"]);
  });

  it("goes on with a turn that comes again from its start, and gives nothing twice", () => {
    feed.start("a");
    feed.media("a", 0, 50);
    feed.audio("a", 50, 75);
    feed.gap("sequenceExpired", true);
    feed.start("a");
    feed.media("a", 0, 50);
    feed.media("a", 50, 100, true);
    feed.seal("a", 100);
    assert.deepEqual(told(), ["100/100!"]);
    assert.ok(wholeFromStart(kit.current!.samples));
  });

  it("closes a turn whose end was lost, when another begins or the epoch changes", () => {
    feed.start("a");
    feed.media("a", 0, 25);
    feed.gap("expired");
    feed.start("b");
    assert.deepEqual(told(), ["25/25!"]);
    clock.advance(1000);
    feed.media("b", 0, 25);
    feed.gap("epochChanged", true);
    assert.deepEqual(told(), ["25/25!", "25/25!"]);
    feed.start("c");
    clock.advance(1000);
    feed.media("c", 0, 25);
    assert.deepEqual(told(), ["25/25!", "25/25!", "25/25"]);
  });

  it("cuts the present turn off when too much is held behind it", () => {
    attachment.detach();
    attachment = attachAvatarKit(feed, kit, { clock, maxHeldBytes: 100_000 });
    feed.start("a");
    feed.media("a", 0, 100);
    feed.start("b");
    feed.audio("b", 0, 50);
    assert.equal(kit.interrupts, 0);
    feed.audio("b", 50, 100);
    assert.equal(kit.interrupts, 1);
    assert.deepEqual(told(), ["100/100x", "100/0"]);
  });

  it("lets go, and stops what plays", () => {
    feed.start("a");
    feed.media("a", 0, 100);
    attachment.detach();
    attachment.detach();
    feed.media("a", 100, 110);
    assert.equal(feed.listenerCount, 0);
    assert.equal(clock.pendingTimers, 0);
    assert.deepEqual(told(), ["100/100x"]);
  });
});
