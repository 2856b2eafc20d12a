"""Drives a session end to end with grpcio. Usage: speak.py ADDRESS DIRECTORY-OF-GENERATED-MESSAGES WAV-FILE

Prints "ok CASE" for each case that passes; ends with an error at the first that does not.
"""
import queue
import sys
import wave

import grpc

ADDRESS, GENERATED, FILE = sys.argv[1:]
sys.path.insert(0, GENERATED)

import rpc_details_pb2 as rpc  # noqa: E402
from motiongateway.v1 import payload_pb2, session_pb2, speech_pb2  # noqa: E402

TIMEOUT = 40
RATE = 16000


class Speak:
    """One call: requests by hand, responses in order."""

    def __init__(self, channel):
        self.requests = queue.SimpleQueue()
        method = channel.stream_stream(
            "/motiongateway.v1.SpeechService/Speak",
            request_serializer=speech_pb2.SpeakRequest.SerializeToString,
            response_deserializer=speech_pb2.SpeakResponse.FromString,
        )
        self.call = method(iter(self.requests.get, None), timeout=TIMEOUT)
        self.received = []

    def send(self, **request):
        self.requests.put(speech_pb2.SpeakRequest(**request))

    def say(self, turn, pcm):
        # Cut anywhere, also within a sample.
        for at in range(0, len(pcm), 3333):
            last = at + 3333 >= len(pcm)
            self.send(audio=speech_pb2.AudioChunk(turn_id=turn, data=pcm[at:at + 3333], end_turn=last))

    def until(self, condition):
        for response in self.call:
            self.received.append(response)
            if condition(response):
                return response
        raise AssertionError("the stream ended early")

    def finish(self):
        self.requests.put(None)

    def payloads(self):
        return [response.payload for response in self.received if response.HasField("payload")]


def open_session(avatar="python", rate=RATE):
    return speech_pb2.OpenSession(avatar_id=avatar, audio_format=speech_pb2.AudioFormat(sample_rate=rate), labels={"from": "python"})


def session(channel, pcm):
    speak = Speak(channel)
    speak.send(open=open_session())
    opened = speak.until(lambda response: response.HasField("opened")).opened
    assert opened.session_id and opened.resume_token and opened.viewer_token
    assert opened.limits.audio_credit_bytes >= 60 * 2 * RATE

    turns = {"one": pcm[:3 * 2 * RATE], "two": pcm[3 * 2 * RATE:5 * 2 * RATE]}
    for name, speech in turns.items():
        speak.say(name, speech)
    for name in turns:
        speak.until(lambda response: response.payload.turn_id == name and response.payload.HasField("turn_ended"))
    print("ok two turns")

    for name, speech in turns.items():
        check_turn([payload for payload in speak.payloads() if payload.turn_id == name], speech)
        acknowledged = [r.audio_acknowledged for r in speak.received if r.audio_acknowledged.turn_id == name]
        assert acknowledged[-1].bytes == len(speech) and acknowledged[-1].discarded_bytes == 0
    print("ok payloads")

    found = unary(channel, "GetSession", session_pb2.GetSessionRequest(session_id=opened.session_id), session_pb2.GetSessionResponse)
    assert found.session.turn_count == 2 and found.session.labels == {"from": "python"}
    assert [turn.outcome for turn in found.session.turns] == [payload_pb2.TURN_OUTCOME_COMPLETED] * 2
    print("ok session")

    speak.send(close=speech_pb2.CloseSession(reason="done"))
    closed = speak.until(lambda response: response.HasField("closed")).closed
    assert closed.reason == "done"
    speak.finish()
    assert speak.call.code() == grpc.StatusCode.OK
    sequences = [payload.sequence for payload in speak.payloads()]
    assert sequences == list(range(1, len(sequences) + 1))
    assert speak.payloads()[-1].HasField("session_ended")
    print("ok close")


def check_turn(payloads, speech):
    assert payloads[0].HasField("turn_started") and payloads[-1].HasField("turn_ended")
    assert payloads[-1].turn_ended.outcome == payload_pb2.TURN_OUTCOME_COMPLETED
    audio = [payload.audio for payload in payloads if payload.HasField("audio")]
    motion = [payload.motion for payload in payloads if payload.HasField("motion")]
    assert b"".join(piece.data for piece in audio) == speech
    assert [piece.last for piece in audio] == [False] * (len(audio) - 1) + [True]
    assert [piece.last for piece in motion] == [False] * (len(motion) - 1) + [True]
    assert sum(piece.keyframe_count for piece in motion) == len(speech) // 2 * 25 // RATE
    assert sum(payload.HasField("turn_sealed") for payload in payloads) == 1


def unary(channel, method, request, response):
    path = f"/motiongateway.v1.SessionService/{method}"
    return channel.unary_unary(path, request_serializer=type(request).SerializeToString, response_deserializer=response.FromString)(
        request, timeout=TIMEOUT)


def details(error):
    status = rpc.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    assert status.code == error.code().value[0]
    found = {}
    for detail in status.details:
        kind = getattr(rpc, detail.type_url.rpartition(".")[2], None)
        if kind:
            found[kind] = kind()
            assert detail.Unpack(found[kind])
    return found


def bad_request(channel):
    speak = Speak(channel)
    speak.send(open=open_session(rate=44000))
    try:
        speak.until(lambda response: False)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
        found = details(error)
    assert found[rpc.ErrorInfo].reason == "UNSUPPORTED_SAMPLE_RATE"
    assert found[rpc.ErrorInfo].domain == "motiongateway"
    assert [violation.field for violation in found[rpc.BadRequest].field_violations] == ["open.audio_format.sample_rate"]
    speak.finish()
    print("ok error details")


def unknown_session(channel):
    try:
        unary(channel, "GetSession", session_pb2.GetSessionRequest(session_id="none"), session_pb2.GetSessionResponse)
        raise AssertionError("a session was found")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND
        assert details(error)[rpc.ErrorInfo].reason == "SESSION_NOT_FOUND"
    print("ok unknown session")


def main():
    with wave.open(FILE) as file:
        pcm = file.readframes(6 * RATE)
    with grpc.insecure_channel(ADDRESS) as channel:
        session(channel, pcm)
        bad_request(channel)
        unknown_session(channel)


main()
