/** Why a viewer gets no room token. */
export class JoinError extends Error {
  override readonly name = "JoinError";

  constructor(
    /** Stable, such as `VIEWER_TOKEN_INVALID` or `NO_EGRESS`; empty where whoever answered knows none. */
    readonly reason: string,
    message: string,
    /** Asking again can help. */
    readonly retryable: boolean,
    /** Milliseconds to wait before; 0: as you like. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }

  /** The failure that an answer tells; of one that is not the relay's, what its status says. */
  static async read(response: Response): Promise<JoinError> {
    const told = await response.json().catch(() => ({})) as { reason?: string; message?: string; retryable?: boolean };
    const seconds = Number(response.headers.get("retry-after") ?? 0);
    return new JoinError(
      told.reason ?? "",
      told.message ?? `The relay answered with status ${response.status}.`,
      told.retryable ?? response.status >= 500,
      Number.isFinite(seconds) ? seconds * 1000 : 0,
    );
  }
}
