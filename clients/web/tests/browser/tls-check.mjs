// The page of a relay that does TLS: node tests/browser/tls-check.mjs DEMO_PAGE_URL RELAY_URL
// DEMO_PAGE_URL is a demo's page with session and token in its fragment; RELAY_URL an https relay of the demo's gateway.
import assert from "node:assert/strict";
import { parsePageUrl, say } from "../relay/demo.mjs";
import { openBrowser, reaches } from "./support.mjs";

const [demoUrl, relayUrl] = process.argv.slice(2);
const pageUrl = new URL(new URL(demoUrl).hash, relayUrl).href;

const { browser } = await openBrowser(pageUrl);
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const statuses = [];
  devtools.on("Network.webSocketHandshakeResponseReceived", ({ response }) => statuses.push(response.status));
  await devtools.send("Network.enable");
  await page.goto(pageUrl);
  await reaches(page, (seen) => seen.state === "open", 30_000);
  const turnId = await say(parsePageUrl(demoUrl).relayUrl);
  await reaches(page, (seen) => seen.turnId === turnId && seen.keyframe > 10, 30_000);

  // Over HTTP/1.1 it would be 101.
  assert.deepEqual(statuses, [200]);
} finally {
  await browser.close();
}
console.log("ok - a WebSocket over HTTP/2 brings the face");
console.log("# pass 1");
