import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { SubscribeRequestSchema, SubscribeResponseSchema } from "../generated/motiongateway/v1/feed_pb.js";
import type { FeedCodec } from "./codec.js";

/** Each text message is the protobuf JSON of one request or response. For looking at a feed by eye: it is larger. */
export const jsonCodec: FeedCodec = {
  subprotocol: "motiongateway.v1+json",
  encode: (request) => toJsonString(SubscribeRequestSchema, request),
  decode(data) {
    if (typeof data !== "string") {
      throw new TypeError("A binary message in a JSON feed.");
    }
    const response = fromJsonString(SubscribeResponseSchema, data, { ignoreUnknownFields: true });
    return { response, bytes: data.length };
  },
};
