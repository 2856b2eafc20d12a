import { connect } from "../../src/feed/connect.js";
import type { ConnectOptions } from "../../src/feed/options.js";
import type { FeedEvent } from "../../src/feed/events.js";
import { FakeClock } from "./fake-clock.js";
import { FakeRelaySocket } from "./fake-relay.js";

/** Lets promises do what they have to do. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A feed over sockets that the test plays the relay on. */
export async function follow(options: Partial<ConnectOptions> = {}) {
  const clock = new FakeClock();
  const sockets: FakeRelaySocket[] = [];
  const events: FeedEvent[] = [];
  const feed = connect({
    url: "https://relay.test/base/",
    sessionId: "s 1",
    token: "secret",
    clock,
    random: () => 1,
    onEvent: (event) => events.push(event),
    webSocket: (url, subprotocol) => {
      const socket = new FakeRelaySocket(url, subprotocol);
      sockets.push(socket);
      return socket;
    },
    ...options,
  });
  await settled();
  return {
    feed,
    clock,
    events,
    sockets,
    get socket() {
      return sockets[sockets.length - 1]!;
    },
    types: () => events.map((event) => event.type),
    last: <T extends FeedEvent["type"]>(type: T) =>
      events.filter((event) => event.type === type).at(-1) as Extract<FeedEvent, { type: T }> | undefined,
    /** Lets the retry delay pass. */
    async retry(ms = 10_000) {
      clock.advance(ms);
      await settled();
    },
  };
}
