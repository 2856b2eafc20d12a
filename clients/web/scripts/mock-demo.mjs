// Serves dist/page over a made-up relay: `npm run mock` prints the address. Imported, it starts one for a test.
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Compiles and starts the made-up demo; how it speaks is a `MockVoice`. */
export async function startMockDemo(clipSeconds = 8, voice = {}) {
  await build({
    entryPoints: ["tests/support/mock-demo.ts"],
    outfile: "build/mock-demo.mjs",
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  const module = await import(pathToFileURL("build/mock-demo.mjs").href);
  return module.startMockDemo("dist/page", module.synthesize(clipSeconds, voice.opus ? 48_000 : 16_000), voice);
}

if (process.argv[1]?.endsWith("mock-demo.mjs")) {
  const demo = await startMockDemo();
  console.log(demo.url);
}
