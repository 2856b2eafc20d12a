import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { type FeedStarted, SlowReaderPolicy as Policy, ViewerPermission as Permission } from "../generated/motiongateway/v1/feed_pb.js";
import type { OpenedEvent, SlowReaderPolicy, TokenTerms, ViewerPermission } from "./events.js";
import { encodingName } from "./payload-events.js";

/** The policies by their names. */
export const slowReaderPolicies: Record<SlowReaderPolicy, Policy> = {
  disconnect: Policy.DISCONNECT,
  dropMotion: Policy.DROP_MOTION,
  skipTurn: Policy.SKIP_TURN,
};

/** The event for the start of a connection. */
export function openedEvent(started: FeedStarted, resumed: boolean): OpenedEvent {
  const { sessionId, readerId, avatarId, appId, sampleRate } = started;
  return {
    type: "opened",
    sessionId,
    readerId,
    position: { epoch: started.position?.epoch ?? 0, sequence: Number(started.position?.sequence ?? 0) },
    lastSequence: Number(started.lastSequence),
    avatarId,
    appId,
    sampleRate,
    audioEncoding: encodingName(started.audioEncoding),
    slowReaderPolicy: policyName(started.slowReaderPolicy),
    ...tokenTerms(started),
    resumed,
  };
}

/** What a token permits, and until when. */
export function tokenTerms(terms: { permissions: Permission[]; expiresAt?: Timestamp | undefined }): TokenTerms {
  const known = terms.permissions.map((permission) => permissionNames[permission]);
  return { permissions: known.filter((name) => name !== undefined), expiresAt: date(terms.expiresAt) };
}

/** A time of the wire; undefined when it is absent. */
export function date(time: Timestamp | undefined): Date | undefined {
  return time && timestampDate(time);
}

function policyName(policy: Policy): SlowReaderPolicy {
  const names = Object.keys(slowReaderPolicies) as SlowReaderPolicy[];
  return names.find((name) => slowReaderPolicies[name] === policy) ?? "disconnect";
}

const permissionNames: Partial<Record<Permission, ViewerPermission>> = {
  [Permission.INTERRUPT]: "interrupt",
  [Permission.TALK]: "talk",
};
