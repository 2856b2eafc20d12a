import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { createSpeechDecoder } from "../src/speech/create-decoder.js";
import type { DecodingPlatform } from "../src/speech/decoding-platform.js";
import { OggError, packetSamples, readOpusHead, readPackets } from "../src/speech/ogg-opus.js";
import type { SpeechDecoder, SpeechSink } from "../src/speech/speech-decoder.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeFiles, FakePacketDecoders } from "./support/fake-decoding.js";
import { chirpClip } from "./support/opus-clip.js";

const preSkip = 312;
const packetLength = 960;

describe("readOpusHead", () => {
  it("reads what opusenc wrote", () => {
    const { channels, preSkip: read, gain } = readOpusHead(chirpClip().header);
    assert.deepEqual([channels, read, gain], [1, preSkip, 1]);
  });

  it("refuses what is no header, and streams that are neither mono nor stereo", () => {
    const { header, pieces } = chirpClip();
    for (const bytes of [new Uint8Array(0), pieces[0]!.data, header.subarray(1), changed(header, 28 + 18, 1), changed(header, 28 + 9, 3)]) {
      assert.throws(() => readOpusHead(bytes), OggError);
    }
  });

  it("tells the gain as a factor", () => {
    const louder = changed(changed(chirpClip().header, 28 + 16, 0), 28 + 17, 6);
    assert.ok(Math.abs(readOpusHead(louder).gain - 10 ** (6 / 20)) < 1e-9);
  });
});

describe("readPackets", () => {
  it("finds as many samples in each piece as the pages' positions say", () => {
    for (const pagesInPiece of [1, 3]) {
      const { pieces } = chirpClip(pagesInPiece);
      const counts = pieces.map(({ data }) => readPackets(data).reduce((sum, packet) => sum + packetSamples(packet), 0));
      counts.forEach((count, i) => {
        const isLast = i === counts.length - 1;
        const declared = (pieces[i]?.sampleCount ?? 0) + (i === 0 ? preSkip : 0);
        assert.ok(isLast ? count >= declared && count - declared < packetLength : count === declared, `piece ${i}: ${count}, ${declared}`);
      });
    }
  });

  it("joins a packet that goes over pages, and leaves out one that began before", () => {
    const long = new Uint8Array(255).fill(1);
    const first = page(0, [255], long);
    const second = page(1, [3, 2], new Uint8Array([2, 2, 2, 3, 3]));
    assert.deepEqual(readPackets(new Uint8Array([...first, ...second])).map((packet) => packet.length), [258, 2]);
    assert.deepEqual(readPackets(second).map((packet) => [...packet]), [[3, 3]]);
  });

  it("takes a page without packets for the end that it is", () => {
    assert.deepEqual(readPackets(page(4, [], new Uint8Array(0))), []);
  });

  it("throws at what is cut, split or no page", () => {
    const { data } = chirpClip().pieces[1]!;
    const split = page(0, [255], new Uint8Array(255));
    for (const bytes of [data.subarray(1), data.subarray(0, -1), data.subarray(0, 20), new Uint8Array([...data, 0]), split]) {
      assert.throws(() => readPackets(bytes), OggError);
    }
  });
});

describe("packetSamples", () => {
  it("knows all lengths of frames, and how many a packet has", () => {
    const lengths = [
      [0, 480], [1, 960], [2, 1920], [3, 2880], [11, 2880], [12, 480], [13, 960], [15, 960],
      [16, 120], [17, 240], [18, 480], [19, 960], [31, 960],
    ] as const;
    for (const [config, samples] of lengths) {
      assert.equal(packetSamples(new Uint8Array([config << 3])), samples);
      assert.equal(packetSamples(new Uint8Array([(config << 3) | 1])), samples * 2);
      assert.equal(packetSamples(new Uint8Array([(config << 3) | 3, 2])), samples * 2);
    }
  });

  it("refuses packets that are empty, or longer than a packet can be", () => {
    for (const packet of [[], [3, 0], [(3 << 3) | 3, 3]]) {
      assert.throws(() => packetSamples(new Uint8Array(packet)), OggError);
    }
  });
});

describe("createSpeechDecoder", () => {
  let clock: FakeClock;
  let packets: FakePacketDecoders;
  let files: FakeFiles;
  let problems: string[];
  let chunks: { firstSample: number; samples: Float32Array }[];
  let sink: SpeechSink;

  beforeEach(() => {
    clock = new FakeClock();
    packets = new FakePacketDecoders();
    files = new FakeFiles();
    problems = [];
    chunks = [];
    sink = {
      samples: (firstSample, samples) => void chunks.push({ firstSample, samples }),
      failed: (message) => void problems.push(message),
    };
  });

  const opus = (platform: DecodingPlatform, pagesInPiece = 1) => {
    const clip = chirpClip(pagesInPiece);
    const form = { audioEncoding: "oggOpus", audioHeader: clip.header } as const;
    return { clip, decoder: createSpeechDecoder(form, sink, clock, platform) };
  };
  const byPackets = () => opus({ packetDecoder: packets.create });
  const byFiles = (pagesInPiece = 1) => opus({ decodeFile: files.decode }, pagesInPiece);
  const addAll = (decoder: SpeechDecoder, clip = chirpClip()) => clip.pieces.forEach((piece) => decoder.add(piece));

  /** What came, end to end: it throws where something is missing, doubled or out of order. */
  const whole = (from = 0): Float32Array => {
    const samples: number[] = [];
    for (const chunk of chunks) {
      assert.equal(chunk.firstSample, from + samples.length);
      samples.push(...chunk.samples);
    }
    return Float32Array.from(samples);
  };

  it("decodes PCM at once", () => {
    const decoder = createSpeechDecoder({ audioEncoding: "pcmS16le", audioHeader: new Uint8Array(0) }, sink, clock);
    decoder.add({ firstSample: 10, sampleCount: 3, data: new Uint8Array([0, 0x40, 0, 0x80, 0xff, 0x7f]) });
    assert.deepEqual([...whole(10)], [0.5, -1, 32767 / 32768].map(Math.fround));
    decoder.add({ firstSample: 13, sampleCount: 2, data: new Uint8Array([0, 0x40]) });
    assert.equal(problems.length, 1);
    assert.equal(whole(10).length, 5);
  });

  it("gives each sample of each piece once, after the pre-skip and without the trimmed end", () => {
    const { clip, decoder } = byPackets();
    addAll(decoder, clip);
    packets.run();
    const samples = whole();
    assert.equal(samples.length, clip.sampleCount);
    assert.ok(samples.every((sample, i) => Math.abs(sample - (i + preSkip) / 65_536) < 1e-6));
    assert.deepEqual(problems, []);
    assert.deepEqual(packets.made[0]?.configured, { codec: "opus", sampleRate: 48_000, numberOfChannels: 1 });
    assert.equal(packets.made[0]?.timestamps[0], Math.round((-preSkip * 1e6) / 48_000));
  });

  it("is as loud as the header says: a decoder of packets does not know it", () => {
    const { header, pieces } = chirpClip();
    const audioHeader = changed(changed(header, 28 + 16, 0), 28 + 17, 6);
    createSpeechDecoder({ audioEncoding: "oggOpus", audioHeader }, sink, clock, { packetDecoder: packets.create }).add(pieces[0]!);
    packets.run();
    assert.ok(Math.abs(whole()[1000]! / ((1000 + preSkip) / 65_536) - 10 ** (6 / 20)) < 1e-4);
  });

  it("begins in mid-turn at the piece's own place", () => {
    const { clip, decoder } = byPackets();
    const piece = clip.pieces[5]!;
    decoder.add(piece);
    packets.run();
    assert.equal(whole(piece.firstSample).length, piece.sampleCount);
  });

  it("loses only the piece that an error is in: silence is in its place, and it is told", () => {
    const { clip, decoder } = byPackets();
    packets.faults.push(...new Array<"ok">(12).fill("ok"), "error");
    addAll(decoder, clip);
    packets.run();
    packets.run();
    const samples = whole();
    assert.equal(samples.length, clip.sampleCount);
    assert.deepEqual(problems, ["the packet is broken"]);
    const lost = clip.pieces[2]!;
    const end = lost.firstSample + lost.sampleCount;
    const lostFrom = samples.findIndex((sample, i) => Math.abs(sample - (i + preSkip) / 65_536) > 1e-6);
    assert.ok(lostFrom > lost.firstSample && lostFrom < end);
    assert.ok(samples.subarray(lostFrom, end).every((sample) => sample === 0));
    // A new decoder begins to count with the next piece.
    assert.ok(samples.subarray(end).every((sample, i) => Math.abs(sample - i / 65_536) < 1e-6));
  });

  it("goes on where decoding throws, and where bytes are no pages", () => {
    const { clip, decoder } = byPackets();
    decoder.add(clip.pieces[0]!);
    decoder.add({ ...clip.pieces[1]!, data: new Uint8Array([1, 2, 3]) });
    packets.run();
    packets.faults.push("throw");
    clip.pieces.slice(2).forEach((piece) => decoder.add(piece));
    packets.run();
    packets.run();
    assert.equal(whole().length, clip.sampleCount);
    assert.equal(problems.length, 2);
  });

  it("keeps broken bytes behind what is being decoded", () => {
    const { clip, decoder } = byPackets();
    decoder.add(clip.pieces[0]!);
    decoder.add({ ...clip.pieces[1]!, data: new Uint8Array([1, 2, 3]) });
    assert.deepEqual([chunks.length, problems.length], [0, 0]);
    packets.run();
    assert.equal(whole().length, clip.pieces[2]!.firstSample);
  });

  it("gives nothing after it is closed, whatever was under way", () => {
    const { clip, decoder } = byPackets();
    addAll(decoder, clip);
    packets.run(3);
    const before = chunks.length;
    decoder.close();
    packets.run();
    packets.made[0]!.outputLate();
    decoder.add(clip.pieces[0]!);
    clock.advance(60_000);
    assert.equal(chunks.length, before);
    assert.equal(packets.made[0]?.closed, true);
    assert.equal(clock.pendingTimers, 0);
  });

  it("brings out what a decoder holds back, at the end and when nothing comes", () => {
    const { clip, decoder } = byPackets();
    decoder.add(clip.pieces[0]!);
    packets.made[0]!.delay = 1;
    packets.run();
    assert.ok(whole().length < clip.pieces[0]!.sampleCount);
    clock.advance(2000);
    packets.run();
    assert.equal(whole().length, clip.pieces[0]!.sampleCount);
    decoder.add(clip.pieces[1]!);
    packets.run();
    decoder.finish();
    packets.run();
    assert.equal(whole().length, clip.pieces[2]!.firstSample);
    assert.deepEqual(problems, []);
  });

  it("gives up a decoder that does not answer, and tells it", () => {
    const { clip, decoder } = byPackets();
    decoder.add(clip.pieces[0]!);
    decoder.add(clip.pieces[1]!);
    clock.advance(4000);
    assert.deepEqual(problems, ["The browser's decoder does not answer."]);
    assert.equal(packets.made.length, 2);
    packets.made[0]!.outputLate();
    packets.run();
    const samples = whole();
    assert.equal(samples.length, clip.pieces[2]!.firstSample);
    assert.ok(samples.subarray(clip.pieces[1]!.firstSample).every((sample, i) => Math.abs(sample - i / 65_536) < 1e-6));
  });

  it("tells of a decoder that gives less than it was given", async () => {
    const { clip, decoder } = byPackets();
    packets.faults.push("lose");
    decoder.add(clip.pieces[0]!);
    packets.run();
    decoder.finish();
    packets.run();
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(whole().length, clip.pieces[0]!.sampleCount);
    assert.equal(problems.length, 1);
  });

  it("goes over to decodeAudioData where WebCodecs takes no Opus", async () => {
    const { clip, decoder } = opus({ packetDecoder: packets.create, decodeFile: files.decode });
    packets.faults.push("error");
    decoder.add(clip.pieces[0]!);
    packets.run();
    await files.answer(clip.pieces[0]!.sampleCount);
    decoder.add(clip.pieces[1]!);
    await files.answer(clip.pieces[2]!.firstSample);
    assert.equal(whole().length, clip.pieces[2]!.firstSample);
    assert.deepEqual(problems, []);
  });

  it("decodes files of header, what came before, and what is new; counted from the end", async () => {
    const { clip, decoder } = byFiles();
    const [first, second, third] = clip.pieces;
    decoder.add(first!);
    decoder.add(second!);
    decoder.add(third!);
    // A browser that keeps the pre-skip, and one that drops it.
    await files.answer(first!.sampleCount + preSkip);
    await files.answer(third!.firstSample + third!.sampleCount);
    const samples = whole();
    assert.equal(samples.length, third!.firstSample + third!.sampleCount);
    assert.ok(Math.abs(samples[first!.sampleCount - 1]! - 1 / 65_536) < 1e-9);
    const lengths = (...pieces: (typeof first)[]) => pieces.reduce((sum, piece) => sum + piece!.data.length, clip.header.length);
    assert.deepEqual(files.files.map((file) => file.length), [lengths(first), lengths(first, second, third)]);
  });

  it("tries each piece by itself where a file of several cannot be decoded", async () => {
    const { clip, decoder } = byFiles();
    clip.pieces.slice(0, 4).forEach((piece) => decoder.add(piece));
    await files.answer(clip.pieces[0]!.sampleCount);
    await files.answer(new Error("no"));
    await files.answer(10_000);
    await files.answer(new Error("broken"));
    await files.answer(10_000);
    assert.equal(whole().length, clip.pieces[4]!.firstSample);
    assert.deepEqual(problems, ["broken"]);
  });

  it("puts no broken piece into a file, and takes none that decodes to too little", async () => {
    const { clip, decoder } = byFiles();
    const [first, second, third, fourth] = clip.pieces;
    decoder.add(first!);
    decoder.add({ ...second!, data: second!.data.slice(0, 40) });
    decoder.add(third!);
    decoder.add(fourth!);
    await files.answer(first!.sampleCount);
    await files.answer(third!.sampleCount + fourth!.sampleCount - 9600);
    await files.answer(third!.sampleCount);
    await files.answer(fourth!.sampleCount);
    assert.equal(whole().length, clip.pieces[4]!.firstSample);
    assert.deepEqual(problems, ["The audio is not made of whole Ogg pages."]);
    assert.equal(files.files.length, 4);
  });

  it("gives nothing of a file that is decoded after the end", async () => {
    const { clip, decoder } = byFiles();
    decoder.add(clip.pieces[0]!);
    decoder.close();
    await files.answer(clip.pieces[0]!.sampleCount);
    assert.deepEqual(chunks, []);
  });

  it("is silent, and tells why, where nothing can decode", () => {
    const { clip, decoder } = opus({});
    decoder.add(clip.pieces[0]!);
    assert.equal(whole().length, clip.pieces[0]!.sampleCount);
    createSpeechDecoder({ audioEncoding: "unsupported", audioHeader: clip.header }, sink, clock).add(clip.pieces[1]!);
    createSpeechDecoder({ audioEncoding: "oggOpus", audioHeader: new Uint8Array(3) }, sink, clock, { packetDecoder: packets.create })
      .add(clip.pieces[2]!);
    assert.equal(whole().length, clip.pieces[3]!.firstSample);
    assert.equal(new Set(problems).size, 3);
  });
});

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

function page(flags: number, lacing: number[], body: Uint8Array): Uint8Array {
  const header = new Uint8Array(27);
  header.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
  header[26] = lacing.length;
  return new Uint8Array([...header, ...lacing, ...body]);
}
