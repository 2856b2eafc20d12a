// The page while its relay is killed and started again: node tests/browser/restart-check.mjs PAGE_URL RELAY_COMMAND...
// PAGE_URL is a demo's page with session and token in its fragment, best of one that speaks in real time, so that
// media are on their way when it happens. RELAY_COMMAND runs a second relay for the demo's gateway: the page's.
import assert from "node:assert/strict";
import { parsePageUrl, say, toneWav } from "../relay/demo.mjs";
import { startRelay } from "../relay/relay-process.mjs";
import { hearOut, observe, openBrowser, reaches, stateOf } from "./support.mjs";

const [demoUrl, ...relayCommand] = process.argv.slice(2);
const { relayUrl } = parsePageUrl(demoUrl);
// Long enough to play still when the relay is killed, also on a slow machine.
const speechSeconds = 20;
const sampleRate = 16_000;
/** What may lie between the last look at the page and the turn's end there, in seconds. */
const slackSeconds = 0.5;

const relay = await startRelay(relayCommand);
const { browser, openPage, problems } = await openBrowser(`${relay.url}/${new URL(demoUrl).hash}`);
try {
  const page = await openPage({ viewport: { width: 1280, height: 900 } });
  const turnId = await say(relayUrl, toneWav(speechSeconds));
  await reaches(page, (seen) => seen.turnId === turnId && seen.keyframe > 10, 20_000);
  await relay.kill();
  await reaches(page, (seen) => seen.state === "reconnecting", 20_000);
  assert.equal(stateOf(await observe(page), turnId), "started", "all of the turn was there before the relay was killed");
  const [heard] = await Promise.all([hearOut(page, turnId), relay.start()]);
  await reaches(page, (seen) => seen.turnId === "" && stateOf(seen, turnId) === "completed", 20_000);
  assert.ok(heard / sampleRate > speechSeconds - slackSeconds, `only ${heard} samples were heard`);
  assert.deepEqual(problems.filter((problem) => !isRelayAway(problem)), []);
} finally {
  await browser.close();
  await relay.kill();
}
console.log("ok - the turn is heard whole over a relay that was killed in mid-turn");
console.log("# pass 1");

/** A browser says on its console that a relay cannot be reached; no page can keep it from that. */
function isRelayAway(problem) {
  return problem.includes(new URL(relay.url).host) && problem.includes("ERR_CONNECTION_REFUSED");
}
