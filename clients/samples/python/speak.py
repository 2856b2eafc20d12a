"""Speaks a WAV file and prints what comes back. Usage: speak.py WAV [AVATAR]"""
import os
import sys
import time

import grpc
from motiongateway.v1 import payload_pb2, speech_pb2, speech_pb2_grpc

CHUNK = 32 * 1024
TURN = "hello"


def connect(url, ca_file):
    scheme, _, target = url.rpartition("://")
    if scheme == "http":
        return grpc.insecure_channel(target)
    roots = open(ca_file, "rb").read() if ca_file else None  # None: those of grpcio
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(roots))


def requests(wav, avatar):
    form = speech_pb2.AudioFormat(encoding=payload_pb2.AUDIO_ENCODING_WAV)
    yield speech_pb2.SpeakRequest(open=speech_pb2.OpenSession(avatar_id=avatar, audio_format=form))
    while data := wav.read(CHUNK):  # grpcio asks for the next request when HTTP/2 flow control has let the last one go
        yield speech_pb2.SpeakRequest(audio=speech_pb2.AudioChunk(turn_id=TURN, data=data))
    yield speech_pb2.SpeakRequest(end_turn=speech_pb2.EndTurn(turn_id=TURN))
    # The half-close says that no more speech comes: the session is closed when all of it has been heard.


def describe(response):
    kind = response.WhichOneof("response")
    if kind == "payload":
        kind = response.payload.WhichOneof("content")
        return kind, {
            "audio": lambda audio: f"sample {audio.first_sample} +{audio.sample_count}",
            "motion": lambda motion: f"keyframe {motion.first_keyframe} +{motion.keyframe_count}",
            "turn_sealed": lambda turn: f"{turn.sample_count} samples, {turn.keyframe_count} keyframes",
            "turn_ended": lambda turn: f"{payload_pb2.TurnOutcome.Name(turn.outcome)}, {turn.played_samples} samples heard",
        }.get(kind, lambda _: "")(getattr(response.payload, kind))
    return kind, {"opened": response.opened.session_id, "refused": response.refused.message}.get(kind, "")


def main(file, avatar="sample"):
    key = os.environ.get("MOTIONGATEWAY_API_KEY")
    metadata = [("authorization", f"Bearer {key}")] if key else []
    url = os.environ.get("MOTIONGATEWAY_GATEWAY", "http://127.0.0.1:50051")
    start = time.monotonic()
    with connect(url, os.environ.get("MOTIONGATEWAY_CACERT")) as channel, open(file, "rb") as wav:
        for response in speech_pb2_grpc.SpeechServiceStub(channel).Speak(requests(wav, avatar), metadata=metadata):
            print(f"{time.monotonic() - start:8.3f} s  {'%s  %s' % describe(response)}", flush=True)


if len(sys.argv) < 2:
    sys.exit(__doc__)
try:
    main(*sys.argv[1:])
except grpc.RpcError as error:
    sys.exit(f"{error.code().name}: {error.details()}")
