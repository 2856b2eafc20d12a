// What the browser checks share: Chromium, the client from its sources, and waiting for what the page tells.
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

/** What the browser's microphone hears: a voice, since a browser takes a mere tone for noise and suppresses it. */
const voice = resolve("../../src/MotionGateway.Cli/Assets/welcome.wav");

/**
 * Starts Chromium for a page; collects whatever the page complains of, and each request to another host.
 * With `wantsGesture` it lets no sound begin before the user does something, as it does for people.
 */
export async function openBrowser(pageUrl, { wantsGesture = false } = {}) {
  const problems = [];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
      // A microphone that hears a voice, and that nobody is asked for.
      "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${voice}`,
      `--autoplay-policy=${wantsGesture ? "document-user-activation-required" : "no-user-gesture-required"}`,
    ],
  });
  const openPage = async (options, url = pageUrl, isOpen = true) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        problems.push(`${message.type()}: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
    page.on("request", (request) => {
      if (new URL(request.url()).host !== new URL(url).host) {
        problems.push(`foreign host: ${request.url()}`);
      }
    });
    await page.goto(url);
    if (isOpen) {
      await reaches(page, (seen) => seen.state === "open", 30_000);
    }
    return page;
  };
  return { browser, openPage, problems };
}

const devtools = new WeakMap();

/** What the page tells of itself at one moment. */
export function observe(page) {
  return evaluate(page, "window.motionGateway");
}

/** Value of an expression in the page. Not by `page.evaluate`, which counts as a gesture of the user. */
export async function evaluate(page, expression) {
  if (!devtools.has(page)) {
    devtools.set(page, await page.context().newCDPSession(page));
  }
  const { result, exceptionDetails } = await devtools.get(page).send("Runtime.evaluate", {
    expression,
    returnByValue: true,
    awaitPromise: true,
  });
  assert.equal(exceptionDetails, undefined, exceptionDetails?.exception?.description);
  return result.value;
}

export async function reaches(page, condition, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await observe(page);
    if (seen !== undefined && condition(seen)) {
      return;
    }
    assert.ok(Date.now() < deadline, `not reached: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** State of a turn in the page's list; undefined when it is not there. */
export function stateOf(seen, turnId) {
  return seen.turns.find((turn) => turn.id === turnId)?.state;
}

/** Follows a turn to its end; the heard sample must never go back. The last one that was seen. */
export async function hearOut(page, turnId) {
  let heard = 0;
  for (;;) {
    const seen = await observe(page);
    if (seen.turnId !== turnId) {
      return heard;
    }
    assert.ok(seen.audioClockSamples >= heard, "the heard sample went back");
    heard = seen.audioClockSamples;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** The client from its sources, so that a check needs no build of its own. */
export async function loadClient() {
  const contents = 'export * from "./src/index.ts"; export { decodePoses, poseLayout } from "./src/player/pose.ts";';
  await build({
    stdin: { contents, resolveDir: ".", loader: "ts" },
    outfile: "build/page-check-client.mjs",
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  return import(pathToFileURL("build/page-check-client.mjs").href);
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
