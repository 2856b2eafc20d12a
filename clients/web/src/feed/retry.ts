import type { FailureEvent } from "./events.js";
import type { RetryWait } from "./wake.js";

/** When and how often a lost connection is tried again. */
export interface RetryPolicy {
  /** Milliseconds before the first attempt, at most. Default 250. */
  readonly initialDelayMs: number;
  /** Upper bound of the delay, in milliseconds. Default 10 000. */
  readonly maxDelayMs: number;
  /** Attempts without progress after which the feed gives up. Default 20; `Infinity`: never. */
  readonly maxAttempts: number;
}

export const defaultRetryPolicy: RetryPolicy = { initialDelayMs: 250, maxDelayMs: 10_000, maxAttempts: 20 };

/** Milliseconds that a server may ask to wait: more would look like a feed that has stopped. */
const maxServerDelayMs = 300_000;

/**
 * How long to wait before an attempt (from 1). A bound doubles up to the greatest, and all below it is left to chance,
 * on top of what the server asks for: so those whom it sent away together do not come back together.
 */
export function retryWait(policy: RetryPolicy, attempt: number, retryAfterMs: number, random: () => number): RetryWait {
  const { initialDelayMs, maxDelayMs } = policy;
  const atLeastMs = Math.min(retryAfterMs, maxServerDelayMs);
  const chance = random();
  const delayMs = atLeastMs + chance * Math.min(maxDelayMs, initialDelayMs * 2 ** (attempt - 1));
  return { delayMs, atLeastMs, wokenMs: chance * Math.min(maxDelayMs, initialDelayMs) };
}

/** Failures after which the position leads nowhere, so that the feed begins again at the current turn. */
export const restartReasons = {
  EPOCH_CHANGED: "epochChanged",
  SEQUENCE_EXPIRED: "sequenceExpired",
  POSITION_AHEAD: "positionAhead",
} as const;

/** Why a connection is over, before anything is done about it. */
export interface ConnectionEnd {
  /** WebSocket close code; undefined when this side gave up. */
  readonly closeCode: number | undefined;
  /** The server's failure, or this side's. */
  readonly failure: Omit<FailureEvent, "type" | "closeCode"> | undefined;
}

/**
 * The failure that an end amounts to; undefined for a normal end. What the server said wins over the close code: of those 1000 is
 * a normal end, 40xx says that the request is at fault, and anything else may pass.
 */
export function failureOf(end: ConnectionEnd): FailureEvent | undefined {
  const { closeCode, failure } = end;
  if (failure !== undefined) {
    return { type: "failure", closeCode, ...failure };
  }
  if (closeCode === 1000) {
    return undefined;
  }
  const fatal = closeCode !== undefined && closeCode >= 4000 && closeCode < 4100;
  return {
    type: "failure",
    reason: fatal ? "INVALID_REQUEST" : "CONNECTION_LOST",
    message: fatal ? "The relay refused the request." : "The connection was lost.",
    retryable: !fatal,
    retryAfterMs: 0,
    closeCode,
  };
}
