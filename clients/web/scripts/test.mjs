// Compiles the tests and runs them by Node's own runner; arguments narrow them down by file name.
import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { build } from "esbuild";

const wanted = process.argv.slice(2);
const names = (await readdir("tests")).filter((name) => name.endsWith(".test.ts"));
const chosen = names.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));

await rm("build/tests", { recursive: true, force: true });
await build({
  entryPoints: chosen.map((name) => `tests/${name}`),
  outdir: "build/tests",
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  sourcemap: "inline",
  outExtension: { ".js": ".mjs" },
});

const files = chosen.map((name) => `build/tests/${name.replace(/\.ts$/, ".mjs")}`);
const flags = ["--enable-source-maps", "--test", "--test-reporter=tap"];
const { status } = spawnSync(process.execPath, [...flags, ...files], { stdio: "inherit" });
process.exitCode = status ?? 1;
