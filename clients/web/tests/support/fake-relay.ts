import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type FeedStarted,
  type SubscribeRequest,
  SlowReaderPolicy,
  SubscribeRequestSchema,
  type SubscribeResponse,
  SubscribeResponseSchema,
  ViewerPermission,
} from "../../src/generated/motiongateway/v1/feed_pb.js";
import { AudioEncoding, PayloadSchema } from "../../src/generated/motiongateway/v1/payload_pb.js";
import type { FeedSocket } from "../../src/feed/socket.js";
import { type PayloadContent, sampleRate } from "./payloads.js";

type Request = SubscribeRequest["request"];
type Response = SubscribeResponse["response"];
type MessageOf<T> = Extract<Response, { case: T }>["value"];

/** The relay's end of a socket that a test holds in its hands: nothing happens but what the test does. */
export class FakeRelaySocket implements FeedSocket {
  binaryType = "";
  bufferedAmount = 0;
  onopen: FeedSocket["onopen"] = null;
  onmessage: FeedSocket["onmessage"] = null;
  onclose: FeedSocket["onclose"] = null;
  onerror: FeedSocket["onerror"] = null;
  readonly requests: Request[] = [];
  closedWith: number | undefined;

  constructor(readonly url: string, readonly subprotocol: string) {}

  send(data: string | Uint8Array): void {
    this.requests.push(fromBinary(SubscribeRequestSchema, data as Uint8Array).request);
  }

  close(code?: number): void {
    this.closedWith ??= code ?? 1005;
  }

  /** Requests of one kind, in order. */
  sent<T extends NonNullable<Request["case"]>>(kind: T): Extract<Request, { case: T }>["value"][] {
    return this.requests.filter((request) => request.case === kind).map((request) => request.value as never);
  }

  open(): void {
    this.onopen?.();
  }

  respond(response: Response): void {
    const data = toBinary(SubscribeResponseSchema, create(SubscribeResponseSchema, { response }));
    this.onmessage?.({ data: data.slice().buffer });
  }

  /** Opens, and starts the feed after a position. */
  started(epoch = 1, sequence = 0, heartbeatIntervalMs = 15_000, audioEncoding = AudioEncoding.UNSPECIFIED, windowBytes = 131_072, terms: Partial<FeedStarted> = {}): void {
    this.open();
    this.respond({
      case: "started",
      value: {
        $typeName: "motiongateway.v1.FeedStarted",
        sessionId: "s",
        readerId: "r",
        position: { $typeName: "motiongateway.v1.Position", epoch, sequence: BigInt(sequence) },
        lastSequence: BigInt(sequence),
        avatarId: "avatar",
        sampleRate,
        appId: "app",
        heartbeatIntervalMs,
        windowBytes,
        audioEncoding,
        permissions: [ViewerPermission.INTERRUPT, ViewerPermission.TALK],
        slowReaderPolicy: SlowReaderPolicy.DISCONNECT,
        turnHeartbeatIntervalMs: 2000,
        ...terms,
      },
    });
  }

  /** Tells what stands beside the log, as the relay does. */
  notice<T extends NonNullable<Response["case"]>>(kind: T, value: Omit<MessageOf<T>, "$typeName">): void {
    this.respond({ case: kind, value } as unknown as Response);
  }

  payload(sequence: number, content: PayloadContent, turnId = "t", epoch = 1): void {
    const value = create(PayloadSchema, { epoch, sequence: BigInt(sequence), turnId, content });
    this.respond({ case: "payload", value });
  }

  skipped(from: number, through: number, reason: number, epoch = 1): void {
    const range = { $typeName: "motiongateway.v1.SequenceRange" as const, from: BigInt(from), through: BigInt(through) };
    this.respond({
      case: "skipped",
      value: { $typeName: "motiongateway.v1.SequenceSkipped", epoch, range, reason },
    });
  }

  failure(reason: number, retryable: boolean, retryAfterMs = 0): void {
    const value = { reason, message: "", retryable, retryAfterMs, epoch: 0 };
    this.respond({ case: "failure", value: { $typeName: "motiongateway.v1.FeedFailure", sessionId: "", turnId: "", connectionId: "", ...value } });
  }

  drop(code: number): void {
    this.onclose?.({ code, reason: "" });
  }
}
