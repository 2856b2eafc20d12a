import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FaceDriver, type FaceShape } from "../src/face/face-driver.js";
import { eyePaths, headPath, mouthPaths } from "../src/face/geometry.js";
import { type Pose, poseLayout } from "../src/player/pose.js";

const pose = (values: Partial<Record<"jaw" | "neck" | "rotation" | "eyes" | "lids", number[]>>, expression: number[] = []): Pose => {
  const result = new Float32Array(poseLayout.length);
  for (const [part, numbers] of Object.entries(values)) {
    result.set(numbers, poseLayout[part as keyof typeof values]);
  }
  result.set(expression, poseLayout.expression);
  return result;
};

/** The shape when a pose has been held for a while. */
const held = (driver: FaceDriver, value: Pose | undefined, seconds = 0.3): FaceShape => {
  for (let t = 0; t < seconds - 0.02; t += 0.02) {
    driver.next(value, 0.02);
  }
  return driver.next(value, 0.02);
};

describe("FaceDriver", () => {
  it("opens the jaw as the motion does, by the widest that it has seen", () => {
    const driver = new FaceDriver(false);
    assert.ok(held(driver, pose({ jaw: [0.2] })).jaw > 0.99);
    const half = held(driver, pose({ jaw: [0.1] })).jaw;
    assert.ok(half > 0.45 && half < 0.6, `${half}`);
    assert.equal(held(driver, pose({ jaw: [0] })).jaw, 0);
  });

  it("shows small motion too, such as that of an avatar that hardly opens its mouth", () => {
    const { jaw } = held(new FaceDriver(false), pose({ jaw: [0.035] }));
    assert.ok(jaw > 0.4 && jaw < 0.7, `${jaw}`);
  });

  it("opens the mouth whole and shuts it by motion of the service's own range", () => {
    const driver = new FaceDriver(false);
    assert.ok(held(driver, pose({ jaw: [0.063] })).jaw > 0.95);
    assert.ok(held(driver, pose({ jaw: [0.041] })).jaw > 0.5);
    assert.ok(held(driver, pose({ jaw: [0.005] })).jaw < 0.02);
  });

  it("takes a head that always leans forward for upright", () => {
    const driver = new FaceDriver(false);
    held(driver, pose({ neck: [0.125] }), 30);
    assert.ok(Math.abs(held(driver, pose({ neck: [0.125] })).pitch) < 0.01);
    assert.ok(held(driver, pose({ neck: [0.175] })).pitch > 0.03);
  });

  it("follows neck, rotation, eyes and lids", () => {
    const driver = new FaceDriver(false);
    const shape = held(driver, pose({ neck: [0.1, 0.2, 0.05], eyes: [0.1, 0.2, 0, 0.1, 0.2, 0], lids: [1, 0.5] }));
    assert.ok(shape.pitch > 0.05 && shape.yaw > 0.1 && shape.roll > 0.02);
    assert.ok(shape.gazeX > 0.3 && shape.gazeY > 0.1);
    assert.deepEqual(shape.lids, [1, 0.5]);
    assert.ok(held(driver, pose({ rotation: [0, -0.3, 0] })).yaw < -0.1);
  });

  it("shapes lips by the change of an expression, not by where it lies", () => {
    const driver = new FaceDriver(false);
    held(driver, pose({}, [0, 2]), 60);
    assert.ok(Math.abs(held(driver, pose({}, [0, 2])).spread) < 0.1);
    assert.ok(held(driver, pose({}, [0, 3])).spread > 0.5);
  });

  it("comes to rest without motion, and jumps neither way", () => {
    const driver = new FaceDriver(false);
    const open = held(driver, pose({ jaw: [0.2] }));
    const next = driver.next(undefined, 0.016);
    assert.ok(next.jaw < open.jaw && next.jaw > open.jaw * 0.7);
    assert.equal(held(driver, undefined).jaw, 0);
  });

  it("blinks by itself only where the motion does not and movement is welcome", () => {
    const blinks = (driver: FaceDriver, lids: (t: number) => number) => {
      let closed = 0;
      for (let t = 0; t < 30; t += 0.02) {
        closed = Math.max(closed, driver.next(pose({ lids: [lids(t), 0] }), 0.02).lids[1]);
      }
      return closed > 0.5;
    };
    assert.equal(blinks(new FaceDriver(true), () => 0), true);
    assert.equal(blinks(new FaceDriver(true), (t) => (t % 2 < 1 ? 0 : 1)), false);
    assert.equal(blinks(new FaceDriver(false), () => 0), false);
  });
});

describe("the drawing", () => {
  const numbers = (path: string) => (path.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
  const lowest = (path: string) => Math.max(...numbers(path));

  it("lets the chin and the lower lip go down with the jaw", () => {
    assert.equal(lowest(headPath(30)) - lowest(headPath(0)), 30);
    const [shut, open] = [mouthPaths(35, 0, 4, 0), mouthPaths(25, 37, 4, 0)];
    assert.ok(lowest(open.shadow) > lowest(shut.shadow) + 25);
  });

  it("closes the eyes", () => {
    const [, open] = numbers(eyePaths(0).lash).slice(2, 4);
    const [, shut] = numbers(eyePaths(1).lash).slice(2, 4);
    assert.ok(open! < -10 && shut! > 5);
  });

  it("has no number that is none", () => {
    for (const gap of [0, 1, 40]) {
      assert.ok(!/NaN|Infinity/.test(Object.values(mouthPaths(30, gap, 5, 1)).join()));
    }
  });
});
