import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";

/** What the snippets take from their surroundings. */
const surroundings = `
import type { AvatarKitController, Feed as F } from "@motiongateway/web";
import type { PlayerFrame } from "@motiongateway/web/player";
declare global {
  const sessionId: string, viewerToken: string, relayUrl: string, avatarController: AvatarKitController, feed: F;
  const livekitPlayer: { connect(config: { url: string; token: string; roomName: string }): Promise<void> };
  const agoraPlayer: { connect(config: { appId: string; channel: string; token: string; uid: number }): Promise<void> };
  const stopButton: HTMLButtonElement, micButton: HTMLButtonElement, meter: HTMLMeterElement;
  function showTranscript(kind: string, text: string): void;
  function drawFace(canvas: HTMLCanvasElement | null, pose: PlayerFrame["pose"]): void;
}
`;

const paths = {
  "@motiongateway/web": ["../../src/index.ts"],
  "@motiongateway/web/*": ["../../src/*/index.ts"],
  // What `vue` hands on of it is all that the snippet takes; its compilers are not needed to check types.
  vue: ["../../node_modules/@vue/runtime-core/dist/runtime-core.d.ts"],
};

/** The snippets of a language, each a module; one that has no imports goes on where the one before ended. */
function modules(readme: string): { language: string; text: string }[] {
  const found: { language: string; text: string }[] = [];
  for (const [, language = "", text = ""] of readme.matchAll(/```(tsx?)\n([\s\S]*?)```/g)) {
    const before = found.at(-1);
    if (!text.startsWith("import") && before?.language === language && language === "tsx") {
      before.text += text;
    } else {
      found.push({ language, text: `${text}export {};\n` });
    }
  }
  return found;
}

describe("README", () => {
  it("has snippets that compile as they are printed", () => {
    const folder = "build/readme";
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const snippets = modules(readFileSync("README.md", "utf8"));
    assert.deepEqual(snippets.map(({ language }) => language), ["ts", "ts", "tsx", "ts", "ts", "ts"]);
    snippets.forEach(({ language, text }, i) => writeFileSync(`${folder}/snippet-${i}.${language}`, text));
    writeFileSync(`${folder}/surroundings.ts`, surroundings);
    const compilerOptions = { paths, rootDir: "../..", noUnusedLocals: false, jsx: "react-jsx" };
    const settings = { extends: "../../tsconfig.json", compilerOptions, include: ["*.ts", "*.tsx"] };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(settings));
    const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", folder], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });
});
