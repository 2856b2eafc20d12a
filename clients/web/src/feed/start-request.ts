import { FeedStart } from "../generated/motiongateway/v1/feed_pb.js";
import type { FeedRequest } from "./connection.js";
import type { Position } from "./events.js";
import { slowReaderPolicies } from "./opened-event.js";
import type { FeedOptions } from "./options.js";

const starts = { current_turn: FeedStart.CURRENT_TURN, live: FeedStart.LIVE, now: FeedStart.NOW };

/** The request that opens a feed, after a position or by a rule. */
export function startRequest(options: FeedOptions, viewerToken: string, from: FeedOptions["start"]): FeedRequest {
  const { sessionId, readerId } = options;
  const slowReaderPolicy = slowReaderPolicies[options.slowReaderPolicy];
  return { case: "start", value: { sessionId, viewerToken, readerId, slowReaderPolicy, from: place(from) } };
}

function place(from: keyof typeof starts | Position) {
  return typeof from === "string"
    ? { case: "start" as const, value: starts[from] }
    : { case: "position" as const, value: { epoch: from.epoch, sequence: BigInt(from.sequence) } };
}
