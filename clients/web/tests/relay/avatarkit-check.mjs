// The built library against a true relay: node tests/relay/avatarkit-check.mjs PAGE_URL RELAY_COMMAND...
// PAGE_URL is a demo's page with session and token in its fragment; RELAY_COMMAND runs a second relay for the demo's
// gateway, which is killed on the way. A strict controller behind that relay has to be given exactly what a feed of
// the demo's own relay, which nothing disturbs, brings.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { attachAvatarKit, connect } from "@motiongateway/web";
import { build } from "esbuild";
import WebSocket from "ws";
import { parsePageUrl, say, toneWav } from "./demo.mjs";
import { startRelay } from "./relay-process.mjs";

const [pageUrl, ...relayCommand] = process.argv.slice(2);
const limitMs = 60_000;
// Long enough to play still when the relay is killed, also on a slow machine.
const speechSeconds = 20;
const { relayUrl, sessionId, token } = parsePageUrl(pageUrl);
const { StrictAvatarKit } = await loadStrictAvatarKit();
const relay = await startRelay(relayCommand);
const reference = follow(relayUrl);
const early = attach();
let passed = 0;

try {
  await Promise.all([reference.opened, early.opened]);
  const wav = toneWav(speechSeconds);

  const turn = await say(relayUrl, wav);
  await until(() => reference.turn(turn).keyframes > 40);
  const late = attach();
  await until(() => late.kit.current?.keyframes > 20);
  await relay.kill();
  await until(() => early.feed.state === "reconnecting" && late.feed.state === "reconnecting");
  assert.equal(reference.turn(turn).outcome, undefined, "the relay was killed after the turn");
  await relay.start();
  await whole("a turn over a relay that was killed is whole", early, turn, 1);
  await whole("a turn that was joined late, too", late, turn, 1);

  const interrupted = await say(relayUrl, wav);
  await until(() => early.kit.conversations.length === 2 && early.kit.current.keyframes > 20);
  early.feed.interrupt();
  await until(() => early.kit.current.interrupted);
  await until(() => reference.turn(interrupted).outcome === "interrupted");
  tell("an interrupt stops the controller");

  const last = await say(relayUrl, toneWav(2));
  await whole("the turn after an interrupt is whole", early, last, 3);
  // The late one is still behind: it may have had the interrupted turn or not, but never more than a piece of it.
  await until(() => late.kit.current?.ended && reference.equals(last, late.kit.current.samples));
  tell("a viewer behind comes to the present");
  assert.deepEqual([early.kit.dropped, late.kit.dropped], [[], []]);
  tell("nothing is dropped");
  late.feed.close();
} finally {
  early.feed.close();
  reference.feed.close();
  await relay.kill();
}
console.log(`# pass ${passed}`);

function tell(name) {
  passed++;
  console.log(`ok - ${name}`);
}

/** The conversation of that number must have, to the byte, what the reference has of the turn. */
async function whole(name, { kit, frames }, turnId, conversations) {
  await until(() => kit.conversations.length === conversations && kit.current.ended && reference.turn(turnId).sealed);
  const { envelopes, keyframes } = reference.turn(turnId);
  await until(() => kit.current.keyframes === keyframes);
  assert.ok(reference.equals(turnId, kit.current.samples), "the audio differs");
  assert.ok(Buffer.concat(frames.get(kit.current.id)).equals(Buffer.concat(envelopes)), "the motion differs");
  tell(name);
}

/** A strict controller behind the relay that is killed. */
function attach() {
  const kit = new StrictAvatarKit(() => true);
  const frames = new Map();
  const feed = connectTo(relay.url);
  attachAvatarKit(feed, {
    yieldAudioData: (bytes, isLast) => kit.yieldAudioData(bytes, isLast),
    yieldFramesData: (given, id) => {
      frames.set(id, [...(frames.get(id) ?? []), ...given]);
      kit.yieldFramesData(given, id);
    },
    interrupt: () => kit.interrupt(),
  });
  return { kit, frames, feed, opened: new Promise((resolve) => feed.on("opened", resolve)) };
}

/** What a feed brings of each turn. */
function follow(url) {
  const turns = new Map();
  const feed = connectTo(url);
  const turn = (id) => {
    if (!turns.has(id)) {
      turns.set(id, { audio: [], envelopes: [], keyframes: 0, sealed: false, outcome: undefined });
    }
    return turns.get(id);
  };
  feed.on("audio", ({ turnId, data }) => turn(turnId).audio.push(data.slice()));
  feed.on("motion", ({ turnId, envelope, keyframeCount }) => {
    turn(turnId).envelopes.push(envelope.slice());
    turn(turnId).keyframes += keyframeCount;
  });
  feed.on("turnSealed", ({ turnId }) => (turn(turnId).sealed = true));
  feed.on("turnEnded", ({ turnId, outcome }) => (turn(turnId).outcome = outcome));
  const equals = (id, samples) => Buffer.concat(turn(id).audio).equals(Buffer.from(Int16Array.from(samples).buffer));
  return { turn, feed, equals, opened: new Promise((resolve) => feed.on("opened", resolve)) };
}

function connectTo(url) {
  return connect({ url, sessionId, token, webSocket: (address, subprotocol) => new WebSocket(address, subprotocol) });
}

async function until(condition) {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `not reached: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function loadStrictAvatarKit() {
  const outfile = "build/strict-avatarkit.mjs";
  const entryPoints = ["tests/support/strict-avatarkit.ts"];
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", packages: "external" });
  return import(pathToFileURL(outfile).href);
}
