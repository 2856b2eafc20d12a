// Takes the package as its users do: every entry of `exports` by import and by require, to the same names.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

export async function checkPackage() {
  const { name, exports } = JSON.parse(await readFile("package.json", "utf8"));
  const require = createRequire(import.meta.url);
  for (const [entry, conditions] of Object.entries(exports)) {
    if (typeof conditions === "string") {
      assert.ok(existsSync(conditions), `${entry} names ${conditions}, which is not there.`);
      continue;
    }
    const specifier = entry.replace(/^\./, name);
    for (const { types, default: file } of Object.values(conditions)) {
      for (const path of [types, file, `${file}.map`]) {
        assert.ok(existsSync(path), `${specifier} names ${path}, which is not there.`);
      }
    }
    const imported = Object.keys(await import(specifier));
    const required = Object.keys(require(specifier));
    assert.ok(imported.length > 0);
    assert.deepEqual(required.sort(), imported.sort(), `${specifier} has other names by require.`);
  }
  const map = JSON.parse(await readFile("dist/index.js.map", "utf8"));
  assert.ok(map.sourcesContent?.length > 0, "Source maps have no sources.");
  assert.ok(existsSync("LICENSE"));
}
