import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { join, JoinError } from "../src/room/index.js";

/** Asks a relay that answers like this. */
async function ask<T>(
  answer: { status?: number; body: string; headers?: Record<string, string> },
  use: (url: string, asked: IncomingMessage[]) => Promise<T>,
): Promise<T> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(request);
    response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers }).end(answer.body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const livekit = {
  livekit: { url: "wss://rooms.test", token: "room-token", roomName: "r", publisher: "avatar" },
  viewerId: "ann",
  expireTime: "2030-01-02T03:04:05Z",
};
const agora = {
  agora: { appId: "app", channel: "c", token: "room-token", uid: 7, publisherUid: 9 },
  viewerId: "ann",
  expireTime: "2030-01-02T03:04:05Z",
};

describe("join", () => {
  it("shows the viewer token to the relay, and to nobody else", async () => {
    await ask({ body: JSON.stringify(livekit) }, async (url, asked) => {
      await join({ url: `${url.replace("http", "ws")}/below/#x`, sessionId: "a/b", token: async () => "viewer-token" });
      const [request] = asked;
      assert.deepEqual([request?.method, request?.url], ["POST", "/below/v1/sessions/a%2Fb/join"]);
      assert.equal(request?.headers.authorization, "Bearer viewer-token");
    });
  });

  it("gives what a LiveKit player takes", async () => {
    const joined = await ask({ body: JSON.stringify(livekit) }, (url) => join({ url, sessionId: "s", token: "t" }));
    assert.deepEqual(joined, {
      provider: "livekit",
      config: { url: "wss://rooms.test", token: "room-token", roomName: "r" },
      publisher: "avatar",
      viewerId: "ann",
      expires: new Date("2030-01-02T03:04:05Z"),
    });
  });

  it("gives what an Agora player takes", async () => {
    const joined = await ask({ body: JSON.stringify(agora) }, (url) => join({ url, sessionId: "s", token: "t" }));
    assert.equal(joined.provider, "agora");
    assert.deepEqual(joined.config, { appId: "app", channel: "c", token: "room-token", uid: 7 });
    assert.equal(joined.provider === "agora" && joined.publisherUid, 9);
  });

  it("says why there is no token, and when to ask again", async () => {
    const refused = { reason: "GATEWAY_UNAVAILABLE", message: "Try again.", retryable: true };
    const answer = { status: 503, body: JSON.stringify(refused), headers: { "retry-after": "2" } };
    await assert.rejects(ask(answer, (url) => join({ url, sessionId: "s", token: "t" })), (error) => {
      assert.ok(error instanceof JoinError);
      assert.deepEqual(
        [error.reason, error.message, error.retryable, error.retryAfterMs],
        ["GATEWAY_UNAVAILABLE", "Try again.", true, 2000],
      );
      return true;
    });
  });

  it("says what it can of an answer that is not the relay's", async () => {
    await assert.rejects(
      ask({ status: 404, body: "<html>" }, (url) => join({ url, sessionId: "s", token: "t" })),
      { name: "JoinError", reason: "", retryable: false, message: /404/ },
    );
  });

  it("refuses options that cannot be right, and asks nobody", async () => {
    const never: typeof fetch = () => assert.fail("the relay was asked");
    const good = { url: "https://relay.test", sessionId: "s", token: "t", fetch: never };
    await assert.rejects(join({ ...good, url: "ftp://relay.test" }), TypeError);
    await assert.rejects(join({ ...good, sessionId: "" }), TypeError);
    await assert.rejects(join({ ...good, token: () => "" }), TypeError);
  });
});
