import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { attachAvatarKit, type AvatarKitAttachment } from "../src/avatarkit/attach.js";
import { AudioEncoding } from "../src/generated/motiongateway/v1/payload_pb.js";
import { EventFeed } from "./support/event-feed.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakePacketDecoders } from "./support/fake-decoding.js";
import { chirpClip } from "./support/opus-clip.js";
import { audio, motion, pages } from "./support/payloads.js";
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

  it("closes what a slow viewer is not sent, and gives the next turn whole", () => {
    feed.start("a");
    feed.media("a", 0, 10);
    feed.gap("readerTooSlow");
    feed.audio("a", 10, 40, true);
    feed.seal("a", 40);
    feed.end("a");
    clock.advance(2000);
    feed.start("b");
    feed.media("b", 0, 10);
    feed.gap("readerTooSlow");
    feed.seal("b", 40);
    feed.end("b");
    clock.advance(2000);
    feed.start("c");
    feed.media("c", 0, 20, true);
    assert.deepEqual(told(), ["40/10!", "10/10!", "20/20!"]);
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

  it("leaves AvatarKit alone at an interrupt of a turn that has been heard", () => {
    feed.start("a");
    feed.media("a", 0, 50, true);
    clock.advance(2000);
    feed.end("a", "interrupted");
    feed.start("b");
    feed.media("b", 0, 10);
    assert.deepEqual([told(), kit.interrupts], [["50/50!", "10/10"], 0]);
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

  describe("with Ogg Opus", () => {
    const clip = chirpClip();
    let packets: FakePacketDecoders;
    let problems: string[];

    beforeEach(() => {
      attachment.detach();
      packets = new FakePacketDecoders();
      problems = [];
    });

    const attach = (oggOpus?: "decode" | "asItIs") => {
      const onProblem = (_: string, message: string) => void problems.push(message);
      attachment = attachAvatarKit(feed, kit, { clock, onProblem, decoding: { packetDecoder: packets.create }, ...(oggOpus && { oggOpus }) });
    };
    const start = (turnId: string) =>
      feed.start(turnId, { sampleRate: 48_000, audioEncoding: AudioEncoding.OGG_OPUS, audioHeader: clip.header });
    const give = (turnId: string, from: number, to: number, last = false) =>
      clip.pieces.slice(from, to).forEach(({ firstSample, sampleCount, data }, i) =>
        feed.payload(turnId, pages(firstSample, sampleCount, data, last && from + i === to - 1)));
    /** What is loaded or told in turns of the event loop, has happened. */
    const settle = async () => {
      for (let i = 0; i < 20; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        packets.run();
      }
    };
    const samplesTo = (piece: number) => clip.pieces[piece]!.firstSample;

    it("decodes it, gives motion behind its audio, and marks the end", async () => {
      attach();
      start("a");
      give("a", 0, 10);
      feed.motion("a", 0, 20);
      assert.deepEqual(told(), []);
      await settle();
      assert.deepEqual([kit.current!.samples.length, kit.current!.keyframes, kit.current!.ended], [samplesTo(10), 20, false]);
      assert.equal(kit.current!.samples[100], Math.round(((100 + 312) / 65_536) * 32_767));
      give("a", 10, clip.pieces.length, true);
      feed.motion("a", 20, 74, true);
      packets.run(3);
      assert.equal(kit.current!.keyframes, 20, "motion was given before its audio");
      assert.ok(kit.current!.samples.length > samplesTo(10));
      feed.end("a");
      await settle();
      assert.deepEqual([kit.current!.samples.length, kit.current!.keyframes, kit.current!.ended], [clip.sampleCount, 74, true]);
      assert.deepEqual(problems, []);
    });

    it("keeps turns apart while they are decoded", async () => {
      attach();
      start("a");
      give("a", 0, clip.pieces.length, true);
      feed.end("a");
      start("b");
      give("b", 0, 5, true);
      feed.end("b");
      await settle();
      clock.advance(3000);
      await settle();
      assert.deepEqual(kit.conversations.map(({ samples, ended }) => [samples.length, ended]),
        [[clip.sampleCount, true], [samplesTo(5), true]]);
    });

    it("throws away what is being decoded at an interrupt", async () => {
      attach();
      start("a");
      give("a", 0, 5);
      await settle();
      give("a", 5, 20);
      feed.motion("a", 0, 20);
      feed.end("a", "interrupted");
      await settle();
      assert.deepEqual([kit.current!.samples.length, kit.current!.keyframes, kit.interrupts], [samplesTo(5), 0, 1]);
      start("b");
      give("b", 0, 3, true);
      await settle();
      assert.equal(kit.conversations.length, 2);
    });

    it("gives silence for what is broken, and tells it", async () => {
      attach();
      start("a");
      give("a", 0, 5);
      const { firstSample, sampleCount, data } = clip.pieces[5]!;
      feed.payload("a", pages(firstSample, sampleCount, data.slice(9)));
      give("a", 6, clip.pieces.length, true);
      feed.end("a");
      await settle();
      assert.deepEqual([kit.current!.samples.length, kit.current!.ended, problems.length], [clip.sampleCount, true, 1]);
    });

    it("hands the stream over as it is when told so, the header before each conversation's first audio", () => {
      const yields: [Uint8Array, boolean][] = [];
      const frames: string[] = [];
      const controller = {
        yieldAudioData: (bytes: Uint8Array, isLast: boolean) => (yields.push([bytes, isLast]), `c${yields.filter(([, last]) => last).length}`),
        yieldFramesData: (_: Uint8Array[], id: string) => void frames.push(id),
        interrupt: () => undefined,
      };
      attachment = attachAvatarKit(feed, controller, { clock, oggOpus: "asItIs" });
      for (const turnId of ["a", "b"]) {
        start(turnId);
        give(turnId, 0, 3);
        feed.motion(turnId, 0, 5);
        give(turnId, 3, clip.pieces.length, true);
        feed.end(turnId);
        clock.advance(4000);
      }
      const streams: Uint8Array[][] = [[]];
      for (const [bytes, isLast] of yields) {
        streams.at(-1)!.push(bytes);
        if (isLast) {
          streams.push([]);
        }
      }
      const whole = Buffer.concat([clip.header, ...clip.pieces.map(({ data }) => data)]);
      assert.deepEqual(streams.map((parts) => Buffer.concat(parts).equals(whole)), [true, true, false]);
      assert.ok(yields[0]![0].length > clip.header.length);
      assert.deepEqual(frames, ["c0", "c1"]);
    });

    it("hands over the page that closes a stream, and never cuts a piece", () => {
      const yields: [number, boolean][] = [];
      const controller = {
        yieldAudioData: (bytes: Uint8Array, isLast: boolean) => (yields.push([bytes.length, isLast]), "c"),
        yieldFramesData: () => undefined,
        interrupt: () => undefined,
      };
      attachment = attachAvatarKit(feed, controller, { clock, oggOpus: "asItIs" });
      start("a");
      give("a", 0, 2);
      give("a", 0, 2);
      feed.payload("a", pages(samplesTo(2), 0, new Uint8Array(28), true));
      feed.end("a");
      assert.deepEqual(yields.slice(1), [[clip.pieces[1]!.data.length, false], [28, true]]);
      clock.advance(1000);
      start("b");
      give("b", 0, 2);
      const { sampleCount, data } = clip.pieces[2]!;
      feed.payload("b", pages(samplesTo(2) - 100, sampleCount, data));
      assert.deepEqual(yields.at(-1), [0, true]);
    });

    it("leaves PCM as it is either way", () => {
      for (const way of ["decode", "asItIs"] as const) {
        attach(way);
        feed.start(way);
        feed.media(way, 0, 10, true);
        feed.end(way);
        clock.advance(400);
        attachment.detach();
      }
      assert.deepEqual(told(), ["10/10!", "10/10!"]);
    });
  });
});
