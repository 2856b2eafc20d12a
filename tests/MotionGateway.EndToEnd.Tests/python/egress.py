"""Speaks into rooms of LiveKit and Agora with grpcio. Usage: egress.py ADDRESS GENERATED-MESSAGES WAV-FILE MOTION-SERVER RELAY

Looks at what the local Motion Server would have published, and joins as a viewer by the relay. Prints "ok CASE" for each case that
passes; ends with an error at the first that does not.
"""
import base64
import json
import sys
import urllib.error
import urllib.request
import wave

import grpc

from calls import RATE, Speak, open_session, payload_pb2, speech_pb2

ADDRESS, FILE, MOTION_SERVER, RELAY = sys.argv[1], *sys.argv[3:]

# Playback takes the time that it takes, and a busy machine more.
PATIENCE = 180


def control(path, body=None):
    request = urllib.request.Request(f"{MOTION_SERVER.rstrip('/')}/control/{path}", headers={"X-Api-Key": "local-key"})
    with urllib.request.urlopen(request, data=body and json.dumps(body).encode(), timeout=PATIENCE) as answer:
        return answer.read()


def published(room):
    """The requests that were published into a room, in order, with the audio of each."""
    found = []
    for connection in json.loads(control("egress"))["connections"]:
        if connection["target"]["room"] == room:
            for request in connection["requests"]:
                request["audio"] = control(f"egress/{connection['connectionId']}/{request['reqId']}/audio")[44:]
                found.append(request)
    return found


def start(channel, **room):
    speak = Speak(channel, timeout=PATIENCE)
    opening = open_session()
    opening.egress.CopyFrom(speech_pb2.Egress(**room))
    speak.send(open=opening)
    return speak, speak.until(lambda response: response.HasField("opened")).opened


def ended(speak, turn):
    return speak.until(lambda r: r.payload.turn_id == turn and r.payload.HasField("turn_ended")).payload.turn_ended


def changed(speak, paused):
    return speak.until(
        lambda r: r.payload.HasField("playback_changed") and r.payload.playback_changed.paused == paused).payload.playback_changed


def conversation(channel, pcm):
    speak, opened = start(channel, livekit=speech_pb2.LiveKitRoom(room="talk", attributes={"lang": "en"}))
    assert opened.egress.livekit.publisher == "avatar" and "playback_control" in opened.capabilities
    turns = {"one": pcm[:2 * RATE], "two": pcm[2 * RATE:8 * RATE], "three": pcm[:80 * RATE]}
    speak.say("one", turns["one"])
    speak.say("two", turns["two"])
    first = ended(speak, "one")
    assert (first.outcome, first.played_samples) == (payload_pb2.TURN_OUTCOME_COMPLETED, RATE), first

    # Only of a turn that plays can playback be held.
    speak.until(lambda r: r.payload.turn_id == "two" and r.payload.HasField("turn_started"))
    speak.send(pause_playback=speech_pb2.PausePlayback())
    held = changed(speak, True)
    state = published("talk")[1]
    assert (state["state"], state["playedMs"]) == ("PAUSED", held.played_samples * 1000 // RATE), (state["state"], state["playedMs"], held)
    speak.send(resume_playback=speech_pb2.ResumePlayback())
    assert changed(speak, False).played_samples == held.played_samples
    second = ended(speak, "two")
    assert (second.outcome, second.played_samples) == (payload_pb2.TURN_OUTCOME_COMPLETED, 3 * RATE), second
    print("ok pause and resume")

    speak.say("three", turns["three"])
    speak.until(lambda r: r.payload.turn_id == "three" and r.payload.HasField("turn_started"))
    speak.send(interrupt=speech_pb2.Interrupt(reason="enough"))
    third = ended(speak, "three")
    assert (third.outcome, third.reason) == (payload_pb2.TURN_OUTCOME_INTERRUPTED, "enough"), third
    assert third.played_samples < 40 * RATE
    assert not any(payload.HasField("audio") or payload.HasField("motion") for payload in speak.payloads())
    sequences = [payload.sequence for payload in speak.payloads()]
    assert sequences == list(range(1, len(sequences) + 1))
    print("ok interrupt")

    # Behind an interrupt comes new speech: when it has been played, the interrupt has been told.
    speak.say("four", turns["one"])
    assert ended(speak, "four").outcome == payload_pb2.TURN_OUTCOME_COMPLETED
    requests = published("talk")
    assert [request["state"] for request in requests] == ["ENDED", "ENDED", "INTERRUPTED", "ENDED"]
    assert requests[2]["reason"] == "explicit"
    assert [requests[i]["audio"] for i in (0, 1, 3)] == [turns["one"], turns["two"], turns["one"]]
    assert turns["three"].startswith(requests[2]["audio"])
    assert requests[1]["keyframes"] == 75
    print("ok what was published")
    joins(opened)
    speak.finish()


def cut(channel, pcm):
    control("faults", {"fault": "fault-reset@motion", "avatarId": "python", "count": 1})
    speak, _ = start(channel, agora=speech_pb2.AgoraChannel(channel="cut"))
    speech = pcm[:8 * RATE]
    speak.say("one", speech)
    over = ended(speak, "one")
    assert (over.outcome, over.played_samples) == (payload_pb2.TURN_OUTCOME_COMPLETED, 4 * RATE), over
    # The report may have come before the end.
    reports = [r.turn_report for r in speak.received if r.HasField("turn_report")]
    report = reports[0] if reports else speak.until(lambda r: r.HasField("turn_report")).turn_report
    assert report.recoveries == 1, report
    first, again = published("cut")
    heard = len(speech) - len(again["audio"])
    assert speech[heard:] == again["audio"]
    assert heard <= len(first["audio"])
    speak.finish()
    print("ok cut in mid-turn")


def joins(opened):
    def ask(token, session=opened.session_id):
        request = urllib.request.Request(
            f"{RELAY.rstrip('/')}/v1/sessions/{session}/join", method="POST", headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    status, answer = ask(opened.viewer_token)
    assert status == 200, answer
    room = answer["livekit"]
    assert (room["url"], room["roomName"]) == ("wss://rooms.example", "talk")
    part = room["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["video"]["room"] == "talk" and claims["sub"] == answer["viewerId"] != "avatar"
    for token, session in ((opened.viewer_token, "another"), (room["token"], opened.session_id), ("", opened.session_id)):
        status, answer = ask(token, session)
        assert (status, answer["reason"]) == (401, "VIEWER_TOKEN_INVALID"), answer
    print("ok join")


def main():
    with wave.open(FILE) as file:
        pcm = file.readframes(file.getnframes())
    pcm = pcm * (80 * RATE // len(pcm) + 1)
    with grpc.insecure_channel(ADDRESS) as channel:
        conversation(channel, pcm)
        cut(channel, pcm)


main()
