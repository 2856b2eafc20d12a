"""Drives a session end to end with grpcio. Usage: speak.py ADDRESS DIRECTORY-OF-GENERATED-MESSAGES WAV-FILE

Prints "ok CASE" for each case that passes; ends with an error at the first that does not.
"""
import io
import sys
import wave

import grpc

from calls import RATE, Speak, open_session, payload_pb2, session_pb2, speech_pb2, unary
import rpc_details_pb2 as rpc  # after calls, which tells where it is

ADDRESS, FILE = sys.argv[1], sys.argv[3]


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


def wav(pcm):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, RATE, 0, "NONE", ""))
        writer.writeframes(pcm)
    return file.getvalue()


# As services that speak deliver it: a header once, with every chunk, or with every sentence.
def forms(channel, pcm):
    a, b = pcm[:RATE], pcm[RATE:2 * RATE]
    speak = Speak(channel)
    form = speech_pb2.AudioFormat(encoding=payload_pb2.AUDIO_ENCODING_WAV, sample_rate=RATE)
    speak.send(open=speech_pb2.OpenSession(avatar_id="python", audio_format=form))
    turns = {"once": [wav(a + b)], "each": [wav(a), wav(b)], "cut": [wav(a + b)[at:at + 100] for at in range(0, 2 * RATE + 44, 100)]}
    for name, chunks in turns.items():
        for chunk in chunks:
            speak.send(audio=speech_pb2.AudioChunk(turn_id=name, data=chunk))
        speak.send(end_turn=speech_pb2.EndTurn(turn_id=name))
    for name in turns:
        speak.until(lambda response: response.payload.turn_id == name and response.payload.HasField("turn_ended"))
        check_turn([payload for payload in speak.payloads() if payload.turn_id == name], a + b)
    speak.finish()
    print("ok wav")


def no_speech(channel, pcm):
    kinds = {
        "a WAV": wav(pcm[:RATE]),
        "MP3": (bytes([0xFF, 0xF3, 0x84, 0xC4]) + bytes(range(188))) * 50,
        "WebM": bytes.fromhex("1A45DFA39F4286810142F7810142F2810442F381084282847765626D") + pcm[:RATE],
        "JSON": b'{"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota"}}',
    }
    speak = Speak(channel)
    speak.send(open=open_session())
    for name, data in kinds.items():
        turn = name.replace(" ", "-")
        speak.say(turn, data)
        ended = speak.until(lambda response: response.payload.turn_id == turn and response.payload.HasField("turn_ended")).payload.turn_ended
        assert ended.outcome == payload_pb2.TURN_OUTCOME_FAILED, ended
        refused = [r.refused for r in speak.received if r.HasField("refused") and r.refused.turn_id == turn]
        assert refused and name in refused[0].message, refused
        assert not any(p.turn_id == turn and p.audio.data for p in speak.payloads())
    speak.say("good", pcm[:RATE])
    speak.until(lambda response: response.payload.turn_id == "good" and response.payload.HasField("turn_ended"))
    check_turn([payload for payload in speak.payloads() if payload.turn_id == "good"], pcm[:RATE])
    speak.finish()
    print("ok what is no speech")


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
    speak.send(open=open_session(rate=7000))
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
        forms(channel, pcm)
        no_speech(channel, pcm)
        bad_request(channel)
        unknown_session(channel)


main()
