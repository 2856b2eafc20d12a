import type { FailureEvent } from "./events.js";

/** When and how often a lost connection is tried again. */
export interface RetryPolicy {
  /** Milliseconds before the first attempt, before jitter. Default 250. */
  readonly initialDelayMs: number;
  /** Upper bound of the delay, in milliseconds. Default 10 000. */
  readonly maxDelayMs: number;
  /** Attempts without progress after which the feed gives up. Default 20; `Infinity`: never. */
  readonly maxAttempts: number;
}

export const defaultRetryPolicy: RetryPolicy = { initialDelayMs: 250, maxDelayMs: 10_000, maxAttempts: 20 };

/** Milliseconds to wait before an attempt (from 1): doubles up to the bound; its second half is left to chance. */
export function retryDelay(policy: RetryPolicy, attempt: number, retryAfterMs: number, random: () => number): number {
  const full = Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** (attempt - 1));
  return Math.max(retryAfterMs, full / 2 + (full / 2) * random());
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

/** A close code by itself: 1000 is a normal end, 40xx says that the request is at fault, anything else may pass. */
export function closeCodeVerdict(closeCode: number | undefined): "ended" | "fatal" | "retry" {
  if (closeCode === 1000) {
    return "ended";
  }
  return closeCode !== undefined && closeCode >= 4000 && closeCode < 4100 ? "fatal" : "retry";
}

/** The failure that an end amounts to; undefined for a normal end. What the server said wins over the code. */
export function failureOf(end: ConnectionEnd): FailureEvent | undefined {
  const { closeCode, failure } = end;
  if (failure !== undefined) {
    return { type: "failure", closeCode, ...failure };
  }
  const verdict = closeCodeVerdict(closeCode);
  if (verdict === "ended") {
    return undefined;
  }
  const fatal = verdict === "fatal";
  return {
    type: "failure",
    reason: fatal ? "INVALID_REQUEST" : "CONNECTION_LOST",
    message: fatal ? "The relay refused the request." : "The connection was lost.",
    retryable: !fatal,
    retryAfterMs: 0,
    closeCode,
  };
}
