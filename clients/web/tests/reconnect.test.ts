import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { ErrorReason } from "../src/generated/motiongateway/v1/error_pb.js";
import { defaultRetryPolicy, retryWait } from "../src/feed/retry.js";
import { follow, settled } from "./support/followed-feed.js";

/** A source of wakes that the test holds in its hands. */
function wakes() {
  const listeners = new Set<() => void>();
  return {
    listeners,
    source: (wake: () => void) => {
      listeners.add(wake);
      return () => void listeners.delete(wake);
    },
    async wake() {
      [...listeners].forEach((listener) => listener());
      await settled();
    },
  };
}

describe("the wait before a reconnect", () => {
  it("is anything from nothing to a bound that doubles up to the greatest", () => {
    const bounds = [1, 2, 3, 6, 7, 20].map((attempt) => retryWait(defaultRetryPolicy, attempt, 0, () => 1).delayMs);
    assert.deepEqual(bounds, [250, 500, 1000, 8000, 10_000, 10_000]);
    assert.equal(retryWait(defaultRetryPolicy, 20, 0, () => 0).delayMs, 0);
    assert.equal(retryWait(defaultRetryPolicy, 20, 0, () => 0.3).delayMs, 3000);
  });

  it("comes on top of what the server asks for, which has a bound itself", () => {
    assert.equal(retryWait(defaultRetryPolicy, 1, 30_000, () => 0).delayMs, 30_000);
    assert.equal(retryWait(defaultRetryPolicy, 1, 30_000, () => 0.5).delayMs, 30_125);
    assert.equal(retryWait(defaultRetryPolicy, 1, 2 ** 31, () => 1).delayMs, 300_250);
  });

  it("ends soon where something wakes it, and attempts count anew", async () => {
    const { source, wake, listeners } = wakes();
    const harness = await follow({ wake: source, retry: { initialDelayMs: 100, maxAttempts: 6 } });
    for (let i = 0; i < 5; i++) {
      harness.socket.drop(1006);
      await harness.retry(i < 4 ? 1600 : 0);
    }
    assert.deepEqual([harness.last("reconnecting")?.delayMs, harness.sockets.length], [1600, 5]);
    await wake();
    await harness.retry(99);
    assert.equal(harness.sockets.length, 5);
    await harness.retry(1);
    assert.equal(harness.sockets.length, 6);
    assert.equal(listeners.size, 0);
    harness.socket.drop(1006);
    assert.equal(harness.last("reconnecting")?.attempt, 1);
  });

  it("is never made longer by a wake, nor by many", async () => {
    const { source, wake } = wakes();
    const harness = await follow({ wake: source });
    harness.socket.drop(1006);
    await harness.retry(200);
    await wake();
    await wake();
    await harness.retry(50);
    assert.equal(harness.sockets.length, 2);
  });

  it("is at least what the server asked for, whatever wakes it", async () => {
    const { source, wake } = wakes();
    const harness = await follow({ wake: source });
    harness.socket.started();
    harness.socket.failure(ErrorReason.READER_LIMIT, true, 30_000);
    await harness.retry(10_000);
    await wake();
    await harness.retry(19_999);
    assert.equal(harness.sockets.length, 1);
    await harness.retry(251);
    assert.equal(harness.sockets.length, 2);
  });

  it("leaves no listener and no timer when the feed is closed in it", async () => {
    const { source, listeners } = wakes();
    const { socket, feed, clock } = await follow({ wake: source });
    socket.drop(1006);
    assert.equal(listeners.size, 1);
    feed.close();
    assert.deepEqual([listeners.size, clock.pendingTimers], [0, 0]);
  });

  it("is short behind a server that leaves again and again, and has an end", async () => {
    const harness = await follow({ retry: { maxAttempts: 3 } });
    for (let i = 0; i < 4; i++) {
      harness.socket.started();
      harness.socket.respond({ case: "goingAway", value: { $typeName: "motiongateway.v1.GoingAway", graceMs: 500 } });
      harness.socket.drop(1001);
      await harness.retry(250);
    }
    assert.deepEqual(harness.events.filter((event) => event.type === "reconnecting").map((event) => event.delayMs), [250, 250, 250]);
    assert.equal(harness.last("closed")?.reason, "failed");
  });

  it("grows behind a path that opens and breaks before anything comes, and has an end", async () => {
    const harness = await follow({ retry: { maxAttempts: 3 } });
    for (const delayMs of [250, 500, 1000]) {
      harness.socket.started();
      harness.clock.advance(2000);
      harness.socket.drop(1006);
      assert.equal(harness.last("reconnecting")?.delayMs, delayMs);
      await harness.retry(delayMs);
    }
    harness.socket.started();
    harness.clock.advance(2000);
    harness.socket.drop(1006);
    assert.equal(harness.last("closed")?.reason, "failed");
  });
});

describe("a page", () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  const browser = new EventTarget();
  const names = ["document", "addEventListener", "removeEventListener"] as const;
  const enter = () => Object.assign(globalThis, {
    document: page,
    addEventListener: browser.addEventListener.bind(browser),
    removeEventListener: browser.removeEventListener.bind(browser),
  });
  afterEach(() => names.forEach((name) => Reflect.deleteProperty(globalThis, name)));

  it("reconnects at once when it is online again, or looked at again", async () => {
    enter();
    const harness = await follow();
    const failTwice = async () => {
      harness.socket.drop(1006);
      await harness.retry(250);
      harness.socket.drop(1006);
      await settled();
    };
    await failTwice();
    page.dispatchEvent(new Event("visibilitychange"));
    await harness.retry(200);
    assert.equal(harness.sockets.length, 2, "it is hidden");
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    await harness.retry(249);
    assert.equal(harness.sockets.length, 2);
    await harness.retry(1);
    assert.equal(harness.sockets.length, 3);
    await failTwice();
    browser.dispatchEvent(new Event("online"));
    await harness.retry(250);
    assert.equal(harness.sockets.length, 5);
    harness.feed.close();
  });
});
