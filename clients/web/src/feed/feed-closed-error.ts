import type { ClosedEvent } from "./events.js";

/** A feed was over before it was open. */
export class FeedClosedError extends Error {
  override readonly name = "FeedClosedError";

  constructor(
    /** The feed's last event, with the failure that ended it where one did. */
    readonly closed: ClosedEvent,
  ) {
    super(closed.failure?.message ?? `The feed was closed before it was open: ${closed.reason}.`);
  }
}
