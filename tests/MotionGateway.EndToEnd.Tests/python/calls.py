"""Calls of a gateway with grpcio, for scripts whose second argument is the directory of generated messages."""
import queue
import sys

sys.path.insert(0, sys.argv[2])

from motiongateway.v1 import payload_pb2, session_pb2, speech_pb2  # noqa: E402, F401

TIMEOUT = 40
RATE = 16000


class Speak:
    """One call: requests by hand, responses in order."""

    def __init__(self, channel, timeout=TIMEOUT):
        self.requests = queue.SimpleQueue()
        method = channel.stream_stream(
            "/motiongateway.v1.SpeechService/Speak",
            request_serializer=speech_pb2.SpeakRequest.SerializeToString,
            response_deserializer=speech_pb2.SpeakResponse.FromString,
        )
        self.call = method(iter(self.requests.get, None), timeout=timeout)
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


def unary(channel, method, request, response):
    path = f"/motiongateway.v1.SessionService/{method}"
    return channel.unary_unary(path, request_serializer=type(request).SerializeToString, response_deserializer=response.FromString)(
        request, timeout=TIMEOUT)
