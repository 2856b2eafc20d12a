// Builds the package (dist/*.js and, for require(), dist/cjs, with declarations) and the page (dist/page), and holds both to their size budgets.
import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { checkPackage } from "./check-package.mjs";
import { buildCommonJs } from "./commonjs.mjs";

/** Gzipped bytes, minified, with everything that they depend on. */
const budgets = { library: 30 * 1024, "Ogg Opus, loaded when it is needed": 4 * 1024, microphone: 3 * 1024, page: 80 * 1024 };

await rm("dist", { recursive: true, force: true });

const { status } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
  stdio: "inherit",
});
if (status !== 0) {
  process.exit(status ?? 1);
}

await buildCommonJs();
const { captureWorklet } = await import("../dist/microphone/capture-worklet.js");
await writeFile("dist/microphone/worklet.js", captureWorklet);
await cp("../../LICENSE", "LICENSE");
await checkPackage();

await mkdir("dist/page", { recursive: true });
await build({
  entryPoints: { page: "src/page/main.ts" },
  outdir: "dist/page",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
});
await build({ entryPoints: ["src/page/page.css"], outdir: "dist/page", bundle: true, minify: true });
await cp("src/page/icon.svg", "dist/page/icon.svg");
await cp("dist/microphone/worklet.js", "dist/page/microphone-worklet.js");

const { outputFiles: library } = await build({
  entryPoints: ["src/index.ts"],
  outdir: "unwritten",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  write: false,
});
const { outputFiles: microphone } = await build({ entryPoints: ["src/microphone/index.ts"], bundle: true, minify: true, format: "esm", write: false });
/** A chunk that the library's own file loads by `import()` only. */
const isLoadedLater = ({ path }) => path.includes("opus-to-pcm");
const sizeOf = (files) => files.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
const pageFiles = ["src/page/index.html", "dist/page/page.css", "dist/page/page.js", "dist/page/icon.svg", "dist/page/microphone-worklet.js"];
const sizes = {
  library: sizeOf(library.filter((file) => !isLoadedLater(file))),
  "Ogg Opus, loaded when it is needed": sizeOf(library.filter(isLoadedLater)),
  microphone: sizeOf(microphone),
  page: (await Promise.all(pageFiles.map((name) => readFile(name))))
    .reduce((sum, contents) => sum + gzipSync(contents).length, 0),
};
for (const [name, size] of Object.entries(sizes)) {
  console.log(`${name}: ${(size / 1024).toFixed(2)} KB of ${budgets[name] / 1024} KB, minified and gzipped`);
  if (size > budgets[name]) {
    console.error(`The ${name} is over its size budget.`);
    process.exitCode = 1;
  }
}
if (process.exitCode === undefined) {
  // Written last: it tells builds that ask whether the page is up to date that all of it is there.
  await cp("src/page/index.html", "dist/page/index.html");
}
