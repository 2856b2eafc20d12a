"""Speaks over TLS with grpcio. Usage: tls.py ADDRESS DIRECTORY-OF-GENERATED-MESSAGES WAV-FILE CA-FILE CERTIFICATE-FILE KEY-FILE

Prints "ok CASE" for each case that passes; ends with an error at the first that does not.
"""
import os
import sys

# What is refused is told by an exception; the library's own words would stand among the results.
os.environ["GRPC_VERBOSITY"] = "NONE"

import grpc  # noqa: E402

from calls import RATE, Speak, open_session, payload_pb2, session_pb2, speech_pb2, unary  # noqa: E402

ADDRESS = sys.argv[1]


def read(path):
    with open(path, "rb") as file:
        return file.read()


CA, CERTIFICATE, KEY = map(read, sys.argv[4:7])


def speaks():
    with grpc.secure_channel(ADDRESS, grpc.ssl_channel_credentials(CA, KEY, CERTIFICATE)) as channel:
        speak = Speak(channel)
        speak.send(open=open_session())
        speak.until(lambda response: response.HasField("opened"))
        speak.say("one", bytes(RATE))
        ended = speak.until(lambda response: response.payload.HasField("turn_ended")).payload.turn_ended
        assert ended.outcome == payload_pb2.TURN_OUTCOME_COMPLETED
        speak.send(close=speech_pb2.CloseSession())
        speak.finish()
    print("ok certificate")


def is_refused(case, *credentials):
    with grpc.secure_channel(ADDRESS, grpc.ssl_channel_credentials(*credentials)) as channel:
        try:
            unary(channel, "ListSessions", session_pb2.ListSessionsRequest(), session_pb2.ListSessionsResponse)
            raise AssertionError(f"{case} is let in")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
    print(f"ok {case}")


speaks()
is_refused("no certificate", CA)
is_refused("another authority")
