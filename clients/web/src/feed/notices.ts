import type { SubscribeResponse } from "../generated/motiongateway/v1/feed_pb.js";
import type { FeedEventOf } from "./events.js";
import { tokenTerms } from "./opened-event.js";
import { reasonName } from "./payload-events.js";

/** What is told beside the log. */
export type NoticeEvent = FeedEventOf<"goingAway" | "refused" | "tokenRenewed" | "gatewayAway" | "gatewayBack">;

/** The event for a notice; undefined for any other response, also of a kind that only a newer server knows. */
export function noticeEvent(response: SubscribeResponse["response"]): NoticeEvent | undefined {
  switch (response.case) {
    case "goingAway":
      return { type: response.case, graceMs: response.value.graceMs };
    case "refused": {
      const { reason, field, message, turnId } = response.value;
      return { type: response.case, reason: reasonName(reason), field, message, turnId };
    }
    case "tokenRenewed":
      return { type: response.case, ...tokenTerms(response.value) };
    case "gatewayAway":
      return { type: response.case, limitMs: response.value.limitMs };
    case "gatewayBack":
      return { type: response.case };
    default:
      return undefined;
  }
}
