import { fromBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "../generated/driveningress/v2/driveningress_pb.js";

/** FLAME values of one keyframe, one after the other; angles in radians. */
export type Pose = Float32Array;

/** Where a pose holds what. */
export const poseLayout = {
  rotation: 0,
  neck: 3,
  jaw: 6,
  eyes: 9,
  lids: 15,
  expression: 17,
  length: 117,
} as const;

/** The poses in a Motion Server message, in order; none when it is not an animation. Throws when it does not parse. */
export function decodePoses(envelope: Uint8Array): Pose[] {
  const { data } = fromBinary(MessageSchema, envelope);
  if (data.case !== "serverResponseAnimation") {
    return [];
  }
  return (data.value.animation?.keyframes ?? []).map((keyframe) => {
    const pose = new Float32Array(poseLayout.length);
    copy(pose, poseLayout.rotation, keyframe.rotation, 3);
    copy(pose, poseLayout.neck, keyframe.neckPose, 3);
    copy(pose, poseLayout.jaw, keyframe.jawPose, 3);
    copy(pose, poseLayout.eyes, keyframe.eyePose, 6);
    copy(pose, poseLayout.lids, keyframe.eyeLid, 2);
    copy(pose, poseLayout.expression, keyframe.expression, 100);
    return pose;
  });
}

/** The pose between two, at `t` from 0 to 1. */
export function interpolate(from: Pose, to: Pose, t: number): Pose {
  return from.map((value, i) => value + ((to[i] ?? value) - value) * t);
}

function copy(pose: Pose, offset: number, values: readonly number[], count: number): void {
  for (let i = 0; i < count; i++) {
    pose[offset + i] = values[i] ?? 0;
  }
}
