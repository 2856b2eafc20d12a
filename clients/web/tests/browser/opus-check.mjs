// Ogg Opus as this machine's Chromium decodes it, by each way that the player has: node tests/browser/opus-check.mjs
// What is decoded must lie on the turn's timeline to the sample: from the start, from within, and over a broken piece.
import assert from "node:assert/strict";
import { build } from "esbuild";
import { startMockDemo } from "../../scripts/mock-demo.mjs";
import { evaluate, openBrowser } from "./support.mjs";

const rate = 48_000;
const { chirpClip, chirp } = await load('export * from "./tests/support/opus-clip.ts";', "node");
const clip = chirpClip();
const mock = await startMockDemo();
const { browser, openPage } = await openBrowser(mock.url);
let passed = 0;

try {
  const page = await openPage();
  await evaluate(page, await bundle('export * from "./src/speech/create-decoder.ts"; export * from "./src/speech/decoding-platform.ts";'));
  assert.deepEqual(await evaluate(page, "Object.keys(speech.browserDecoding()).sort()"), ["decodeFile", "packetDecoder"]);
  for (const way of ["packetDecoder", "decodeFile"]) {
    await check(`${way}: a whole turn`, way, clip.pieces);
    await check(`${way}: from within a turn`, way, clip.pieces.slice(7));
    await check(`${way}: over a broken piece`, way, clip.pieces, 9);
  }
} finally {
  await browser.close();
  await mock.stop();
}
console.log(`# pass ${passed}`);

async function check(name, way, pieces, broken) {
  const input = pieces.map(({ firstSample, sampleCount, data }, i) => ({ firstSample, sampleCount, data: [...(i === broken ? data.slice(0, 60) : data)] }));
  const { from, samples, problems } = await decode(way, input);
  assert.equal(from, pieces[0].firstSample);
  assert.equal(samples.length, pieces.reduce((sum, piece) => sum + piece.sampleCount, 0));
  assert.equal(problems.length, broken === undefined ? 0 : 1, problems.join());
  let worst = 1;
  pieces.forEach((piece, i) => {
    // The first 80 ms within a turn are not exact; nor is the piece behind a broken one.
    const isSettled = (piece.firstSample === 0 || i > 0) && (broken === undefined || i < broken || i > broken + 1);
    if (isSettled) {
      worst = Math.min(worst, likeness(samples.slice(piece.firstSample - from, piece.firstSample - from + piece.sampleCount), piece.firstSample));
    }
  });
  assert.ok(worst > 0.9, `a piece is like the tone at its place to ${worst.toFixed(3)} only`);
  passed++;
  console.log(`ok - ${name}: each piece is like its tone to ${worst.toFixed(3)} or more`);
}

/** Correlation with the tone that belongs there: a millisecond makes it 0.6 or less. Opus itself may shift by a tenth of one. */
function likeness(samples, firstSample) {
  const tone = samples.map((_, i) => chirp((firstSample + i) / rate));
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  return dot(samples, tone) / Math.sqrt(dot(samples, samples) * dot(tone, tone));
}

async function decode(way, pieces) {
  const page = browser.contexts()[0].pages()[0];
  return evaluate(page, `(async () => {
    const samples = [];
    const problems = [];
    let from;
    const wanted = ${pieces.reduce((sum, piece) => sum + piece.sampleCount, 0)};
    await new Promise((resolve) => {
      const sink = {
        samples: (first, some) => {
          from ??= first;
          samples.push(...some);
          if (samples.length >= wanted) resolve();
        },
        failed: (message) => problems.push(message),
      };
      const clock = { now: () => performance.now(), setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (t) => clearTimeout(t) };
      const platform = { ${way}: speech.browserDecoding().${way} };
      const form = { audioEncoding: "oggOpus", audioHeader: new Uint8Array(${JSON.stringify([...clip.header])}) };
      const decoder = speech.createSpeechDecoder(form, sink, clock, platform);
      for (const piece of ${JSON.stringify(pieces)}) decoder.add({ ...piece, data: new Uint8Array(piece.data) });
      decoder.finish();
    });
    return { from, samples, problems };
  })()`);
}

async function bundle(contents) {
  const { outputFiles } = await build({ ...source(contents), bundle: true, format: "iife", globalName: "speech", write: false });
  return `${outputFiles[0].text}; globalThis.speech = speech; undefined`;
}

async function load(contents, platform) {
  const outfile = "build/opus-check-support.mjs";
  await build({ ...source(contents), outfile, bundle: true, platform, format: "esm" });
  return import(new URL(`../../${outfile}`, import.meta.url).href);
}

function source(contents) {
  return { stdin: { contents, resolveDir: ".", loader: "ts" } };
}
