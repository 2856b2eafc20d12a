import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";

/** What the snippets take from their surroundings. */
const surroundings = `
import type { AvatarKitController, Feed as F } from "@motiongateway/web";
import type { Player as P, WebAudioOutput as O } from "@motiongateway/web/player";
declare global {
  const sessionId: string, viewerToken: string, stopButton: HTMLButtonElement, avatarController: AvatarKitController, feed: F;
  var player: P | undefined, output: O | undefined;
  function showTranscript(kind: string, text: string): void;
}
`;

describe("README", () => {
  it("has snippets that compile", () => {
    const folder = "build/readme";
    mkdirSync(folder, { recursive: true });
    const snippets = [...readFileSync("README.md", "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
    assert.equal(snippets.length, 2);
    snippets.forEach((snippet, i) => writeFileSync(`${folder}/snippet-${i}.ts`, snippet.replaceAll("player.frame", "player!.frame")));
    writeFileSync(`${folder}/surroundings.ts`, surroundings);
    const paths = { "@motiongateway/web": ["../../src/index.ts"], "@motiongateway/web/*": ["../../src/*/index.ts"] };
    const compilerOptions = { paths, rootDir: "../..", noUnusedLocals: false };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, include: ["*.ts"] }));
    const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", folder], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });
});
