// What checks ask of a relay in demo mode.
import assert from "node:assert/strict";

/** Session and relay of a demo by its page's address: `http://…/#session=…&token=…`. */
export function parsePageUrl(pageUrl) {
  const fragment = new URLSearchParams(new URL(pageUrl).hash.slice(1));
  return {
    relayUrl: new URL(".", pageUrl.split("#")[0]).href,
    sessionId: fragment.get("session"),
    token: fragment.get("token"),
  };
}

/** Has the bundled clip, or a WAV, said; the turn's id. */
export async function say(relayUrl, wav) {
  const response = await fetch(new URL("demo/say", relayUrl), { method: "POST", body: wav });
  assert.equal(response.status, 202);
  return (await response.json()).turnId;
}

/** A WAV of a tone that comes and goes: mono, 16 bits, 16 kHz. */
export function toneWav(seconds) {
  const samples = Int16Array.from({ length: 16_000 * seconds }, (_, i) => 8000 * Math.sin(i * 0.09) * Math.sin(i * 0.0006));
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt32LE(32_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}
