// Makes dist/cjs of dist: the same modules, file by file, for require(). Each stays one module, so that what two entries
// share is there once.
import { cp, readdir, writeFile } from "node:fs/promises";
import { build } from "esbuild";

export async function buildCommonJs() {
  const names = (await readdir("dist", { recursive: true })).filter((name) => !/^(page|cjs)\b/.test(name));
  await build({
    entryPoints: names.filter((name) => name.endsWith(".js")).map((name) => `dist/${name}`),
    outbase: "dist",
    outdir: "dist/cjs",
    format: "cjs",
    platform: "neutral",
    target: "es2022",
    sourcemap: true,
  });
  for (const name of names.filter((name) => name.endsWith(".d.ts"))) {
    await cp(`dist/${name}`, `dist/cjs/${name}`);
  }
  // Says what the files beneath are, to Node and to TypeScript.
  await writeFile("dist/cjs/package.json", `${JSON.stringify({ type: "commonjs", sideEffects: false })}\n`);
}
