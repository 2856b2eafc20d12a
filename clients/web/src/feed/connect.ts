import { checkOptions } from "./check-options.js";
import { systemClock } from "./clock.js";
import { binaryCodec } from "./codec.js";
import { Feed } from "./feed.js";
import type { ConnectOptions, FeedOptions } from "./options.js";
import { defaultRetryPolicy } from "./retry.js";
import { platformSocket } from "./socket.js";
import { pageWake } from "./wake.js";

/**
 * Follows a session. Returns at once, and tells nothing before it has returned: `opened` tells that the session is
 * there, `closed` that it is over. Throws `TypeError` for options that cannot be right: they are not tried.
 */
export function connect(options: ConnectOptions): Feed {
  const decided: FeedOptions = {
    ...options,
    start: options.start ?? "current_turn",
    slowReaderPolicy: options.slowReaderPolicy ?? "disconnect",
    readerId: options.readerId ?? `web-${randomName()}`,
    retry: { ...defaultRetryPolicy, ...options.retry },
    codec: options.codec ?? binaryCodec,
    webSocket: options.webSocket ?? platformSocket,
    wake: options.wake ?? pageWake,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
  checkOptions(decided);
  return new Feed(decided);
}

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}
