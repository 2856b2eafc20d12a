import { joined } from "./bytes.js";

/** Samples a second of every Ogg Opus timeline. */
export const opusRate = 48_000;

/** Bytes that are no Ogg Opus, or not in the form that the gateway promises. */
export class OggError extends Error {}

/** What the first header packet of a stream says. */
export interface OpusHead {
  /** 1 or 2. */
  readonly channels: number;
  /** Samples that are decoded before the first one that counts. */
  readonly preSkip: number;
  /** Factor to apply to what is decoded. */
  readonly gain: number;
}

const pageHeaderBytes = 27;
const continuedPacket = 1;
const capturePattern = [0x4f, 0x67, 0x67, 0x53];
const headMagic = "OpusHead";
/** RFC 6716: a packet lasts 120 ms at most. */
const maxPacketSamples = 5760;

/** Reads the head from a stream's header pages. Throws `OggError`. */
export function readOpusHead(headerPages: Uint8Array): OpusHead {
  const head = readPackets(headerPages)[0] ?? new Uint8Array(0);
  if (head.length < 19 || !headMagic.split("").every((letter, i) => head[i] === letter.charCodeAt(0))) {
    throw new OggError("The audio header holds no OpusHead.");
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const channels = view.getUint8(9);
  // Family 0 is mono or stereo, for which a decoder needs nothing but the count.
  if (view.getUint8(8) > 15 || view.getUint8(18) !== 0 || channels < 1 || channels > 2) {
    throw new OggError("The Opus stream is neither mono nor stereo.");
  }
  // The gain is in 256ths of a decibel.
  return { channels, preSkip: view.getUint16(10, true), gain: 10 ** (view.getInt16(16, true) / 5120) };
}

/**
 * The packets of whole pages, in order. One that began before them is left out; one that does not end in them throws, as
 * bytes that are no pages do. Checksums are not looked at: what brought the bytes has its own.
 */
export function readPackets(pages: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let begun: Uint8Array[] | undefined;
  for (let at = 0; at < pages.length; ) {
    const { lacing, continued, bodyAt } = readPageHeader(pages, at);
    // Undefined while the packet at hand is one whose beginning is not here.
    let parts: Uint8Array[] | undefined = continued ? begun : [];
    let from = bodyAt;
    let to = bodyAt;
    for (const length of lacing) {
      to += length;
      if (length === 255) {
        continue;
      }
      if (parts !== undefined) {
        packets.push(joined([...parts, pages.subarray(from, to)]));
      }
      parts = [];
      from = to;
    }
    begun = lacing.at(-1) === 255 && parts !== undefined ? [...parts, pages.subarray(from, to)] : undefined;
    at = to;
  }
  if (begun !== undefined) {
    throw new OggError("A packet is split between pieces.");
  }
  return packets.filter((packet) => packet.length > 0);
}

/** Samples at 48 kHz that a packet decodes to. Throws `OggError`. */
export function packetSamples(packet: Uint8Array): number {
  const [toc = 0, frames = 0] = packet;
  const config = toc >> 3;
  const code = toc & 3;
  const count = code === 0 ? 1 : code < 3 ? 2 : frames & 63;
  const samples = frameSamples(config) * count;
  if (packet.length === 0 || samples === 0 || samples > maxPacketSamples) {
    throw new OggError("A packet is no Opus.");
  }
  return samples;
}

/** RFC 6716, section 3.1: speech, hybrid and music have frames of their own lengths. */
function frameSamples(config: number): number {
  if (config < 12) {
    return [480, 960, 1920, 2880][config & 3] ?? 0;
  }
  return config < 16 ? 480 << (config & 1) : 120 << (config & 3);
}

function readPageHeader(pages: Uint8Array, at: number) {
  const lacingAt = at + pageHeaderBytes;
  const segments = pages[lacingAt - 1] ?? 0;
  const bodyAt = lacingAt + segments;
  const isPage = capturePattern.every((byte, i) => pages[at + i] === byte) && pages[at + 4] === 0;
  const lacing = [...pages.subarray(lacingAt, bodyAt)];
  if (!isPage || bodyAt + lacing.reduce((sum, length) => sum + length, 0) > pages.length) {
    throw new OggError("The audio is not made of whole Ogg pages.");
  }
  return { lacing, continued: ((pages[at + 5] ?? 0) & continuedPacket) !== 0, bodyAt };
}
