import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorReason } from "../src/generated/motiongateway/v1/error_pb.js";
import { TurnOutcome } from "../src/generated/motiongateway/v1/payload_pb.js";
import { follow } from "./support/followed-feed.js";
import { audio, turnEnded, turnStarted } from "./support/payloads.js";

describe("a position that leads nowhere", () => {
  for (const start of ["live", "now", { epoch: 1, sequence: 6 }] as const) {
    it(`makes a feed that began at ${JSON.stringify(start)} begin again at the current turn`, async () => {
      const harness = await follow({ start });
      if (typeof start === "string") {
        harness.socket.started(1, 6);
        harness.socket.drop(1006);
        await harness.retry();
      }
      harness.socket.open();
      harness.socket.failure(ErrorReason.SEQUENCE_EXPIRED, false);
      const { from, reset } = harness.last("gap") ?? {};
      assert.deepEqual([from, reset], [7, true]);
      await harness.retry();
      harness.socket.open();
      assert.deepEqual(harness.socket.sent("start")[0]?.from, { case: "start", value: 1 });
    });
  }
});

describe("a connection that takes up another", () => {
  for (const sequence of [0, 2, 4, 9]) {
    it(`is refused where it goes on after ${sequence} and the feed was at 3`, async () => {
      const harness = await follow();
      harness.socket.started(1, 2);
      harness.socket.payload(3, turnStarted(1));
      harness.socket.drop(1006);
      await harness.retry();
      harness.socket.started(1, sequence);
      assert.equal(harness.last("failure")?.reason, "PROTOCOL_ERROR");
      assert.equal(harness.feed.position?.sequence, 3);
      assert.equal(harness.events.filter((event) => event.type === "opened").length, 1);
    });
  }

  it("hears nothing of the one before: no payload, no acknowledgement, no heartbeat", async () => {
    const harness = await follow();
    harness.socket.started(1, 0, 1000);
    harness.socket.payload(1, turnStarted(1));
    const old = harness.socket;
    const said = old.requests.length;
    const hear = old.onmessage;
    old.drop(1006);
    harness.clock.advance(5000);
    assert.equal(old.requests.length, said);
    old.onmessage = hear;
    old.payload(2, audio(0, 640));
    assert.deepEqual([harness.last("audio"), harness.feed.position?.sequence], [undefined, 1]);
  });
});

describe("an interrupt's range", () => {
  for (const [through, reason] of [[7, "PROTOCOL_ERROR"], [8, undefined], [20, undefined]] as const) {
    it(`through ${through} before sequence 9: ${reason ?? "whole"}`, async () => {
      const { socket, last } = await follow();
      socket.started();
      socket.payload(1, turnStarted(1));
      socket.payload(2, audio(0, 640));
      socket.payload(9, turnEnded(TurnOutcome.INTERRUPTED, { from: 2, through }));
      assert.equal(last("failure")?.reason, reason);
    });
  }
});

describe("a small window", () => {
  it("is acknowledged at its quarter, so that the server never has to wait", async () => {
    const { socket } = await follow();
    socket.started(1, 0, 15_000, undefined, 4000);
    socket.payload(1, turnStarted(1));
    assert.equal(socket.sent("acknowledge").length, 0);
    socket.payload(2, audio(0, 500));
    assert.equal(socket.sent("acknowledge").at(-1)?.position?.sequence, 2n);
  });
});
