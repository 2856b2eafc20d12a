export { type AgoraJoin, join, type Join, type JoinOptions, type LiveKitJoin } from "./join.js";
export { JoinError } from "./join-error.js";
