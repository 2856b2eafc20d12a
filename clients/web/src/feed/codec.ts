import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type SubscribeRequest,
  SubscribeRequestSchema,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "../generated/motiongateway/v1/feed_pb.js";

/** How the feed's messages stand in WebSocket messages. */
export interface FeedCodec {
  readonly subprotocol: string;
  encode(request: SubscribeRequest): string | Uint8Array;
  /** Throws when the data is not a response of this encoding. */
  decode(data: unknown): DecodedResponse;
}

/** A response, and how many bytes of the window it took. */
export interface DecodedResponse {
  readonly response: SubscribeResponse;
  readonly bytes: number;
}

/** Each binary message is one serialized request or response. */
export const binaryCodec: FeedCodec = {
  subprotocol: "motiongateway.v1",
  encode: (request) => toBinary(SubscribeRequestSchema, request),
  decode(data) {
    const bytes = binary(data);
    return { response: fromBinary(SubscribeResponseSchema, bytes), bytes: bytes.length };
  },
};

function binary(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) {
    return new Uint8Array(data);
  }
  if (data instanceof Uint8Array) {
    return data;
  }
  throw new TypeError("A text message in a binary feed.");
}
