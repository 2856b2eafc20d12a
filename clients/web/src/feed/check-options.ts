import type { FeedOptions } from "./options.js";
import { slowReaderPolicies } from "./opened-event.js";
import { feedUrl, hasPlatformSocket, platformSocket } from "./socket.js";

const maxReaderIdBytes = 64;
const starts: unknown[] = ["current_turn", "now", "live"];

/** Throws where the caller is at fault: what no second attempt can mend. */
export function checkOptions(options: FeedOptions): void {
  const { url, sessionId, token, readerId, start, slowReaderPolicy, retry, webSocket } = options;
  feedUrl(url, sessionId);
  check(isText(sessionId), "sessionId", "is a text that is not empty");
  check(isText(token) || typeof token === "function", "token", "is a text that is not empty, or a function");
  check(new TextEncoder().encode(readerId).length <= maxReaderIdBytes, "readerId", `has at most ${maxReaderIdBytes} bytes`);
  const isPosition = () => typeof start === "object" && isCount(start.epoch) && start.epoch < 2 ** 32 && isCount(start.sequence);
  check(starts.includes(start) || isPosition(), "start", `is one of ${starts.join(", ")}, or a position {epoch, sequence}`);
  const policies = Object.keys(slowReaderPolicies);
  check(policies.includes(slowReaderPolicy), "slowReaderPolicy", `is one of ${policies.join(", ")}`);
  for (const [name, value] of Object.entries(retry)) {
    check(value >= 0, `retry.${name}`, "is a number from 0");
  }
  check(typeof webSocket === "function" && (webSocket !== platformSocket || hasPlatformSocket()), "webSocket", "is needed: this platform has none");
}

const isText = (value: unknown) => typeof value === "string" && value !== "";
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;

function check(holds: boolean, option: string, rule: string): void {
  if (!holds) {
    throw new TypeError(`The option ${option} ${rule}.`);
  }
}
