// Builds the package (dist/*.js with declarations) and the page (dist/page), and holds both to their size budgets.
import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Gzipped bytes, minified, with everything that they depend on. */
const budgets = { library: 30 * 1024, page: 80 * 1024 };

await rm("dist", { recursive: true, force: true });

const { status } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
  stdio: "inherit",
});
if (status !== 0) {
  process.exit(status ?? 1);
}

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

const library = await build({ entryPoints: ["src/index.ts"], bundle: true, minify: true, format: "esm", write: false });
const pageFiles = ["src/page/index.html", "dist/page/page.css", "dist/page/page.js", "dist/page/icon.svg"];
const sizes = {
  library: gzipSync(library.outputFiles[0].contents).length,
  page: (await Promise.all(pageFiles.map((name) => readFile(name))))
    .reduce((sum, contents) => sum + gzipSync(contents).length, 0),
};
for (const [name, size] of Object.entries(sizes)) {
  console.log(`${name}: ${(size / 1024).toFixed(1)} KB of ${budgets[name] / 1024} KB, minified and gzipped`);
  if (size > budgets[name]) {
    console.error(`The ${name} is over its size budget.`);
    process.exitCode = 1;
  }
}
if (process.exitCode === undefined) {
  // Written last: it tells builds that ask whether the page is up to date that all of it is there.
  await cp("src/page/index.html", "dist/page/index.html");
}
