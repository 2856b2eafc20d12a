"""Calls the test service with grpcio. Usage: interop.py ADDRESS DIRECTORY-OF-GENERATED-MESSAGES [CASE...]

Prints "ok CASE" for each case that passes, and "failed CASE" with the reason for each that does not.
"""
import sys
import threading
import traceback

import grpc

ADDRESS, GENERATED = sys.argv[1:3]
sys.path.insert(0, GENERATED)

import interop_pb2 as pb  # noqa: E402
from grpc_.health.v1 import health_pb2  # noqa: E402

SERVICE = "/grpclite.test.v1.InteropService/"
LIMIT = 4 * 1024 * 1024
TIMEOUT = 60
OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class Client:
    def __init__(self, compression=None):
        self.channel = grpc.insecure_channel(ADDRESS, options=OPTIONS, compression=compression)
        self.unary = self.method("unary_unary", "Unary")
        self.collect = self.method("stream_unary", "Collect")
        self.repeat = self.method("unary_stream", "Repeat")
        self.chat = self.method("stream_stream", "Chat")

    def method(self, kind, name, path=None):
        return getattr(self.channel, kind)(
            path or SERVICE + name,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=pb.EchoResponse.FromString,
        )


def expect(code, call):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()}: {error.details()}"
        return error
    raise AssertionError(f"{code} was expected")


def unary(client):
    response = client.unary(pb.EchoRequest(payload=b"abc", text="zażółć"), timeout=TIMEOUT)
    assert (response.payload, response.text) == (b"abc", "zażółć")


def collect(client):
    response = client.collect((pb.EchoRequest(payload=bytes(n)) for n in range(50)), timeout=TIMEOUT)
    assert (response.index, response.text) == (50, str(sum(range(50))))


def repeat(client):
    responses = list(client.repeat(pb.EchoRequest(count=100, response_length=20000), timeout=TIMEOUT))
    assert [r.index for r in responses] == list(range(100))
    assert all(len(r.payload) == 20000 for r in responses)


def chat(client):
    answered = threading.Semaphore(1)

    def requests():
        for n in range(100):
            assert answered.acquire(timeout=TIMEOUT)
            yield pb.EchoRequest(text=str(n))

    received = []
    for response in client.chat(requests(), timeout=TIMEOUT):
        received.append(response.text)
        answered.release()
    assert received == [str(n) for n in range(100)]


def gzip(_):
    client = Client(grpc.Compression.Gzip)
    payload = b"x" * 100_000
    assert client.unary(pb.EchoRequest(payload=payload), timeout=TIMEOUT).payload == payload
    assert client.collect((pb.EchoRequest(payload=payload) for _ in range(5)), timeout=TIMEOUT).text == "500000"


def metadata(client):
    sent = (("test-text", "value, with comma"), ("test-data-bin", bytes([0, 255, 1, 254])))
    call = client.chat(iter([pb.EchoRequest(behavior=pb.BEHAVIOR_ECHO_METADATA)]), metadata=sent, timeout=TIMEOUT)
    initial = dict(call.initial_metadata())
    assert len(list(call)) == 1
    for received in (initial, dict(call.trailing_metadata())):
        assert received["echo-test-text"] == "value, with comma"
        assert received["echo-test-data-bin"] == bytes([0, 255, 1, 254])


def rich_error(client):
    text = "a 100% “bad” día\n"
    request = pb.EchoRequest(behavior=pb.BEHAVIOR_FAIL, text=text)
    chat_call = lambda: list(client.chat(iter([pb.EchoRequest(), request]), timeout=TIMEOUT))  # noqa: E731
    for call in (lambda: client.unary(request, timeout=TIMEOUT), chat_call):
        error = expect(grpc.StatusCode.FAILED_PRECONDITION, call)
        assert error.details() == text, repr(error.details())
        trailers = dict(error.trailing_metadata())
        assert b"google.rpc.ErrorInfo" in trailers["grpc-status-details-bin"]
        assert trailers["test-trailer"] == "seen"


def deadline(client):
    request = pb.EchoRequest(behavior=pb.BEHAVIOR_IGNORE_CANCELLATION, text="python-deadline")
    expect(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: client.unary(request, timeout=0.3))
    expect(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: list(client.repeat(request, timeout=0.3)))


def cancel(client):
    call = client.chat(iter([pb.EchoRequest(), pb.EchoRequest(behavior=pb.BEHAVIOR_HANG, text="python-cancel")]), timeout=TIMEOUT)
    next(call)
    assert next(call).text == "python-cancel"
    call.cancel()
    expect(grpc.StatusCode.CANCELLED, lambda: next(call))


def unimplemented(client):
    for path in (SERVICE + "Unknown", "/grpclite.test.v1.Unknown/Unary"):
        expect(grpc.StatusCode.UNIMPLEMENTED, lambda: client.method("unary_unary", "", path)(pb.EchoRequest(), timeout=TIMEOUT))


def limit(client):
    request = pb.EchoRequest(payload=bytes(LIMIT - 5))
    assert request.ByteSize() == LIMIT
    assert len(client.unary(request, timeout=TIMEOUT).payload) == LIMIT - 5
    request = pb.EchoRequest(payload=bytes(LIMIT - 4))
    expect(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: client.unary(request, timeout=TIMEOUT))


def early_end(client):
    def requests():
        yield pb.EchoRequest(behavior=pb.BEHAVIOR_REFUSE)
        while True:
            yield pb.EchoRequest(payload=bytes(10_000))

    expect(grpc.StatusCode.PERMISSION_DENIED, lambda: client.collect(requests(), timeout=TIMEOUT))


def many_streams(client):
    calls = [client.repeat(pb.EchoRequest(count=20, response_length=1000), timeout=TIMEOUT) for _ in range(80)]
    assert all(len(list(call)) == 20 for call in calls)


def health_method(client, kind, name):
    return getattr(client.channel, kind)(
        "/grpc.health.v1.Health/" + name,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )


def health(client):
    check = health_method(client, "unary_unary", "Check")
    assert check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT).status == health_pb2.HealthCheckResponse.SERVING
    assert check(health_pb2.HealthCheckRequest(service="known"), timeout=TIMEOUT).status == health_pb2.HealthCheckResponse.SERVING
    expect(grpc.StatusCode.NOT_FOUND, lambda: check(health_pb2.HealthCheckRequest(service="unknown"), timeout=TIMEOUT))
    watch = health_method(client, "unary_stream", "Watch")
    unknown = watch(health_pb2.HealthCheckRequest(service="unknown"), timeout=TIMEOUT)
    assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    known = watch(health_pb2.HealthCheckRequest(service="known"), timeout=TIMEOUT)
    assert next(known).status == health_pb2.HealthCheckResponse.SERVING
    # Whoever started this makes the service unhealthy on reading the line.
    print("watching", flush=True)
    assert next(known).status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert unknown.is_active()
    known.cancel()
    unknown.cancel()


CASES = [
    unary, collect, repeat, chat, gzip, metadata, rich_error, deadline, cancel, unimplemented, limit, early_end, many_streams, health,
]


def main():
    client = Client()
    failed = False
    for case in CASES:
        try:
            case(client)
            print("ok", case.__name__, flush=True)
        except Exception:  # noqa: BLE001
            failed = True
            print("failed", case.__name__, traceback.format_exc(), flush=True)
    sys.exit(failed)


main()
