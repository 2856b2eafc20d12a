// Checks the page in headless Chromium: node tests/browser/page-check.mjs PAGE_URL OUTPUT_DIRECTORY
// PAGE_URL is the relay's page with session and token in its fragment; the relay has to be in demo mode.
// Without PAGE_URL, or with "mock", it runs against a made-up relay.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { build } from "esbuild";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import WebSocket from "ws";
import { startMockDemo } from "../../scripts/mock-demo.mjs";

const [address = "mock", output = "build/screenshots"] = process.argv.slice(2);
const keyframeRate = 25;
const toleranceKeyframes = 2;

const mock = address === "mock" ? await startMockDemo() : undefined;
const pageUrl = mock?.url ?? address;
const relayUrl = new URL(".", pageUrl.split("#")[0]).href;
const fragment = new URLSearchParams(new URL(pageUrl).hash.slice(1));

await mkdir(output, { recursive: true });
const { connect, decodePoses, poseLayout } = await loadClient();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
  ],
});
const problems = [];
let passed = 0;

try {
  const feed = ownFeed();
  const page = await openPage({ viewport: { width: 1280, height: 900 } });
  await check("joins while the clip plays", () => joinsWhilePlaying(page));
  await check("jaw values match the feed at the page's audio clock", () => jawMatches(page, feed));
  await check("a turn completes", () => reaches(page, (seen) => seen.turnId === "" && seen.turns.at(-1)?.state === "completed", 60_000));
  await page.screenshot({ path: `${output}/idle.png` });
  await check("interrupt silences it", () => interruptSilences(page));
  await check("narrow and dark pages fit", () => otherLooks());
  await check("no console error, no failed request, no foreign host", () => assert.deepEqual(problems, []));
  feed.close();
} finally {
  await browser.close();
  await mock?.stop();
}
console.log(`# pass ${passed}`);

async function joinsWhilePlaying(page) {
  await say();
  await reaches(page, (seen) => seen.playerState === "playing" && seen.keyframe > 10, 20_000);
  const seen = await observe(page);
  assert.equal(seen.state, "open");
  assert.ok(["started", "sealed"].includes(seen.turnState), seen.turnState);
  await page.screenshot({ path: `${output}/speaking.png` });
}

/** Samples the page while the turn plays; each jaw must be one that the feed has near the heard sample. */
async function jawMatches(page, feed) {
  const worst = { keyframes: 0, skewMs: 0 };
  let compared = 0;
  for (;;) {
    const seen = await observe(page);
    if (seen.turnId === "" || seen.turnState === "interrupted") {
      break;
    }
    if (seen.playerState === "playing" && seen.jaw !== undefined) {
      const turn = feed.turns.get(seen.turnId);
      const due = (seen.audioClockSamples * keyframeRate) / turn.sampleRate;
      worst.keyframes = Math.max(worst.keyframes, distance(turn.jaws, due, seen.jaw));
      worst.skewMs = Math.max(worst.skewMs, Math.abs(seen.skewMs ?? 0));
      compared++;
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  console.log(`  ${compared} values compared; worst: ${worst.keyframes.toFixed(2)} keyframes, skew ${worst.skewMs.toFixed(1)} ms`);
  assert.ok(compared > 50, `${compared} values`);
  assert.ok(worst.keyframes <= toleranceKeyframes);
  assert.ok(worst.skewMs <= toleranceKeyframes * 40);
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

async function interruptSilences(page) {
  await page.getByRole("button", { name: "Say the clip" }).click();
  await reaches(page, (seen) => seen.playerState === "playing" && seen.keyframe > 15, 20_000);
  await page.keyboard.press("Escape");
  await reaches(page, (seen) => seen.turnId === "" && seen.turns.at(-1)?.state === "interrupted", 3_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await observe(page)).playerState, "idle");
}

async function otherLooks() {
  const phone = await openPage({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
  const dark = await openPage({ viewport: { width: 1280, height: 900 }, colorScheme: "dark" });
  await say();
  for (const [page, name] of [[phone, "phone"], [dark, "dark"]]) {
    await reaches(page, (seen) => seen.playerState === "playing" && seen.keyframe > 40, 20_000);
    await page.screenshot({ path: `${output}/${name}.png` });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${name} is ${overflow} pixels too wide`);
    await page.close();
  }
}

async function openPage(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      problems.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("requestfailed", (request) => problems.push(`failed: ${request.url()}`));
  page.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(relayUrl).host) {
      problems.push(`foreign host: ${request.url()}`);
    }
  });
  await page.goto(pageUrl);
  await reaches(page, (seen) => seen.state === "open", 10_000);
  return page;
}

async function say() {
  const response = await fetch(new URL("demo/say", relayUrl), { method: "POST" });
  assert.equal(response.status, 202);
}

const observe = (page) => page.evaluate(() => window.motionGateway);

async function reaches(page, condition, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await observe(page);
    if (seen !== undefined && condition(seen)) {
      return;
    }
    assert.ok(Date.now() < deadline, `not reached: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
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
    sessionId: fragment.get("session"),
    token: fragment.get("token"),
    webSocket: (url, subprotocol) => new WebSocket(url, subprotocol),
  });
  feed.on("turnStarted", ({ turnId, sampleRate }) => turns.set(turnId, { sampleRate, jaws: [] }));
  feed.on("motion", ({ turnId, firstKeyframe, envelope }) => {
    decodePoses(envelope).forEach((pose, i) => {
      turns.get(turnId).jaws[firstKeyframe + i] = pose[poseLayout.jaw];
    });
  });
  return { turns, close: () => feed.close() };
}

/** The client from its sources, so that the check needs no build of its own. */
async function loadClient() {
  const contents = 'export * from "./src/index.ts"; export { decodePoses, poseLayout } from "./src/player/pose.ts";';
  await build({
    stdin: { contents, resolveDir: ".", loader: "ts" },
    outfile: "build/page-check-client.mjs",
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  return import(pathToFileURL("build/page-check-client.mjs").href);
}
