import type { Clock } from "./clock.js";

/** Tells when a lost connection is worth trying at once; returns what ends it. */
export type WakeSource = (wake: () => void) => () => void;

/** The page is online again, or is looked at again. Elsewhere than in a page: never. */
export const pageWake: WakeSource = (wake) => {
  if (typeof document === "undefined") {
    return () => undefined;
  }
  const seen = () => document.visibilityState === "visible" && wake();
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", seen);
  return () => {
    removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", seen);
  };
};

/** How long to wait before a connection is tried again, in milliseconds. */
export interface RetryWait {
  readonly delayMs: number;
  /** What the server asked for: nothing makes the wait shorter. */
  readonly atLeastMs: number;
  /** What is still to wait once something woke the feed. */
  readonly wokenMs: number;
}

/** Waits, or less where it is woken; `over` tells which, once. Returns what calls it off. */
export function waitToRetry(wait: RetryWait, clock: Clock, source: WakeSource, over: (woken: boolean) => void): () => void {
  const began = clock.now();
  let stop = () => undefined as void;
  const end = (woken: boolean) => {
    callOff();
    over(woken);
  };
  let timer = clock.setTimeout(() => end(false), wait.delayMs);
  const callOff = () => {
    clock.clearTimeout(timer);
    stop();
  };
  stop = source(() => {
    stop();
    const waited = clock.now() - began;
    const left = Math.max(wait.atLeastMs - waited, wait.wokenMs);
    if (left < wait.delayMs - waited) {
      clock.clearTimeout(timer);
      timer = clock.setTimeout(() => end(true), left);
    }
  });
  return callOff;
}
