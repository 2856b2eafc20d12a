"""A published demo client without its face: plays a clip at a relay's /ws/agent, interrupts, types and speaks; checks what it is sent.

Usage: agent_client.py RELAY-URL
Prints one line of JSON with what was received. Ends with an error at the first thing such a client would lose or mix up.
"""
import asyncio
import base64
import hashlib
import json
import math
import sys
import time
import urllib.request

import websockets

RATE = 16000
LIMIT = 90
# A second of a tone, about as loud as a voice.
VOICE = b"".join(round(8000 * math.sin(i * 0.09)).to_bytes(2, "little", signed=True) for i in range(RATE))


class Client:
    """Holds one conversation, that of the latest audio, as the clients do."""

    def __init__(self, socket):
        self.socket = socket
        self.turn = None
        self.done = []

    async def send(self, **message):
        await self.socket.send(json.dumps(message))

    async def receive(self):
        message = json.loads(await asyncio.wait_for(self.socket.recv(), LIMIT))
        kind = message["type"]
        assert kind != "error", message
        if kind == "avatar_audio":
            self.take_audio(message)
        elif kind == "avatar_frames":
            self.take_frames(message)
        elif kind == "interrupt":
            self.turn = None
        return message

    async def wait(self, kind):
        while (message := await self.receive())["type"] != kind:
            pass
        return message

    def take_audio(self, message):
        if self.turn is None:
            self.turn = {"id": message["turnId"], "audio": b"", "frames": 0, "over": False, "began": time.monotonic()}
        assert self.turn["id"] == message["turnId"], "audio of another turn cuts off the one that plays"
        assert not self.turn["over"], "audio after its end"
        audio = base64.b64decode(message["audio"], validate=True)
        self.turn["audio"] += audio
        self.turn["over"] = message["isLast"]
        assert not message["isLast"] or audio == b"", "the end is a message of its own"

    def take_frames(self, message):
        assert self.turn and self.turn["audio"] and self.turn["id"] == message["turnId"], "motion is dropped"
        for frame in message["frames"]:
            assert base64.b64decode(frame, validate=True)
            self.turn["frames"] += 1
        if message["isLast"]:
            assert self.turn["over"], "the turn is forgotten before its audio is over"
            self.done.append(self.turn)
            self.turn = None


def read_config(relay):
    with urllib.request.urlopen(f"{relay}/healthz") as health:
        assert json.load(health)["ok"] is True
    with urllib.request.urlopen(f"{relay}/api/config") as config:
        config = json.load(config)
    assert config["appId"] and config["SPATIUS_API_KEY"] and config["missing"]["sample"] == []
    return config


async def type_text(client, text):
    """Types, and waits for the answer's first sound."""
    await client.send(type="text", text=text)
    told = await client.wait("transcript")
    assert (told["role"], told["text"]) == ("user", text), told
    await client.wait("avatar_audio")


async def speak(client):
    """Speaks, and falls silent, while another answer is heard and more waits. Returns what is said once that is cut off: the answer to it."""
    heard = VOICE + bytes(2 * RATE)
    for at in range(0, len(heard), 2 * RATE // 10):
        await client.send(type="mic_audio", audio=base64.b64encode(heard[at:at + 2 * RATE // 10]).decode())
        await asyncio.sleep(0.02)
    await client.wait("interrupt")
    while not (await client.wait("avatar_audio"))["isLast"]:
        pass
    return client.turn["audio"]


async def main():
    relay = sys.argv[1].rstrip("/")
    clip = read_config(relay)["clips"][0]["clip"]
    async with websockets.connect(f"{relay.replace('http', 'ws', 1)}/ws/agent", max_size=2**20) as socket:
        client = Client(socket)
        ready = await client.receive()
        assert ready["type"] == "ready" and ready["avatar"]["outputSampleRate"] == RATE
        await client.send(type="set_avatar", avatarId="")
        await client.send(type="play_sample", clip=clip)
        while not client.done:
            await client.receive()
        first = client.done[0]

        await client.send(type="start_agent", language="en")
        await client.wait("agent_ready")
        await client.send(type="mic_audio", audio=base64.b64encode(bytes(640)).decode())
        await client.send(type="mic_end")
        await client.send(type="play_sample", clip=clip)
        second = await client.wait("avatar_audio")
        held = client.turn["began"] - first["began"]
        await client.send(type="interrupt")
        await client.wait("interrupt")
        await client.send(type="ping")
        while (message := await client.receive())["type"] != "pong":
            assert message.get("turnId") != second["turnId"], "the interrupted turn goes on"
        await type_text(client, "Say it again.")
        await client.send(type="play_sample", clip=clip)
        spoken = await speak(client)
        print(json.dumps({
            "audioBytes": len(first["audio"]),
            "audioSha256": hashlib.sha256(first["audio"]).hexdigest(),
            "motionMessages": first["frames"],
            "heldMs": held * 1000,
            "saidBackMs": len(spoken) * 500 / RATE,
            "saidBackAsSpoken": VOICE in spoken,
        }))


asyncio.run(main())
