import type { Clock } from "./clock.js";
import type { ConnectOptions } from "./options.js";

/** Milliseconds that a token function may take. */
const limitMs = 10_000;

/** Tells the token, or why there is none, once and never at once; returns what calls it off. */
export function fetchToken(
  source: ConnectOptions["token"],
  clock: Clock,
  fetched: (token: string) => void,
  failed: (message: string) => void,
): () => void {
  let isOver = false;
  const end = () => {
    isOver = true;
    clock.clearTimeout(timer);
  };
  /** Does it, unless something came before. */
  const only = <T>(tell: (value: T) => void) => (value: T) => {
    if (!isOver) {
      end();
      tell(value);
    }
  };
  const fail = only((error: unknown) => failed(error instanceof Error ? error.message : String(error)));
  const timer = clock.setTimeout(() => fail(new Error(`The token function did not answer in ${limitMs / 1000} s.`)), limitMs);
  // What is told below may throw an error of this library's own: it must not be taken for one of the function's.
  void Promise.resolve()
    .then(() => (isOver ? "" : typeof source === "string" ? source : source()))
    .then(requireToken)
    .then(only(fetched), fail);
  return end;
}

function requireToken(token: unknown): string {
  if (typeof token !== "string" || token === "") {
    throw new TypeError("The token function gave no token.");
  }
  return token;
}
