import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { SpeechPiece } from "../../src/speech/speech-decoder.js";

/** A stream of Ogg Opus as the gateway delivers a turn: the header pages, and pieces of whole pages at their places. */
export interface OpusClip {
  readonly header: Uint8Array;
  readonly pieces: SpeechPiece[];
  readonly sampleCount: number;
}

/** Three seconds less a thousand samples of a rising tone; pieces of about 100 ms, or of several such pages. */
export function chirpClip(pagesInPiece = 1): OpusClip {
  return cutOpus(readFileSync("tests/fixtures/chirp.opus"), pagesInPiece);
}

/** The tone of `chirpClip` at a time in seconds, as `scripts/make-opus-fixture.mjs` makes it. */
export function chirp(t: number): number {
  return 0.5 * Math.sin(2 * Math.PI * (150 * t + 40 * t * t));
}

/** Encodes 48 kHz mono by opusenc (opus-tools). */
export function encodeOpus(samples: Int16Array): OpusClip {
  const form = ["--raw", "--raw-rate", "48000", "--raw-chan", "1", "--raw-bits", "16"];
  const input = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const { stdout, status, stderr } = spawnSync("opusenc", [...form, "--bitrate", "24", "--max-delay", "100", "--quiet", "-", "-"], {
    input,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) {
    throw new Error(`opusenc failed: ${stderr}`);
  }
  return cutOpus(stdout);
}

/** Cuts a file into its header and pieces. Places are counted from the pages' own positions, without any code of the client. */
export function cutOpus(file: Uint8Array, pagesInPiece = 1): OpusClip {
  const pages = cutPages(file);
  const head = pages[0]?.data ?? new Uint8Array(0);
  const preSkip = new DataView(head.buffer, head.byteOffset).getUint16(head.indexOf(0x4f, 4) + 10, true);
  const header = new Uint8Array(Buffer.concat(pages.slice(0, 2).map((page) => page.data)));
  const pieces: SpeechPiece[] = [];
  let firstSample = 0;
  for (let i = 2; i < pages.length; i += pagesInPiece) {
    const some = pages.slice(i, i + pagesInPiece);
    const end = Number(some.at(-1)?.granule ?? 0n) - preSkip;
    const data = new Uint8Array(Buffer.concat(some.map((page) => page.data)));
    pieces.push({ firstSample, sampleCount: end - firstSample, data });
    firstSample = end;
  }
  return { header, pieces, sampleCount: firstSample };
}

function cutPages(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const pages: { granule: bigint; data: Uint8Array }[] = [];
  for (let at = 0; at < file.length; ) {
    const segments = view.getUint8(at + 26);
    let length = 27 + segments;
    for (let i = 0; i < segments; i++) {
      length += view.getUint8(at + 27 + i);
    }
    pages.push({ granule: view.getBigInt64(at + 6, true), data: file.subarray(at, at + length) });
    at += length;
  }
  return pages;
}
