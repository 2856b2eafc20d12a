// Speaks a WAV file and prints what comes back. Usage: node speak.js WAV [AVATAR]
import { createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const [file, avatarId = "sample"] = process.argv.slice(2);
const { MOTIONGATEWAY_GATEWAY: gateway = "http://127.0.0.1:50051", MOTIONGATEWAY_API_KEY: key, MOTIONGATEWAY_CACERT: ca } = process.env;
const turnId = "hello";
if (!file) throw new Error("Usage: node speak.js WAV [AVATAR]");

const protos = fileURLToPath(new URL("../../../protos", import.meta.url));
const definition = loadSync("motiongateway/v1/speech.proto", { includeDirs: [protos], longs: Number, enums: String, defaults: true, oneofs: true });
const { SpeechService } = grpc.loadPackageDefinition(definition).motiongateway.v1;

function connect() {
  const [scheme, target] = gateway.split("://");
  return new SpeechService(target, scheme === "http" ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(ca ? readFileSync(ca) : null));
}

async function* requests() {
  yield { open: { avatarId, audioFormat: { encoding: "AUDIO_ENCODING_WAV" } } };
  for await (const data of createReadStream(file, { highWaterMark: 32 * 1024 })) yield { audio: { turnId, data } };
  yield { endTurn: { turnId } };
}

function describe({ response, payload, opened, refused }) {
  if (response !== "payload") return [response, opened?.sessionId ?? refused?.message ?? ""];
  const { content, audio, motion, turnSealed, turnEnded } = payload;
  const text =
    (audio && `sample ${audio.firstSample} +${audio.sampleCount}`) ??
    (motion && `keyframe ${motion.firstKeyframe} +${motion.keyframeCount}`) ??
    (turnSealed && `${turnSealed.sampleCount} samples, ${turnSealed.keyframeCount} keyframes`) ??
    (turnEnded && `${turnEnded.outcome}, ${turnEnded.playedSamples} samples heard`);
  return [content, text ?? ""];
}

const metadata = new grpc.Metadata();
if (key) metadata.set("authorization", `Bearer ${key}`);
const start = performance.now();
const client = connect();
const call = client.speak(metadata);
// A pipe goes on when HTTP/2 flow control lets it. Its end is the half-close, which says that no more speech comes: the session is
// closed when all of it has been heard.
Readable.from(requests()).pipe(call);
try {
  for await (const response of call) console.log(`${((performance.now() - start) / 1000).toFixed(3).padStart(8)} s  ${describe(response).join("  ")}`);
} catch (error) {
  console.error(`${grpc.status[error.code]}: ${error.details}`);
  process.exitCode = 1;
}
client.close();
