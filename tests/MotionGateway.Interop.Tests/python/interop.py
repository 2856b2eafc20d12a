"""Calls the test service with grpcio. Usage: interop.py ADDRESS DIRECTORY-OF-GENERATED-MESSAGES [CASE...]

Prints "ok CASE" for each case that passes, and "failed CASE" with the reason for each that does not.
"""
import queue
import sys
import threading
import time
import traceback

import grpc

ADDRESS, GENERATED = sys.argv[1:3]
sys.path.insert(0, GENERATED)

import interop_pb2 as pb  # noqa: E402

SERVICE = "/interop.v1.InteropService/"
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
    _, call = client.unary.with_call(pb.EchoRequest(behavior=pb.BEHAVIOR_ECHO_METADATA), metadata=sent, timeout=TIMEOUT)
    initial = dict(call.initial_metadata())
    for received in (initial, dict(call.trailing_metadata())):
        assert received["echo-test-text"] == "value, with comma"
        assert received["echo-test-data-bin"] == bytes([0, 255, 1, 254])


def error_details(client):
    text = "a 100% “bad” día\n"
    request = pb.EchoRequest(behavior=pb.BEHAVIOR_FAIL, text=text, session_id="s-1")
    chat_call = lambda: list(client.chat(iter([pb.EchoRequest(), request]), timeout=TIMEOUT))  # noqa: E731
    for call in (lambda: client.unary(request, timeout=TIMEOUT), chat_call):
        error = expect(grpc.StatusCode.RESOURCE_EXHAUSTED, call)
        assert error.details() == "SESSION_LIMIT text: " + text, repr(error.details())
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        assert b"google.rpc.ErrorInfo" in details and b"google.rpc.RetryInfo" in details and b"google.rpc.BadRequest" in details
    details = dict(expect(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: client.unary(request, timeout=TIMEOUT)).trailing_metadata())
    assert b"session_id\x12\x03s-1" in details["grpc-status-details-bin"]


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
    for path in (SERVICE + "Unknown", "/interop.v1.Unknown/Unary"):
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
    requests = [queue.SimpleQueue() for _ in range(200)]
    calls = [client.chat(iter(each.get, None), timeout=TIMEOUT) for each in requests]
    for turn in range(3):
        for each in requests:
            each.put(pb.EchoRequest(text=str(turn)))
        assert all(next(call).text == str(turn) for call in calls)
    for each in requests:
        each.put(None)
    assert all(len(list(call)) == 0 for call in calls)


def goaway(client):
    call = client.chat(iter([pb.EchoRequest(behavior=pb.BEHAVIOR_HANG_UNTIL_STOP, text="python-goaway")]), timeout=TIMEOUT)
    # Whoever started this stops the server once the call has begun.
    print("goaway", flush=True)
    error = expect(grpc.StatusCode.UNAVAILABLE, lambda: next(call))
    assert error.details() == "stopping", repr(error.details())
    # The server still takes calls until it has said that it goes.
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            client.unary(pb.EchoRequest(), timeout=TIMEOUT)
            assert time.monotonic() < deadline, "the server never went"
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            break


CASES = [
    unary, collect, repeat, chat, gzip, metadata, error_details, deadline, cancel, unimplemented, limit, early_end, many_streams, goaway,
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
