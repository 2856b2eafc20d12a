import { type Clock, systemClock } from "../feed/clock.js";
import type { GapEvent, PayloadEvent, TurnEndedEvent, TurnStartedEvent } from "../feed/events.js";
import type { Feed } from "../feed/feed.js";
import type { DecodingPlatform } from "../speech/decoding-platform.js";
import type { AvatarKitController } from "./controller.js";
import { AvatarKitTurn, type TurnSurroundings } from "./turn.js";

/** Settings of `attachAvatarKit`. */
export interface AvatarKitOptions {
  /** Bytes of later turns that may wait for the present one; beyond, the present turn is cut off. Default 16 MiB. */
  readonly maxHeldBytes?: number;
  /**
   * What becomes of a session's Ogg Opus. `decode` (default): the browser decodes it, and AvatarKit gets PCM at 48 kHz.
   * `asItIs`: AvatarKit gets the stream, its header before the first audio of each conversation; for versions that take it
   * (published AvatarKit since 1.3.1), set up for Ogg Opus. A session in PCM is PCM either way.
   */
  readonly oggOpus?: "decode" | "asItIs";
  /** Sees why a turn's Ogg Opus could not be decoded; it is silent there. */
  readonly onProblem?: (turnId: string, message: string) => void;
  /** For tests: what decodes Ogg Opus. Default: the browser's. */
  readonly decoding?: DecodingPlatform;
  /** For tests. */
  readonly clock?: Clock;
}

/** The link between a feed and a controller. */
export interface AvatarKitAttachment {
  /** Cuts the link, and stops what the controller plays. Harmless when done twice. */
  detach(): void;
}

const defaultHeldBytes = 16 * 1024 * 1024;

/** What the adapter uses of a feed. */
export type AttachableFeed = Pick<Feed, "on">;

/** Gives a feed's turns to AvatarKit, in an order in which it drops nothing. */
export function attachAvatarKit(
  feed: AttachableFeed,
  controller: AvatarKitController,
  options: AvatarKitOptions = {},
): AvatarKitAttachment {
  return new Attachment(feed, controller, options);
}

/**
 * One turn at a time is AvatarKit's; later ones are held. A turn makes room when the gateway has ended it and its
 * audio, counted from when it was given, must have been heard here: a viewer who joined late hears it later.
 */
class Attachment implements AvatarKitAttachment {
  readonly #controller: AvatarKitController;
  readonly #clock: Clock;
  readonly #surroundings: TurnSurroundings;
  readonly #maxHeldBytes: number;
  readonly #unsubscribe: (() => void)[];
  /** In the order of the log; the first is AvatarKit's. */
  readonly #turns: AvatarKitTurn[] = [];
  #horizonTimer: unknown;

  constructor(feed: AttachableFeed, controller: AvatarKitController, options: AvatarKitOptions) {
    this.#controller = controller;
    this.#clock = options.clock ?? systemClock;
    this.#maxHeldBytes = options.maxHeldBytes ?? defaultHeldBytes;
    this.#surroundings = {
      controller,
      clock: this.#clock,
      takesOggOpus: options.oggOpus === "asItIs",
      platform: options.decoding,
      onProblem: (turnId, message) => options.onProblem?.(turnId, message),
      onProgress: () => this.#advance(),
    };
    const payload = (event: PayloadEvent) => this.#payload(event);
    this.#unsubscribe = [
      feed.on("turnStarted", (event) => this.#turnStarted(event)),
      feed.on("audio", payload),
      feed.on("motion", payload),
      feed.on("turnSealed", payload),
      feed.on("playbackChanged", payload),
      feed.on("turnEnded", (event) => this.#turnEnded(event)),
      feed.on("gap", (event) => this.#gap(event)),
      feed.on("sessionEnded", () => this.#cutShort()),
      feed.on("closed", () => this.#cutShort()),
    ];
  }

  detach(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) {
      unsubscribe();
    }
    if (this.#turns[0]?.begun) {
      this.#controller.interrupt();
    }
    for (const turn of this.#turns.splice(0)) {
      turn.close();
    }
    this.#clock.clearTimeout(this.#horizonTimer);
  }

  #turnStarted(event: TurnStartedEvent): void {
    const again = this.#find(event.turnId);
    if (again !== undefined) {
      // The feed began anew and brings the turn again.
      again.endMayBeLost = false;
      return;
    }
    for (const turn of this.#turns) {
      if (turn.endMayBeLost) {
        turn.end();
      }
    }
    this.#turns.push(new AvatarKitTurn(event, this.#surroundings));
    this.#advance();
  }

  #payload(event: PayloadEvent): void {
    this.#find(event.turnId)?.add(event);
    this.#makeRoom();
    this.#advance();
  }

  #turnEnded(event: TurnEndedEvent): void {
    const turn = this.#find(event.turnId);
    if (turn === undefined) {
      return;
    }
    if (event.outcome === "interrupted") {
      this.#drop(turn);
    } else {
      turn.end();
    }
    this.#advance();
  }

  #gap(event: GapEvent): void {
    if (event.reason !== "interrupted" && event.reason !== "beforeStart") {
      for (const turn of this.#turns) {
        turn.endMayBeLost = true;
      }
    }
    if (event.reset && event.reason === "epochChanged") {
      this.#cutShort();
    }
  }

  /** Nothing more comes of any turn: what AvatarKit has is closed, so that it returns to idle. */
  #cutShort(): void {
    for (const turn of this.#turns) {
      turn.end();
    }
    this.#advance();
  }

  #drop(turn: AvatarKitTurn): void {
    if (turn.begun && !turn.heard) {
      this.#controller.interrupt();
    }
    turn.close();
    this.#turns.splice(this.#turns.indexOf(turn), 1);
  }

  /** Memory is bounded: a viewer too far behind loses the rest of the present turn, not the connection. */
  #makeRoom(): void {
    const heldBytes = () => this.#turns.reduce((sum, turn) => sum + turn.heldBytes, 0);
    while (this.#turns[0] !== undefined && this.#turns.length > 1 && heldBytes() > this.#maxHeldBytes) {
      this.#drop(this.#turns[0]);
      this.#turns[0]?.give();
    }
  }

  #advance(): void {
    this.#clock.clearTimeout(this.#horizonTimer);
    for (;;) {
      const turn = this.#turns[0];
      turn?.give();
      if (turn === undefined || !turn.ended) {
        return;
      }
      const leftMs = turn.horizonLeftMs;
      if (leftMs > 0) {
        this.#horizonTimer = this.#clock.setTimeout(() => this.#advance(), Math.ceil(leftMs));
        return;
      }
      this.#turns.shift()?.close();
    }
  }

  #find(turnId: string): AvatarKitTurn | undefined {
    return this.#turns.find((turn) => turn.id === turnId);
  }
}
