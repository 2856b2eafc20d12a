// Many turns in one page: node tests/browser/soak.mjs PAGE_URL [MINUTES]
// Memory must stay flat, and picture and sound together. PAGE_URL as for page-check.mjs, or "mock".
import assert from "node:assert/strict";
import { startMockDemo } from "../../scripts/mock-demo.mjs";
import { parsePageUrl, say } from "../relay/demo.mjs";
import { median, observe, openBrowser, reaches } from "./support.mjs";

const [address = "mock", minutes = "20"] = process.argv.slice(2);
/** Growth of the heap from the first quarter to the end that is still called flat, in bytes; one keyframe in ms. */
const flatBytes = 6 * 1024 * 1024;
const maxSkewMs = 40;

const mock = address === "mock" ? await startMockDemo() : undefined;
const pageUrl = mock?.url ?? address;
const { relayUrl } = parsePageUrl(pageUrl);
const { browser, openPage, problems } = await openBrowser(pageUrl);

try {
  const page = await openPage({ viewport: { width: 1280, height: 900 } });
  const devtools = await page.context().newCDPSession(page);
  const heap = [];
  let skewMs = [];
  const startedAt = Date.now();
  const durationMs = Number(minutes) * 60_000;
  while (Date.now() - startedAt < durationMs) {
    const turnId = await say(relayUrl);
    await reaches(page, (seen) => seen.turnId === turnId && seen.playerState === "playing", 20_000);
    skewMs = await listen(page, turnId);
    await devtools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    heap.push({ at: (Date.now() - startedAt) / durationMs, usedSize });
    console.log(`${Math.round((Date.now() - startedAt) / 1000)} s: ${(usedSize / 1e6).toFixed(1)} MB, skew ${median(skewMs).toFixed(1)} ms`);
  }
  const warm = median(heap.filter(({ at }) => at < 0.25).map(({ usedSize }) => usedSize));
  const late = median(heap.filter(({ at }) => at > 0.75).map(({ usedSize }) => usedSize));
  console.log(`heap: ${(warm / 1e6).toFixed(1)} MB in the first quarter, ${(late / 1e6).toFixed(1)} MB in the last`);
  assert.ok(late - warm < flatBytes, "the heap grew");
  assert.ok(Math.abs(median(skewMs)) <= maxSkewMs, "picture and sound came apart");
  assert.deepEqual(problems, []);
  console.log(`# pass ${heap.length}`);
} finally {
  await browser.close();
  await mock?.stop();
}

/** Skews while a turn plays, to its end. */
async function listen(page, turnId) {
  const skews = [];
  for (;;) {
    const seen = await observe(page);
    if (seen.turnId !== turnId) {
      return skews;
    }
    if (seen.skewMs !== undefined) {
      skews.push(seen.skewMs);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
