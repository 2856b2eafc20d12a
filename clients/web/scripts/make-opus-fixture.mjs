// Makes tests/fixtures/chirp.opus anew: three seconds of a rising tone, encoded by opusenc (opus-tools) in pages of 100 ms.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const rate = 48_000;
const seconds = 3;

/** The tone at a time; tests compare with it. */
const chirp = (t) => 0.5 * Math.sin(2 * Math.PI * (150 * t + 40 * t * t));

const samples = Int16Array.from({ length: rate * seconds - 1000 }, (_, i) => 32767 * chirp(i / rate));
const folder = await mkdtemp(join(tmpdir(), "opus-"));
try {
  await writeFile(join(folder, "chirp.raw"), new Uint8Array(samples.buffer));
  const form = ["--raw", "--raw-rate", String(rate), "--raw-chan", "1", "--raw-bits", "16"];
  const how = ["--bitrate", "24", "--framesize", "20", "--max-delay", "100", "--serial", "7", "--quiet"];
  const { status } = spawnSync("opusenc", [...form, ...how, join(folder, "chirp.raw"), "tests/fixtures/chirp.opus"], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  await rm(folder, { recursive: true });
}
