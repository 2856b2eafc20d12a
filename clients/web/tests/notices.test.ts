import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connect } from "../src/feed/connect.js";
import { ErrorReason } from "../src/generated/motiongateway/v1/error_pb.js";
import { SlowReaderPolicy } from "../src/generated/motiongateway/v1/feed_pb.js";
import { SkipReason } from "../src/generated/motiongateway/v1/payload_pb.js";
import { follow } from "./support/followed-feed.js";
import { audio, turnStarted } from "./support/payloads.js";

describe("a request that is refused", () => {
  it("is told with its reason and field, and the feed goes on", async () => {
    const { socket, feed, last } = await follow();
    socket.started();
    const field = "viewer_event.text";
    const message = "The viewer token does not permit it.";
    socket.notice("refused", { request: 3n, turnId: "", reason: ErrorReason.NOT_PERMITTED, field, message });
    assert.deepEqual(last("refused"), { type: "refused", reason: "NOT_PERMITTED", field, message, turnId: "" });
    assert.equal(feed.state, "open");
    assert.equal(feed.sendText("again"), true);
  });
});

describe("a gateway that is away", () => {
  it("leaves the feed open, and is told until it is back", async () => {
    const { socket, feed, last, types } = await follow();
    socket.started();
    assert.equal(feed.isGatewayAway, false);
    socket.notice("gatewayAway", { limitMs: 60_000 });
    assert.deepEqual(last("gatewayAway"), { type: "gatewayAway", limitMs: 60_000 });
    assert.deepEqual([feed.state, feed.isGatewayAway], ["open", true]);
    socket.notice("gatewayBack", {});
    assert.equal(feed.isGatewayAway, false);
    assert.deepEqual(types(), ["opened", "gatewayAway", "gatewayBack"]);
  });

  it("is not known of once the connection is over", async () => {
    const harness = await follow();
    harness.socket.started();
    harness.socket.notice("gatewayAway", { limitMs: 60_000 });
    harness.socket.drop(1006);
    assert.equal(harness.feed.isGatewayAway, false);
    await harness.retry();
    harness.socket.started();
    assert.equal(harness.feed.isGatewayAway, false);
  });
});

describe("a viewer that does not keep up", () => {
  it("is disconnected unless it asks for something else", async () => {
    for (const [slowReaderPolicy, policy] of [
      [undefined, SlowReaderPolicy.DISCONNECT],
      ["dropMotion", SlowReaderPolicy.DROP_MOTION],
      ["skipTurn", SlowReaderPolicy.SKIP_TURN],
    ] as const) {
      const { socket, feed } = await follow(slowReaderPolicy === undefined ? {} : { slowReaderPolicy });
      socket.open();
      assert.equal(socket.sent("start")[0]?.slowReaderPolicy, policy);
      socket.started(1, 0, 15_000, 0, 131_072, { slowReaderPolicy: policy });
      assert.equal(feed.session?.slowReaderPolicy, slowReaderPolicy ?? "disconnect");
    }
  });

  it("cannot ask for what there is not", () => {
    const options = { url: "https://relay.test", sessionId: "s", token: "t" };
    assert.throws(() => connect({ ...options, slowReaderPolicy: "wait" as never }), /slowReaderPolicy/);
  });

  it("is told what is left out, and goes on behind it", async () => {
    const { socket, feed, last } = await follow();
    socket.started();
    socket.payload(1, turnStarted(1));
    socket.skipped(2, 5, SkipReason.READER_TOO_SLOW);
    assert.deepEqual(last("gap"), { type: "gap", reason: "readerTooSlow", epoch: 1, from: 2, through: 5, reset: false });
    socket.payload(6, audio(0, 640));
    assert.deepEqual([feed.state, feed.position?.sequence], ["open", 6]);
  });
});
