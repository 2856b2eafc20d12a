import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { AudioEncoding, TurnOutcome } from "../../src/generated/motiongateway/v1/payload_pb.js";
import { MockRelay } from "./mock-relay.js";
import { encodeOpus } from "./opus-clip.js";
import { pages, type PayloadContent, turnEnded, turnSealed, viewerMessage } from "./payloads.js";
import { SessionLog } from "./session-log.js";
import type { SyntheticSpeech } from "./synthetic-speech.js";

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'";
const types: Record<string, string> = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
const tickMs = 20;

/** How a made-up demo speaks. */
export interface MockVoice {
  /** How much faster than it is heard speech comes. Default 4. */
  readonly pace?: number;
  /** How many keyframes come at once, and how long after their speech. Default 50, at once. */
  readonly keyframesAtOnce?: number;
  readonly motionDelayMs?: number;
  /** What `turn_started` says of pacing. The made-up gateway never waits for motion. Default true. */
  readonly paced?: boolean;
  /** As Ogg Opus, by opusenc: the clip has to be at 48 kHz. */
  readonly opus?: boolean;
}

export { synthesize } from "./synthetic-speech.js";

/** The page over a relay in demo mode, all made up: to work on the page without the gateway. */
export async function startMockDemo(pageFolder: string, clip: SyntheticSpeech, voice: MockVoice = {}) {
  const { pace = 4, keyframesAtOnce = 50, motionDelayMs = 0, paced = true } = voice;
  const opus = voice.opus ? encodeOpus(clip.samples) : undefined;
  const log = new SessionLog();
  const clipMs = (clip.samples.length * 1000) / clip.sampleRate;
  let turns = 0;
  let speaking: { turnId: string; startedAt: number; stop: () => void } | undefined;

  const endSpeaking = () => {
    speaking?.stop();
    speaking = undefined;
  };

  const interrupt = () => {
    if (speaking !== undefined) {
      const heardMs = Math.min(performance.now() - speaking.startedAt, clipMs);
      log.interrupt(speaking.turnId, Math.floor((heardMs * clip.sampleRate) / 1000));
      endSpeaking();
    }
  };

  /** Appends the clip as a gateway would: audio ahead of its motion, the end when it must have been heard. */
  const say = () => {
    interrupt();
    const turnId = `turn-${++turns}`;
    const audioHeader = opus?.header ?? new Uint8Array(0);
    const audioEncoding = opus === undefined ? AudioEncoding.PCM_S16LE : AudioEncoding.OGG_OPUS;
    log.start(turnId, { paced, sampleRate: clip.sampleRate, audioEncoding, audioHeader });
    const startedAt = performance.now();
    const chunk = clip.sampleRate / 10;
    let sample = 0;
    let piece = 0;
    let keyframe = 0;
    let sealed = false;
    const append = () => {
      const of = opus?.pieces[piece++];
      const end = of === undefined ? Math.min(sample + chunk, clip.samples.length) : of.firstSample + of.sampleCount;
      const last = end >= clip.samples.length;
      log.append(turnId, of === undefined
        ? pcm(clip.samples.subarray(sample, end), sample, last)
        : pages(of.firstSample, of.sampleCount, of.data, last));
      sample = end;
    };
    const tick = () => {
      const passedMs = performance.now() - startedAt;
      // The first piece is there when it has been spoken.
      while (sample < clip.samples.length && ((sample + chunk) * 1000) / clip.sampleRate <= (passedMs + tickMs) * pace) {
        append();
      }
      const heardOf = Math.min(sample, ((passedMs - motionDelayMs) * pace * clip.sampleRate) / 1000);
      const made = heardOf >= clip.samples.length - 1 ? clip.keyframes : Math.max(0, Math.floor((heardOf * 25) / clip.sampleRate));
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
    speaking = { turnId, startedAt, stop: () => clearInterval(timer) };
    tick();
    return turnId;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
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

  const server = createServer((request, response) => void serve(request, response));
  const relay = await MockRelay.start(log, { server, sampleRate: clip.sampleRate });
  relay.audioEncoding = opus === undefined ? AudioEncoding.PCM_S16LE : AudioEncoding.OGG_OPUS;
  /** Says the clip, whatever was said to it, with captions as a demo's own agent sends them. */
  const answer = (said: string, says: string) => {
    const tell = (role: string, text: string, turnId: string | null) =>
      log.append("", viewerMessage("transcript", JSON.stringify({ role, text, turnId })));
    tell("viewer", said, null);
    tell("avatar", says, say());
  };
  let absence: NodeJS.Timeout | undefined;
  relay.onViewerEvent = ({ event }) => {
    if (event.case === "interrupt") {
      interrupt();
    } else if (event.case === "text") {
      answer(event.value, event.value);
    } else if (event.case === "microphoneAudio") {
      clearTimeout(absence);
      absence = setTimeout(() => answer("(some speech)", "(says it back)"), 600);
    }
  };
  const stop = async () => {
    clearTimeout(absence);
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
