import { create, fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { ErrorReason } from "../../src/generated/motiongateway/v1/error_pb.js";
import {
  FeedStart,
  type StartFeed,
  SubscribeRequestSchema,
  type SubscribeResponse,
  SubscribeResponseSchema,
  type ViewerEvent,
  ViewerPermission,
} from "../../src/generated/motiongateway/v1/feed_pb.js";
import { AudioEncoding, SkipReason } from "../../src/generated/motiongateway/v1/payload_pb.js";
import { sampleRate } from "./payloads.js";
import type { SessionLog } from "./session-log.js";

const windowBytes = 128 * 1024;
const turnHeartbeatIntervalMs = 2000;
const subprotocols = ["motiongateway.v1", "motiongateway.v1+json"];

/** A relay over one session's log, on a true socket that it can cut at any byte. */
export class MockRelay {
  readonly sampleRate: number;
  audioEncoding: AudioEncoding = AudioEncoding.PCM_S16LE;
  permissions: ViewerPermission[] = [ViewerPermission.INTERRUPT, ViewerPermission.TALK];
  readonly viewerEvents: ViewerEvent[] = [];
  readonly violations: string[] = [];
  connections = 0;
  /** Bytes after which the next connections are cut, handshake included; one number each. */
  readonly cuts: number[] = [];
  onViewerEvent: (event: ViewerEvent) => void = () => undefined;
  readonly #log: SessionLog;
  readonly #server: Server;
  readonly #readers = new Set<Reader>();

  static async start(log: SessionLog, options: { server?: Server; sampleRate?: number } = {}): Promise<MockRelay> {
    const server = options.server ?? createServer();
    const relay = new MockRelay(log, server, options.sampleRate ?? sampleRate);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  private constructor(log: SessionLog, server: Server, rate: number) {
    this.#log = log;
    this.#server = server;
    this.sampleRate = rate;
    const sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      handleProtocols: (offered) => subprotocols.find((name) => offered.has(name)) ?? false,
    });
    server.on("upgrade", (request, socket, head) => {
      this.connections++;
      cutAfter(socket, this.cuts.shift());
      sockets.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket));
    });
    log.onAppend = () => this.#pump();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Drops every connection without a word, as a dying process does. */
  breakAll(): void {
    for (const reader of this.#readers) {
      reader.socket.terminate();
    }
  }

  /** Tells every viewer what stands beside the log. */
  tell(response: SubscribeResponse["response"]): void {
    for (const reader of this.#readers) {
      reader.tell(response);
    }
  }

  async stop(): Promise<void> {
    this.breakAll();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: WebSocket): void {
    const reader = new Reader(this, this.#log, socket);
    this.#readers.add(reader);
    socket.on("close", () => this.#readers.delete(reader));
  }

  #pump(): void {
    for (const reader of this.#readers) {
      reader.pump();
    }
  }
}

class Reader {
  #cursor: { epoch: number; sequence: number } | undefined;
  readonly #sent: { sequence: number; bytes: number }[] = [];
  #outstanding = 0;

  constructor(readonly relay: MockRelay, readonly log: SessionLog, readonly socket: WebSocket) {
    socket.on("error", () => undefined);
    socket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
  }

  pump(): void {
    const cursor = this.#cursor;
    if (cursor === undefined) {
      return;
    }
    if (cursor.epoch !== this.log.epoch) {
      this.#cursor = undefined;
      this.#fail(ErrorReason.EPOCH_CHANGED, true, 4503);
      return;
    }
    while (this.#outstanding < windowBytes && this.socket.readyState === this.socket.OPEN) {
      if (cursor.sequence < this.log.expiredThrough) {
        const range = { from: BigInt(cursor.sequence + 1), through: BigInt(this.log.expiredThrough) };
        const skipped = { epoch: this.log.epoch, range: { $typeName: "motiongateway.v1.SequenceRange" as const, ...range } };
        this.#send({ case: "skipped", value: { $typeName: "motiongateway.v1.SequenceSkipped", ...skipped, reason: SkipReason.EXPIRED } });
        cursor.sequence = this.log.expiredThrough;
      }
      const payload = this.log.next(cursor.sequence);
      if (payload === undefined) {
        return;
      }
      cursor.sequence = Number(payload.sequence);
      const bytes = this.#send({ case: "payload", value: payload });
      this.#sent.push({ sequence: cursor.sequence, bytes });
      this.#outstanding += bytes;
    }
  }

  tell(response: SubscribeResponse["response"]): void {
    this.#send(response);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const { request } = isBinary
      ? fromBinary(SubscribeRequestSchema, data)
      : fromJsonString(SubscribeRequestSchema, data.toString());
    switch (request.case) {
      case "start":
        this.#start(request.value);
        break;
      case "acknowledge":
        this.#acknowledged(Number(request.value.position?.sequence ?? 0));
        break;
      case "viewerEvent":
        this.relay.viewerEvents.push(request.value);
        this.relay.onViewerEvent(request.value);
        break;
      default:
        break;
    }
  }

  #acknowledged(sequence: number): void {
    if (this.#cursor !== undefined && sequence > this.#cursor.sequence) {
      this.relay.violations.push(`acknowledged ${sequence} beyond ${this.#cursor.sequence}`);
    }
    while (this.#sent[0] !== undefined && this.#sent[0].sequence <= sequence) {
      this.#outstanding -= this.#sent.shift()?.bytes ?? 0;
    }
    this.pump();
  }

  #start(start: StartFeed): void {
    const { log } = this;
    if (start.viewerToken !== "token") {
      this.#fail(ErrorReason.VIEWER_TOKEN_INVALID, false, 4010);
      return;
    }
    let sequence = log.lastSequence;
    if (start.from.case === "position") {
      const { epoch } = start.from.value;
      sequence = Number(start.from.value.sequence);
      if (epoch !== log.epoch) {
        this.#fail(ErrorReason.EPOCH_CHANGED, true, 4503);
        return;
      }
      if (sequence < log.expiredThrough && Math.abs(sequence % 2) === 0) {
        // Half of the late readers are refused, half are told by a skip: both are to be lived with.
        this.#fail(ErrorReason.SEQUENCE_EXPIRED, true, 4503);
        return;
      }
    } else if (start.from.value !== FeedStart.LIVE && log.currentTurnStart !== undefined) {
      sequence = Math.max(log.currentTurnStart - 1, log.expiredThrough);
    }
    this.#cursor = { epoch: log.epoch, sequence };
    this.#send({
      case: "started",
      value: {
        $typeName: "motiongateway.v1.FeedStarted",
        sessionId: start.sessionId,
        readerId: start.readerId,
        position: { $typeName: "motiongateway.v1.Position", epoch: log.epoch, sequence: BigInt(sequence) },
        lastSequence: BigInt(log.lastSequence),
        avatarId: "avatar",
        appId: "app",
        sampleRate: this.relay.sampleRate,
        heartbeatIntervalMs: 15_000,
        windowBytes,
        audioEncoding: this.relay.audioEncoding,
        permissions: this.relay.permissions,
        slowReaderPolicy: start.slowReaderPolicy,
        turnHeartbeatIntervalMs,
      },
    });
    const beat = () => this.#send({ case: "heartbeat", value: { $typeName: "motiongateway.v1.Heartbeat" } });
    const beating = setInterval(beat, turnHeartbeatIntervalMs);
    this.socket.on("close", () => clearInterval(beating));
    this.pump();
  }

  #fail(reason: ErrorReason, retryable: boolean, closeCode: number): void {
    const value = { reason, message: "", retryable, retryAfterMs: 0, epoch: this.log.epoch };
    this.#send({ case: "failure", value: { $typeName: "motiongateway.v1.FeedFailure", sessionId: "", turnId: "", connectionId: "", ...value } });
    this.socket.close(closeCode);
  }

  #send(response: SubscribeResponse["response"]): number {
    const message = create(SubscribeResponseSchema, { response });
    const data = this.socket.protocol === "motiongateway.v1"
      ? toBinary(SubscribeResponseSchema, message)
      : toJsonString(SubscribeResponseSchema, message);
    this.socket.send(data);
    return data.length;
  }
}

/** Lets so many bytes through and then cuts the connection, in the middle of whatever it carries. */
function cutAfter(stream: Duplex, bytes: number | undefined): void {
  if (bytes === undefined) {
    return;
  }
  const socket = stream as Socket;
  const write = socket._write.bind(socket);
  let left = bytes;
  let cut = false;
  socket._writev = undefined;
  socket._write = (data: Buffer | string, encoding, done) => {
    const chunk = typeof data === "string" ? Buffer.from(data, encoding) : data;
    if (cut) {
      done();
      return;
    }
    cut = chunk.length >= left;
    write(chunk.subarray(0, left), "buffer" as BufferEncoding, (error) => {
      if (cut) {
        socket.destroySoon();
      }
      done(error);
    });
    left -= chunk.length;
  };
}
