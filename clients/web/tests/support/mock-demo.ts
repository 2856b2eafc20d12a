import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { TurnOutcome } from "../../src/generated/motiongateway/v1/payload_pb.js";
import { MockRelay } from "./mock-relay.js";
import { type PayloadContent, turnEnded, turnSealed } from "./payloads.js";
import { SessionLog } from "./session-log.js";
import type { SyntheticSpeech } from "./synthetic-speech.js";

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'";
const types: Record<string, string> = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
const tickMs = 100;
/** How much faster than it is heard speech comes, and how much motion comes at once. */
const pace = 4;
const keyframesAtOnce = 50;

export { synthesize } from "./synthetic-speech.js";

/** The page over a relay in demo mode, all made up: to work on the page without the gateway. */
export async function startMockDemo(pageFolder: string, clip: SyntheticSpeech) {
  const log = new SessionLog();
  const clipMs = (clip.samples.length * 1000) / clip.sampleRate;
  let turns = 0;
  let speaking: { turnId: string; stop: () => void } | undefined;

  const endSpeaking = () => {
    speaking?.stop();
    speaking = undefined;
  };

  /** Appends the clip as a gateway would: audio ahead of its motion, the end when it must have been heard. */
  const say = () => {
    if (speaking !== undefined) {
      log.interrupt(speaking.turnId);
      endSpeaking();
    }
    const turnId = `turn-${++turns}`;
    log.start(turnId);
    const startedAt = performance.now();
    const chunk = clip.sampleRate / 10;
    let sample = 0;
    let keyframe = 0;
    let sealed = false;
    const tick = () => {
      for (let i = 0; i < pace && sample < clip.samples.length; i++) {
        const end = Math.min(sample + chunk, clip.samples.length);
        log.append(turnId, pcm(clip.samples.subarray(sample, end), sample, end === clip.samples.length));
        sample = end;
      }
      const made = sample === clip.samples.length ? clip.keyframes : Math.floor((sample * 25) / clip.sampleRate);
      while (keyframe < made && (made - keyframe >= keyframesAtOnce || made === clip.keyframes)) {
        const count = Math.min(keyframesAtOnce, made - keyframe);
        const last = keyframe + count === clip.keyframes;
        const value = { firstKeyframe: BigInt(keyframe), keyframeCount: count, last, envelope: clip.envelope(keyframe, count) };
        log.append(turnId, { case: "motion", value: { $typeName: "motiongateway.v1.Motion", ...value } });
        keyframe += count;
      }
      if (!sealed && keyframe === clip.keyframes) {
        sealed = true;
        log.append(turnId, turnSealed(clip.samples.length, clip.keyframes));
      }
      if (sealed && performance.now() - startedAt >= clipMs) {
        endSpeaking();
        log.append(turnId, turnEnded(TurnOutcome.COMPLETED));
      }
    };
    const timer = setInterval(tick, tickMs);
    speaking = { turnId, stop: () => clearInterval(timer) };
    tick();
    return turnId;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? "/", "http://page").pathname;
    response.setHeader("content-security-policy", policy);
    if (path === "/demo") {
      const description = { name: "A made-up voice", durationMs: clipMs };
      json(response, 200, { sessionId: "demo", viewerToken: "token", clip: description });
    } else if (path === "/demo/say" && request.method === "POST") {
      request.resume();
      json(response, 202, { turnId: say() });
    } else {
      await file(response, pageFolder, path === "/" ? "index.html" : path.slice(1));
    }
  };

  const server = createServer((request, response) => void answer(request, response));
  const relay = await MockRelay.start(log, { server });
  relay.onViewerEvent = ({ event }) => {
    if (event.case === "interrupt" && speaking !== undefined) {
      log.interrupt(speaking.turnId);
      endSpeaking();
    }
  };
  const stop = async () => {
    endSpeaking();
    await relay.stop();
  };
  return { url: `${relay.url}/#session=demo&token=token`, relay, say, stop };
}

function pcm(samples: Int16Array, firstSample: number, last: boolean): PayloadContent {
  const data = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const value = { firstSample: BigInt(firstSample), sampleCount: samples.length, last, data };
  return { case: "audio", value: { $typeName: "motiongateway.v1.Audio", ...value } };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function file(response: ServerResponse, folder: string, name: string): Promise<void> {
  try {
    const content = await readFile(`${folder}/${name.replaceAll("..", "")}`);
    response.writeHead(200, { "content-type": types[name.split(".").at(-1) ?? ""] ?? "application/octet-stream" }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}
