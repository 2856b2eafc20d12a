import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { ErrorReason } from "../src/generated/motiongateway/v1/error_pb.js";
import { ViewerPermission } from "../src/generated/motiongateway/v1/feed_pb.js";
import { follow, settled } from "./support/followed-feed.js";
import type { FakeRelaySocket } from "./support/fake-relay.js";

const soon = new Date("2030-01-01T00:00:00Z");
const later = new Date("2030-01-01T01:00:00Z");
const expiring = (socket: FakeRelaySocket) => socket.notice("tokenExpiring", { expiresAt: timestampFromDate(soon) });
const renewed = (socket: FakeRelaySocket, permissions: ViewerPermission[] = []) =>
  socket.notice("tokenRenewed", { permissions, expiresAt: timestampFromDate(later) });

/** A function that gives `one`, `two` and so on. */
function tokens() {
  const names = ["one", "two", "three", "four", "five", "six"];
  let given = 0;
  return { next: () => names[given++] ?? "none", get given() { return given; } };
}

describe("what a viewer's token permits", () => {
  it("is told when the feed opens, and until when", async () => {
    const { socket, feed } = await follow();
    const permissions = [ViewerPermission.INTERRUPT, ViewerPermission.TALK];
    socket.started(1, 0, 15_000, 0, 131_072, { permissions, expiresAt: timestampFromDate(soon) });
    assert.deepEqual(feed.session?.permissions, ["interrupt", "talk"]);
    assert.deepEqual(feed.session?.expiresAt, soon);
  });

  it("keeps reports of playback from a relay that would refuse each of them", async () => {
    const { socket, feed } = await follow();
    const report = { turnId: "t", playedSamples: 1, state: "playing" } as const;
    socket.started(1, 0, 15_000, 0, 131_072, { permissions: [ViewerPermission.INTERRUPT] });
    assert.equal(feed.reportPlayback(report), false);
    assert.equal(socket.sent("viewerEvent").length, 0);
    renewed(socket, [ViewerPermission.TALK]);
    assert.equal(feed.reportPlayback(report), true);
    assert.equal(socket.sent("viewerEvent").length, 1);
  });

  it("leaves out a permission that only a newer server knows", async () => {
    const { socket, feed } = await follow();
    socket.started(1, 0, 15_000, 0, 131_072, { permissions: [ViewerPermission.TALK, 77 as ViewerPermission] });
    assert.deepEqual(feed.session?.permissions, ["talk"]);
    assert.equal(feed.session?.expiresAt, undefined);
  });

  it("changes with a token that was renewed", async () => {
    const { socket, feed, last } = await follow();
    socket.started();
    renewed(socket, [ViewerPermission.TALK]);
    assert.deepEqual(last("tokenRenewed"), { type: "tokenRenewed", permissions: ["talk"], expiresAt: later });
    assert.deepEqual([feed.session?.permissions, feed.session?.expiresAt], [["talk"], later]);
    assert.equal(feed.session?.avatarId, "avatar");
  });
});

describe("a token that ends soon", () => {
  it("is renewed by the token function, on the same connection", async () => {
    const { next } = tokens();
    const harness = await follow({ token: next });
    harness.socket.open();
    harness.socket.started();
    expiring(harness.socket);
    await settled();
    assert.deepEqual(harness.socket.sent("renewToken").map(({ viewerToken }) => viewerToken), ["two"]);
    assert.deepEqual(harness.last("tokenExpiring"), { type: "tokenExpiring", expiresAt: soon, renewing: true, message: "" });
    assert.deepEqual([harness.feed.state, harness.sockets.length], ["open", 1]);
  });

  it("that is fixed is told, and another may be shown, which later connections use", async () => {
    const harness = await follow({ token: "first" });
    harness.socket.started();
    expiring(harness.socket);
    await settled();
    assert.equal(harness.last("tokenExpiring")?.renewing, false);
    assert.equal(harness.socket.sent("renewToken").length, 0);
    assert.equal(harness.feed.renewToken("second"), true);
    assert.deepEqual(harness.socket.sent("renewToken").map(({ viewerToken }) => viewerToken), ["second"]);
    harness.socket.drop(1006);
    await harness.retry();
    harness.socket.open();
    assert.equal(harness.socket.sent("start")[0]?.viewerToken, "second");
    assert.equal(harness.feed.renewToken("third"), false, "no connection is open");
  });

  it("is told to be up to the page where the function gives none, and the feed goes on", async () => {
    let calls = 0;
    const token = () => (++calls === 1 ? "first" : Promise.reject(new Error("The backend is busy.")));
    const harness = await follow({ token });
    harness.socket.started();
    expiring(harness.socket);
    await settled();
    const told = harness.events.filter((event) => event.type === "tokenExpiring");
    assert.deepEqual(told.map(({ renewing, message }) => [renewing, message]), [[true, ""], [false, "The backend is busy."]]);
    assert.equal(harness.feed.state, "open");
  });

  it("is not renewed on a connection that is over", async () => {
    let give: (token: string) => void = () => undefined;
    let calls = 0;
    const token = () => (++calls === 2 ? new Promise<string>((resolve) => (give = resolve)) : `token-${calls}`);
    const harness = await follow({ token });
    harness.socket.started();
    expiring(harness.socket);
    await settled();
    harness.socket.drop(1006);
    await harness.retry(250);
    harness.socket.started();
    assert.equal(harness.socket.sent("start")[0]?.viewerToken, "token-3");
    give("late");
    await settled();
    assert.deepEqual(harness.sockets.map((socket) => socket.sent("renewToken").length), [0, 0]);
  });
});

describe("a token that has expired", () => {
  it("is fetched anew by the function, and the feed resumes where it was", async () => {
    const { next } = tokens();
    const harness = await follow({ token: next });
    harness.socket.started(1, 7);
    harness.socket.failure(ErrorReason.VIEWER_TOKEN_EXPIRED, false);
    assert.equal(harness.last("failure")?.reason, "VIEWER_TOKEN_EXPIRED");
    await harness.retry(250);
    harness.socket.open();
    const [start] = harness.socket.sent("start");
    assert.equal(start?.viewerToken, "two");
    assert.deepEqual([start?.from.case, start?.from.case === "position" && start.from.value.sequence], ["position", 7n]);
  });

  it("is final where it is fixed, with that reason", async () => {
    const { socket, feed } = await follow({ token: "only" });
    socket.started();
    socket.failure(ErrorReason.VIEWER_TOKEN_EXPIRED, false);
    const closed = await feed.closed;
    assert.deepEqual([closed.reason, closed.failure?.reason], ["failed", "VIEWER_TOKEN_EXPIRED"]);
  });

  it("is final where the function gives nothing better, three times in succession", async () => {
    const source = tokens();
    const harness = await follow({ token: source.next });
    for (let i = 0; i < 3; i++) {
      harness.socket.failure(ErrorReason.VIEWER_TOKEN_EXPIRED, false);
      await harness.retry(10_000);
    }
    assert.equal(harness.last("closed")?.failure?.reason, "VIEWER_TOKEN_EXPIRED");
    assert.equal(source.given, 3);
  });
});
