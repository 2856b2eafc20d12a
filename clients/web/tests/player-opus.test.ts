import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { AudioEncoding } from "../src/generated/motiongateway/v1/payload_pb.js";
import type { PlaybackReport } from "../src/feed/viewer-events.js";
import { Player } from "../src/player/player.js";
import { EventFeed } from "./support/event-feed.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakePacketDecoders } from "./support/fake-decoding.js";
import { FakeOutput } from "./support/fake-output.js";
import { chirpClip } from "./support/opus-clip.js";
import { pages } from "./support/payloads.js";

const rate = 48_000;
const preSkip = 312;

describe("Player, with Ogg Opus", () => {
  const clip = chirpClip();
  let feed: EventFeed & { reportPlayback(report: PlaybackReport): boolean };
  let output: FakeOutput;
  let clock: FakeClock;
  let packets: FakePacketDecoders;
  let player: Player;
  let problems: string[];
  let heardOf: [string, number][];

  beforeEach(() => {
    feed = Object.assign(new EventFeed(), { reportPlayback: () => true });
    output = new FakeOutput(rate);
    clock = new FakeClock();
    packets = new FakePacketDecoders();
    problems = [];
    heardOf = [];
    player = new Player(feed, output, {
      clock,
      decoding: { packetDecoder: packets.create },
      onProblem: (turnId, message) => void problems.push(`${turnId}: ${message}`),
      onSpeech: (turnId, firstSample) => void heardOf.push([turnId, firstSample]),
    });
  });

  const start = (turnId: string) =>
    feed.start(turnId, { sampleRate: rate, audioEncoding: AudioEncoding.OGG_OPUS, audioHeader: clip.header });
  const give = (turnId: string, from = 0, to = clip.pieces.length) =>
    clip.pieces.slice(from, to).forEach(({ firstSample, sampleCount, data }, i) =>
      feed.payload(turnId, pages(firstSample, sampleCount, data, from + i === clip.pieces.length - 1)));
  /** The clip some times over, as one turn: places go on. */
  const giveLong = (turnId: string, times: number) => {
    for (let round = 0; round < times; round++) {
      for (const { firstSample, sampleCount, data } of clip.pieces.slice(0, -1)) {
        const at = round * clip.pieces.at(-1)!.firstSample + firstSample;
        feed.payload(turnId, pages(at, sampleCount, data));
      }
    }
  };
  const run = (seconds: number) => {
    for (let left = Math.round(seconds * 50); left > 0; left--) {
      packets.run();
      output.run(0.02);
      clock.advance(20);
      player.frame();
    }
  };
  const sounded = () => output.voices.filter((voice) => !voice.stopped).flatMap((voice) => [...voice.samples]);

  it("plays each decoded sample once, in its place, without a seam", () => {
    start("a");
    give("a");
    run(3.2);
    const samples = sounded();
    assert.equal(samples.length, clip.sampleCount);
    assert.ok(samples.every((sample, i) => Math.abs(sample - (i + preSkip) / 65_536) < 1e-6));
    assert.ok(output.isGapless);
    assert.equal(player.frame().state, "idle");
    assert.equal(player.stats.decodeErrors, 0);
  });

  it("keeps order however late the decoder is", () => {
    start("a");
    give("a");
    for (let i = 0; i < 400; i++) {
      packets.run(1);
      output.run(0.01);
      clock.advance(10);
      player.frame();
    }
    const samples = sounded();
    assert.equal(samples.length, clip.sampleCount);
    assert.ok(samples.every((sample, i) => Math.abs(sample - (i + preSkip) / 65_536) < 1e-6));
  });

  it("begins by itself when something is decoded, though no picture is drawn", () => {
    start("a");
    give("a", 0, 3);
    assert.equal(output.played, 0);
    packets.run();
    clock.advance(100);
    assert.ok(output.played > 0);
    assert.ok(output.played <= 3, `${output.played} sources for ${heardOf.length} packets`);
  });

  it("joins a turn in its middle", () => {
    start("a");
    give("a", 10);
    run(0.5);
    const at = clip.pieces[10]!.firstSample;
    assert.ok(Math.abs(player.frame().sample - at - 0.44 * rate) < 0.02 * rate, `${player.frame().sample - at}`);
  });

  it("throws away what is being decoded at an interrupt, and plays the next turn", () => {
    start("a");
    give("a");
    packets.run(20);
    feed.end("a", "interrupted");
    start("b");
    assert.equal(packets.made[0]?.closed, true);
    packets.run();
    assert.equal(output.live.length, 0);
    assert.ok(heardOf.every(([turnId]) => turnId === "a"));
    give("b");
    run(3.5);
    assert.equal(heardOf.filter(([turnId]) => turnId === "b").length > 0, true);
    assert.equal(player.frame().state, "idle");
  });

  it("decodes no more than a few seconds ahead, and nothing of a turn that waits", () => {
    start("a");
    giveLong("a", 10);
    start("b");
    giveLong("b", 1);
    assert.equal(packets.made.length, 1);
    const ahead = () => packets.waiting * 0.02;
    assert.ok(ahead() >= 3.9 && ahead() < 4.3, `${ahead()} s`);
    packets.run();
    assert.ok(ahead() <= 0.3, `${ahead()} s`);
    run(2);
    assert.ok(output.live.length < 5);
    assert.ok(player.stats.heldBytes < 10 * 13_000 + 13_000);
  });

  it("is silent where a piece is broken, tells it, and goes on", () => {
    start("a");
    give("a", 0, 5);
    const { firstSample, sampleCount, data } = clip.pieces[5]!;
    feed.payload("a", pages(firstSample, sampleCount, data.slice(0, 50)));
    give("a", 6);
    run(3.2);
    const samples = sounded();
    assert.equal(samples.length, clip.sampleCount);
    assert.ok(samples.slice(firstSample, firstSample + sampleCount).every((sample) => sample === 0));
    assert.ok(output.isGapless);
    assert.deepEqual(problems, ["a: The audio is not made of whole Ogg pages."]);
    assert.deepEqual([player.stats.decodeErrors, player.stats.lastDecodeError], [1, "The audio is not made of whole Ogg pages."]);
  });

  it("lets a turn that cannot be decoded take its time, in silence, and plays the next", () => {
    feed.start("a", { sampleRate: rate, audioEncoding: AudioEncoding.OGG_OPUS, audioHeader: new Uint8Array(4) });
    give("a");
    feed.start("b", { sampleRate: rate });
    run(2);
    assert.equal(player.frame().turnId, "a");
    assert.ok(player.frame().sample > 1.8 * rate);
    run(1.2);
    assert.equal(player.frame().turnId, "b");
    assert.ok(sounded().every((sample) => sample === 0));
  });

  it("holds, and goes on at the same sample", () => {
    start("a");
    give("a");
    run(1);
    feed.pause("a", true);
    const { sample } = player.frame();
    run(2);
    assert.equal(player.frame().sample, sample);
    feed.pause("a", false);
    const resumed = output.live.flatMap((voice) => [...voice.samples]);
    assert.ok(Math.abs(resumed[0]! - (sample + preSkip) / 65_536) < 1e-6);
    run(2.2);
    assert.equal(player.frame().state, "idle");
  });

  it("hears a turn that comes again once", () => {
    start("a");
    give("a", 0, 10);
    run(0.5);
    feed.gap("sequenceExpired", true);
    start("a");
    give("a");
    run(3);
    assert.equal(sounded().length, clip.sampleCount);
    assert.ok(output.isGapless);
  });

  it("takes the closing page that comes without samples", () => {
    start("a");
    give("a", 0, 10);
    const end = clip.pieces[10]!.firstSample;
    const closing = new Uint8Array([0x4f, 0x67, 0x67, 0x53, 0, 4, ...new Array<number>(21).fill(0)]);
    feed.payload("a", pages(end, 0, closing, true));
    run(1.3);
    assert.equal(player.frame().state, "idle");
    assert.equal(sounded().length, end);
  });
});
