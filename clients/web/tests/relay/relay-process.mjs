// A relay of its own beside a demo's, for the same gateway, which a check may kill and start again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const startLimitMs = 60_000;

/** Starts `command`, which runs a relay; `--urls` is added to it. */
export async function startRelay(command) {
  let running = await run(command, "http://127.0.0.1:0");
  const { url } = running;
  return {
    url,
    /** Kills it without a word to its viewers. */
    kill: () => running.kill(),
    /** Starts it again at the same address. */
    async start() {
      running = await run(command, url);
    },
  };
}

async function run([file, ...args], urls) {
  const child = spawn(file, [...args, "--urls", urls], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const timer = setTimeout(() => child.kill("SIGKILL"), startLimitMs);
  let url;
  for await (const line of createInterface({ input: child.stdout })) {
    url = /^listening on (\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      break;
    }
  }
  clearTimeout(timer);
  assert.ok(url !== undefined, `${file} ${args.join(" ")} did not listen`);
  child.stdout.resume();
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  return { url, kill };
}
