// Checks the page in headless Chromium: node tests/browser/page-check.mjs PAGE_URL OUTPUT_DIRECTORY
// PAGE_URL is the relay's page with session and token in its fragment; the relay has to be in demo mode.
// Without PAGE_URL, or with "mock", the relay is a made-up one.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import WebSocket from "ws";
import { startMockDemo } from "../../scripts/mock-demo.mjs";
import { parsePageUrl, say, toneWav } from "../relay/demo.mjs";
import { evaluate, hearOut, loadClient, median, observe, openBrowser, reaches, stateOf } from "./support.mjs";

const [address = "mock", output = "build/screenshots"] = process.argv.slice(2);
const keyframeRate = 25;
const toleranceKeyframes = 2;

const mock = address === "mock" ? await startMockDemo() : undefined;
const pageUrl = mock?.url ?? address;
const { relayUrl, sessionId, token } = parsePageUrl(pageUrl);

await mkdir(output, { recursive: true });
const { connect, decodePoses, poseLayout } = await loadClient();
const { browser, openPage, problems } = await openBrowser(pageUrl);
let passed = 0;

try {
  const feed = ownFeed();
  await feed.opened;
  const turn = await say(relayUrl);
  await feed.reaches(turn, 10);
  const page = await openPage({ viewport: { width: 1280, height: 900 } });
  await check("joins while the clip plays", () => joinsWhilePlaying(page, turn));
  const picture = takePictureOfSpeech(page, feed.turns.get(turn).jaws);
  await check("jaw values match the feed at the page's audio clock over the whole clip", () => jawMatches(page, feed, turn));
  await picture;
  await check("the turn completes", () => completes(page, turn));
  await page.screenshot({ path: `${output}/idle.png` });
  await check("interrupt silences it", () => interruptSilences(page));
  if (mock !== undefined) {
    await check("a connection that breaks in mid-turn is not heard", () => survivesBreak(page));
  }
  await check("a WAV is said", () => saysWav(page));
  await check("what is typed is answered, with captions", () => answersText(page));
  await check("what is said into the microphone is answered", () => answersSpeech(page));
  await check("further viewers are in step", () => showsFurtherViewers(page));
  await check("one button begins everything", () => playsAtFirst());
  await check("a browser that wants a gesture is asked for one", () => waitsForGesture());
  await check("a bad token is told, and there is a way back", () => leadsBack());
  if (mock !== undefined) {
    await check("a gateway that is away is told until it is back", () => tellsOfGateway(page));
    await check("a viewer that may not talk is told so", () => tellsOfPermission());
  }
  await check("narrow and dark pages fit", () => otherLooks());
  await check("no console error, no foreign host", () => assert.deepEqual(problems, []));
  feed.close();
} finally {
  await browser.close();
  await mock?.stop();
}
console.log(`# pass ${passed}`);

async function joinsWhilePlaying(page, turn) {
  await reaches(page, (seen) => seen.playerState === "playing" && seen.keyframe > 10, 20_000);
  const seen = await observe(page);
  assert.equal(seen.state, "open");
  assert.equal(seen.turnId, turn);
}

/** Well into the clip, with an open mouth. */
async function takePictureOfSpeech(page, jaws) {
  await reaches(page, (seen) => seen.keyframe > 120 && seen.jaw > 0.7 * Math.max(...jaws), 30_000);
  await page.screenshot({ path: `${output}/speaking.png` });
}

/** Samples the page while the turn plays; each jaw must be one that the feed has near the heard sample. */
async function jawMatches(page, feed, turnId) {
  let worst = 0;
  const skews = [];
  let compared = 0;
  let lastDue = 0;
  for (;;) {
    const seen = await observe(page);
    if (seen.turnId !== turnId) {
      break;
    }
    if (seen.playerState === "playing" && seen.jaw !== undefined) {
      const { jaws, sampleRate } = feed.turns.get(turnId);
      const due = (seen.audioClockSamples * keyframeRate) / sampleRate;
      worst = Math.max(worst, distance(jaws, due, seen.jaw));
      skews.push(Math.abs(seen.skewMs ?? 0));
      lastDue = due;
      compared++;
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  console.log(`  ${compared} values compared; worst: ${worst.toFixed(2)} keyframes; median skew ${median(skews).toFixed(1)} ms`);
  assert.ok(compared > 100, `${compared} values`);
  assert.ok(lastDue > feed.turns.get(turnId).jaws.length - keyframeRate, `compared only to keyframe ${lastDue}`);
  assert.ok(worst <= toleranceKeyframes);
  // What the device says of itself is late now and then where it shares a busy processor.
  assert.ok(median(skews) <= 1000 / keyframeRate);
}

/** How many keyframes away from `due` the curve takes a value; values between two keyframes count as taken. */
function distance(jaws, due, jaw) {
  const slack = 1e-5;
  for (let away = 0; away <= 10; away += 0.25) {
    for (const at of [due - away, due + away]) {
      const k = Math.max(0, Math.min(jaws.length - 1, Math.floor(at)));
      const next = Math.min(jaws.length - 1, k + 1);
      const [low, high] = [Math.min(jaws[k], jaws[next]), Math.max(jaws[k], jaws[next])];
      if (jaw >= low - slack && jaw <= high + slack) {
        return away;
      }
    }
  }
  return Number.POSITIVE_INFINITY;
}

async function completes(page, turnId) {
  await reaches(page, (seen) => seen.turnId === "" && stateOf(seen, turnId) === "completed", 60_000);
}

async function interruptSilences(page) {
  await page.getByRole("button", { name: "Say the clip" }).click();
  await reaches(page, (seen) => seen.playerState === "playing" && seen.keyframe > 15, 20_000);
  const { turnId } = await observe(page);
  await page.keyboard.press("Escape");
  await reaches(page, (seen) => seen.turnId === "" && stateOf(seen, turnId) === "interrupted", 20_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await observe(page)).playerState, "idle");
  const [, heard, of] = /([\d.]+) of ([\d.]+) s heard/.exec(await page.locator("#turns li").first().innerText()) ?? [];
  assert.ok(Number(heard) > 0.3 && Number(heard) < Number(of), `heard ${heard} of ${of} s`);
}

async function survivesBreak(page) {
  const turnId = await say(relayUrl);
  await reaches(page, (seen) => seen.turnId === turnId && seen.keyframe > 20, 20_000);
  const errorsBefore = (await observe(page)).errors.length;
  mock.relay.breakAll();
  await hearOut(page, turnId);
  await completes(page, turnId);
  assert.ok((await observe(page)).errors.length > errorsBefore, "the connection was never broken");
}

async function saysWav(page) {
  const before = (await observe(page)).turns.length;
  await page.setInputFiles("#say-file", { name: "tone.wav", mimeType: "audio/wav", buffer: toneWav(10) });
  await reaches(page, (seen) => seen.turns.length > before && seen.playerState === "playing", 20_000);
  await page.keyboard.press("Escape");
  await reaches(page, (seen) => seen.turnId === "", 20_000);
}

async function answersText(page) {
  const before = (await observe(page)).turns.length;
  await page.getByLabel("What to say to it").fill("How do you do?");
  await page.getByRole("button", { name: "Send" }).click();
  await reaches(page, (seen) => seen.turns.length > before && seen.playerState === "playing" && seen.keyframe > 5, 30_000);
  assert.match(await page.locator("#said").innerText(), /How do you do\?/);
  await page.screenshot({ path: `${output}/talking.png` });
  await page.keyboard.press("Escape");
  await reaches(page, (seen) => seen.turnId === "", 20_000);
}

/** Two seconds of what the browser's own microphone hears are answered. While the avatar speaks it is deaf, so that it does not answer itself. */
async function answersSpeech(page) {
  const before = (await observe(page)).turns.length;
  await page.getByRole("button", { name: "Speak", exact: true }).click();
  await reachesInPage(page, "document.getElementById('level').value > 0.3");
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await page.getByRole("button", { name: /Stop|Waiting/ }).click();
  await reaches(page, (seen) => seen.turns.length > before && seen.playerState === "playing", 30_000);
  await page.keyboard.press("Escape");
  await reaches(page, (seen) => seen.turnId === "", 20_000);
}

async function showsFurtherViewers(page) {
  const add = page.getByRole("button", { name: "Add a viewer" });
  await add.click();
  await add.click();
  assert.equal(await add.isVisible(), false, "there is no end of viewers");
  const turnId = await say(relayUrl);
  const isInStep = ({ turnId: id, aheadMs }) => id === turnId && aheadMs !== undefined && Math.abs(aheadMs) < 500;
  await reaches(page, (seen) => seen.viewers.length === 2 && seen.viewers.every(isInStep) && seen.keyframe > 40, 30_000);
  await page.screenshot({ path: `${output}/side-by-side.png`, fullPage: true });
  await page.getByRole("button", { name: "Remove viewer 2" }).click();
  await page.getByRole("button", { name: "Remove viewer 2" }).click();
  await reaches(page, (seen) => seen.viewers.length === 0, 20_000);
  await page.keyboard.press("Escape");
  await reaches(page, (seen) => seen.turnId === "", 20_000);
}

/** Without a turn, the demo says its clip; the address needs no fragment. */
async function playsAtFirst() {
  const fresh = mock === undefined ? undefined : await startMockDemo();
  const url = new URL("/", fresh?.url ?? relayUrl).href;
  const strict = await openBrowser(url, { wantsGesture: true });
  try {
    const page = await strict.openPage({ viewport: { width: 1280, height: 900 } });
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
    await page.screenshot({ path: `${output}/first.png` });
    if (fresh !== undefined) {
      await page.getByRole("button", { name: "Play", exact: true }).click();
      await reaches(page, (seen) => seen.playerState === "playing" && seen.keyframe > 5, 20_000);
      assert.equal(await page.locator("#play").isVisible(), false);
    }
    assert.deepEqual(strict.problems, []);
  } finally {
    await strict.browser.close();
    await fresh?.stop();
  }
}

async function leadsBack() {
  const page = await openPage({ viewport: { width: 390, height: 844 } }, pageUrl.replace(/token=.*/, "token=wrong"), false);
  await page.getByRole("button", { name: "Join the demo’s session" }).waitFor();
  assert.match(await page.getByRole("alert").innerText(), /token is not valid/);
  await page.screenshot({ path: `${output}/bad-token.png` });
  await page.getByRole("button", { name: "Join the demo’s session" }).click();
  await reaches(page, (seen) => seen.state === "open", 20_000);
  assert.equal(new URL(page.url()).hash, "");
  await page.close();
}

async function tellsOfGateway(page) {
  mock.relay.tell({ case: "gatewayAway", value: { $typeName: "motiongateway.v1.GatewayAway", limitMs: 60_000 } });
  await page.getByText("The gateway cannot be reached.").waitFor();
  assert.equal((await observe(page)).state, "open");
  await page.screenshot({ path: `${output}/gateway-away.png` });
  mock.relay.tell({ case: "gatewayBack", value: { $typeName: "motiongateway.v1.GatewayBack" } });
  await page.getByText("The gateway cannot be reached.").waitFor({ state: "hidden" });
}

async function tellsOfPermission() {
  const { permissions } = mock.relay;
  mock.relay.permissions = [];
  const page = await openPage({ viewport: { width: 390, height: 844 } });
  await page.getByText("Your token lets you watch, not talk").waitFor();
  assert.equal(await page.getByRole("button", { name: "Speak", exact: true }).isDisabled(), true);
  mock.relay.permissions = permissions;
  await page.close();
}

async function reachesInPage(page, expression) {
  const deadline = Date.now() + 20_000;
  while (!(await evaluate(page, expression))) {
    assert.ok(Date.now() < deadline, `not reached: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function waitsForGesture() {
  const strict = await openBrowser(pageUrl, { wantsGesture: true });
  try {
    const page = await strict.openPage();
    const turnId = await say(relayUrl);
    await reaches(page, (seen) => seen.turnId === turnId && seen.playerState === "suspended", 20_000);
    assert.equal((await observe(page)).audioClockSamples, 0);
    const { x, y, width, height } = await evaluate(page, 'document.getElementById("play").getBoundingClientRect().toJSON()');
    assert.ok(width > 0, "the button is not shown");
    await page.mouse.click(x + width / 2, y + height / 2);
    await reaches(page, (seen) => seen.turnId === turnId && seen.playerState === "playing" && seen.keyframe > 5, 20_000);
    assert.equal(await page.locator("#play").isVisible(), false);
    assert.deepEqual(strict.problems, [], "the browser complains before the first click");
  } finally {
    await strict.browser.close();
  }
}

async function otherLooks() {
  const phone = await openPage({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
  const dark = await openPage({ viewport: { width: 1280, height: 900 }, colorScheme: "dark", reducedMotion: "reduce" });
  await dark.locator("summary").click();
  const turnId = await say(relayUrl);
  for (const [page, name] of [[phone, "phone"], [dark, "dark"]]) {
    await reaches(page, (seen) => seen.turnId === turnId && seen.keyframe > 40, 20_000);
    await page.screenshot({ path: `${output}/${name}.png`, fullPage: true });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${name} is ${overflow} pixels too wide`);
    await page.close();
  }
}

async function check(name, run) {
  await run();
  passed++;
  console.log(`ok - ${name}`);
}

/** A reader beside the page: the jaw of each keyframe of each turn. */
function ownFeed() {
  const turns = new Map();
  const feed = connect({
    url: relayUrl,
    sessionId,
    token,
    webSocket: (url, subprotocol) => new WebSocket(url, subprotocol),
  });
  feed.on("turnStarted", ({ turnId, sampleRate }) => turns.set(turnId, { sampleRate, jaws: [] }));
  feed.on("motion", ({ turnId, firstKeyframe, envelope }) => {
    decodePoses(envelope).forEach((pose, i) => {
      turns.get(turnId).jaws[firstKeyframe + i] = pose[poseLayout.jaw];
    });
  });
  return {
    turns,
    opened: new Promise((resolve) => feed.on("opened", resolve)),
    close: () => feed.close(),
    async reaches(turnId, keyframes) {
      const deadline = Date.now() + 20_000;
      while ((turns.get(turnId)?.jaws.length ?? 0) < keyframes) {
        assert.ok(Date.now() < deadline, "no motion came");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
