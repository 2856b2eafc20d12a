"""Follows a session through a relay's JSON feed and checks all that it brings, sharing no code with what it checks.

Usage: feed_reader.py RELAY-URL SESSION, with the viewer token in MOTIONGATEWAY_VIEWER_TOKEN.
Prints "ready" when the feed is open, and at the session's end one line of JSON with what was received.
Ends with an error at the first thing that is not as it must be.
"""
import asyncio
import base64
import hashlib
import json
import os
import sys

import websockets

SUBPROTOCOL = "motiongateway.v1+json"
KEYFRAMES_PER_SECOND = 25
FLAME_VALUES = {1: 3, 2: 3, 3: 3, 4: 3, 5: 6, 6: 2, 7: 100}
ANIMATION = 5
SILENCE_LIMIT = 40


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """Walks a protobuf message: yields the number and the content of each field."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            content, at = varint(data, at)
        else:
            length, at = {1: (8, at), 5: (4, at)}[kind] if kind != 2 else varint(data, at)
            content = data[at:at + length]
            assert len(content) == length, "a field is cut off"
            at += length
        yield key >> 3, content


def read_envelope(envelope):
    """The connection, request, end mark and number of keyframes of a Motion Server's message."""
    message = dict(fields(envelope))
    assert message[1] == ANIMATION, f"the message is of type {message[1]}"
    connection = request = b""
    end, keyframes = False, 0
    for number, content in fields(message[6]):
        if number == 1:
            connection = content
        elif number == 2:
            request = content
        elif number == 3:
            end = bool(content)
        elif number == 4:
            for inner, keyframe in fields(content):
                assert inner == 1
                keyframes += 1
                values = {n: len(floats) // 4 for n, floats in fields(keyframe)}
                assert values == FLAME_VALUES, f"a keyframe holds {values}"
    assert connection and request
    return (connection, request), end, keyframes


class Turn:
    def __init__(self, started, rate):
        assert int(started["sampleRate"]) == rate
        self.ordinal = int(started["ordinal"])
        self.rate = rate
        self.samples = self.keyframes = self.messages = 0
        self.audio = hashlib.sha256()
        self.audio_done = self.motion_done = self.sealed = False
        self.outcome = None
        self.ids = None

    def take(self, payload):
        assert self.outcome is None, "something follows the turn's end"
        if "audio" in payload:
            self.take_audio(payload["audio"])
        elif "motion" in payload:
            self.take_motion(payload["motion"])
        elif "turnSealed" in payload:
            sealed = payload["turnSealed"]
            assert not self.sealed and self.audio_done and self.motion_done, "sealed before its last media"
            assert int(sealed["sampleCount"]) == self.samples
            assert int(sealed["keyframeCount"]) == self.keyframes
            self.sealed = True
        elif "turnEnded" in payload:
            self.outcome = payload["turnEnded"]["outcome"]
            assert self.outcome != "TURN_OUTCOME_COMPLETED" or self.sealed, "completed and not sealed"

    def take_audio(self, audio):
        assert not self.audio_done and not self.sealed, "audio after the last audio"
        data = base64.b64decode(audio.get("data", ""), validate=True)
        count = int(audio.get("sampleCount", 0))
        assert int(audio.get("firstSample", 0)) == self.samples, "audio is not where it belongs"
        assert len(data) == 2 * count, f"{len(data)} bytes for {count} samples"
        self.samples += count
        self.audio.update(data)
        self.audio_done = audio.get("last", False)

    def take_motion(self, motion):
        assert not self.motion_done and not self.sealed, "motion after the last motion"
        ids, end, keyframes = read_envelope(base64.b64decode(motion["envelope"], validate=True))
        assert keyframes == int(motion["keyframeCount"]) > 0
        assert int(motion.get("firstKeyframe", 0)) == self.keyframes, "motion is not where it belongs"
        assert self.samples > self.keyframes * self.rate // KEYFRAMES_PER_SECOND, "motion before the audio at its first keyframe"
        assert end == motion.get("last", False)
        self.ids = self.ids or ids
        assert ids == self.ids, "the turn's motion bears two names"
        self.keyframes += keyframes
        self.messages += 1
        self.motion_done = end

    def report(self):
        return {
            "ordinal": self.ordinal, "outcome": self.outcome, "audioBytes": 2 * self.samples, "audioSha256": self.audio.hexdigest(),
            "keyframes": self.keyframes, "motionMessages": self.messages,
        }


class Reader:
    def __init__(self, started):
        self.rate = int(started["sampleRate"])
        self.epoch = int(started["position"]["epoch"])
        self.last = int(started["position"].get("sequence", 0))
        self.turns = {}
        self.ended = False

    def skip(self, skipped):
        assert int(skipped["epoch"]) == self.epoch
        assert int(skipped["range"]["from"]) == self.last + 1, "the declared range is not the one that is missing"
        self.last = int(skipped["range"]["through"])

    def take(self, payload):
        assert not self.ended, "something follows the session's end"
        assert int(payload["epoch"]) == self.epoch
        sequence = int(payload["sequence"])
        if sequence != self.last + 1:
            discarded = payload.get("turnEnded", {}).get("discarded")
            assert discarded and int(discarded["from"]) <= self.last + 1 and int(discarded["through"]) >= sequence - 1 >= self.last, \
                f"{sequence} follows {self.last}"
        self.last = sequence
        name = payload.get("turnId", "")
        if "turnStarted" in payload:
            assert name not in self.turns
            assert all(turn.outcome for turn in self.turns.values()), "a turn begins before the end of the one before"
            self.turns[name] = Turn(payload["turnStarted"], self.rate)
        elif name:
            self.turns[name].take(payload)
        self.ended = "sessionEnded" in payload


async def follow(relay, session, token):
    url = f"{relay.rstrip('/').replace('http', 'ws', 1)}/v1/sessions/{session}/feed"
    async with websockets.connect(url, subprotocols=[SUBPROTOCOL], max_size=2 ** 20, ping_interval=None) as socket:
        assert socket.subprotocol == SUBPROTOCOL
        await socket.send(json.dumps({"start": {"viewerToken": token}}))
        first = json.loads(await asyncio.wait_for(socket.recv(), SILENCE_LIMIT))
        assert "started" in first, first
        reader = Reader(first["started"])
        print("ready", flush=True)
        while not reader.ended:
            message = json.loads(await asyncio.wait_for(socket.recv(), SILENCE_LIMIT))
            assert len(message) == 1, f"one thing a message, and not {list(message)}"
            if "payload" in message:
                reader.take(message["payload"])
                position = {"epoch": reader.epoch, "sequence": str(reader.last)}
                if not reader.ended:
                    # Behind the end comes the close, and nobody waits for more.
                    await socket.send(json.dumps({"acknowledge": {"position": position}}))
            elif "skipped" in message:
                reader.skip(message["skipped"])
            else:
                assert "heartbeat" in message or "goingAway" in message, message
        return reader


def main():
    relay, session = sys.argv[1:]
    reader = asyncio.run(follow(relay, session, os.environ["MOTIONGATEWAY_VIEWER_TOKEN"]))
    turns = [turn.report() for turn in reader.turns.values()]
    print(json.dumps({"lastSequence": reader.last, "turns": turns}))


main()
