export { attachAvatarKit, type AvatarKitAttachment, type AvatarKitController, type AvatarKitOptions } from "./avatarkit/attach.js";
export { type Clock, systemClock } from "./feed/clock.js";
export { binaryCodec, type DecodedResponse, type FeedCodec } from "./feed/codec.js";
export { connect, type ConnectOptions } from "./feed/connect.js";
export type * from "./feed/events.js";
export type { Feed, FeedState } from "./feed/feed.js";
export { defaultRetryPolicy, type RetryPolicy } from "./feed/retry.js";
export { type FeedSocket, type FeedSocketFactory, feedUrl, platformSocket } from "./feed/socket.js";
export type { PlaybackReport } from "./feed/viewer-events.js";
