import type { FeedStarted } from "../generated/motiongateway/v1/feed_pb.js";
import type { OpenedEvent } from "./events.js";
import type { NoticeEvent } from "./notices.js";
import { openedEvent } from "./opened-event.js";

/** What a feed has been told of its session, beside the log. */
export class FeedSession {
  #opened: OpenedEvent | undefined;
  #isGatewayAway = false;

  get opened(): OpenedEvent | undefined {
    return this.#opened;
  }

  get isGatewayAway(): boolean {
    return this.#isGatewayAway;
  }

  /** A connection has started. */
  start(started: FeedStarted): OpenedEvent {
    this.#opened = openedEvent(started, this.#opened !== undefined);
    return this.#opened;
  }

  take(notice: NoticeEvent): void {
    if (notice.type === "tokenRenewed") {
      const { permissions, expiresAt } = notice;
      this.#opened = this.#opened && { ...this.#opened, permissions, expiresAt };
    } else if (notice.type === "gatewayAway" || notice.type === "gatewayBack") {
      this.#isGatewayAway = notice.type === "gatewayAway";
    }
  }

  /** The connection is over, and nobody tells of the gateway any more. */
  connectionEnded(): void {
    this.#isGatewayAway = false;
  }
}
