// How speech sounds and the face follows: node tests/browser/speech-check.mjs PAGE_URL SECONDS [TURNS] [ENCODING] [FACE]
// PAGE_URL is a demo's page with session and token in its fragment, whose demo says a WAV as fast as it is to be tried: at
// the speed of speech, or faster. The page joins before the first turn. Each turn's clock has to run at 1.00 of the device's, its
// face to follow within 80 ms, and to move in more than nine pictures of ten within speech. ENCODING is `pcmS16le` or `oggOpus`.
// FACE is `follows`, `follows-later`, from the second turn on, or `late`: speech does not wait for it then, and how late it is is told.
// With "mock" instead of PAGE_URL the relay is a made-up one, in turn in each of the ways below.
import assert from "node:assert/strict";
import { startMockDemo } from "../../scripts/mock-demo.mjs";
import { parsePageUrl, say, toneWav } from "../relay/demo.mjs";
import { observe, openBrowser, reaches, stateOf } from "./support.mjs";

const [address = "mock", seconds = "8", turns = "2", encoding, face = "follows"] = process.argv.slice(2);
const maxSkewMs = 80;
const leastMoving = 0.9;
/** Both clocks are looked at one after the other, which weighs more in a short turn. */
const clockTolerance = Number(seconds) >= 30 ? 0.01 : 0.05;
/** Of real time: a device that nobody hears is stopped for a moment where the machine is busy. */
const leastDeviceRate = 0.9;

const ways = {
  "a voice in real time": { pace: 1, keyframesAtOnce: 10, motionDelayMs: 120, paced: false },
  "a voice in real time, Ogg Opus": { pace: 1, keyframesAtOnce: 10, motionDelayMs: 120, paced: false, opus: true },
  "ten times real time": { pace: 10, motionDelayMs: 200, paced: false },
  "ten times real time, Ogg Opus": { pace: 10, motionDelayMs: 200, paced: false, opus: true },
};
let passed = 0;

if (address === "mock") {
  for (const [name, voice] of Object.entries(ways)) {
    const mock = await startMockDemo(Number(seconds), voice);
    try {
      await check(name, mock.url, undefined, voice.opus ? "oggOpus" : "pcmS16le", false);
    } finally {
      await mock.stop();
    }
  }
} else {
  await check("the demo", address, toneWav(Number(seconds)), encoding, true);
}
console.log(`# pass ${passed}`);

async function check(name, pageUrl, wav, wantedEncoding, wantedPaced) {
  const { relayUrl } = parsePageUrl(pageUrl);
  const { browser, openPage, problems } = await openBrowser(pageUrl);
  try {
    const page = await openPage({ viewport: { width: 1280, height: 900 } });
    for (let turn = 1; turn <= Number(turns); turn++) {
      const turnId = await say(relayUrl, wav);
      await hear(page, `${name}, turn ${turn}`, turnId, wantedEncoding, wantedPaced, face === "follows-later" && turn === 1);
    }
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
  }
}

async function hear(page, name, turnId, wantedEncoding, wantedPaced, mayBeLate) {
  await reaches(page, (seen) => seen.turnId === turnId && seen.playerState === "playing", 30_000);
  const begun = await observe(page);
  const limitMs = (Number(seconds) + 30) * 1000;
  await reaches(page, (seen) => seen.turnId !== turnId && stateOf(seen, turnId) === "completed", limitMs);
  const ended = await observe(page);
  const turn = ended.turns.find(({ id }) => id === turnId);
  const { playing, speaking, jawMoved, worstSkewMs, medianDeviceSkewMs, clockRate, clockSeconds, breaks } = turn.pictures;
  const audioClockRate = ((ended.audioClockSeconds - begun.audioClockSeconds) * 1000) / (ended.pageMs - begun.pageMs);
  console.log(
    `  ${name}: ${turn.encoding}, paced ${turn.paced}; jaw moved in ${jawMoved} of ${speaking} pictures within speech (${playing} in all); ` +
    `skew at worst ${worstSkewMs?.toFixed(0)} ms, by the device ${medianDeviceSkewMs?.toFixed(0)} ms; ` +
    `clock ${clockRate?.toFixed(4)} over ${clockSeconds.toFixed(1)} s, device ${audioClockRate.toFixed(4)}; ` +
    `${breaks} breaks; ${ended.stats.decodeErrors} decode errors; buffer ${ended.stats.bufferMs.toFixed(0)} ms`,
  );
  assert.ok(wantedEncoding === undefined || turn.encoding === wantedEncoding, turn.encoding);
  assert.equal(turn.paced, wantedPaced);
  assert.ok(speaking > 20, `${speaking} pictures within speech`);
  if (face === "late") {
    assert.equal(breaks, 0, "speech waits for the face");
    assert.ok(worstSkewMs < -maxSkewMs, "the face is not late, or it is not told");
  } else if (!mayBeLate) {
    assert.ok(jawMoved > leastMoving * speaking, "the face stands still");
    assert.ok(Math.abs(worstSkewMs) <= maxSkewMs, "picture and sound are apart");
    assert.ok(Math.abs(medianDeviceSkewMs) <= maxSkewMs, "picture and sound are apart by the device's report");
  }
  // The turn keeps the device's pace. The one that a browser without sound pretends to have falls behind where it gets no time.
  assert.ok(Math.abs(clockRate / audioClockRate - 1) <= clockTolerance, "the turn's clock is not the device's");
  assert.ok(audioClockRate <= 1 + clockTolerance && audioClockRate >= leastDeviceRate, "the device's clock is off");
  assert.equal(ended.stats.decodeErrors, 0, ended.stats.lastDecodeError);
  passed++;
  console.log(`ok - ${name}`);
}
