"""A voice agent to begin from: the avatar says what is typed, here or by a viewer on the page. Usage: agent.py [AVATAR]

An empty line interrupts, and so does a viewer who talks or types. The end of the input ends the session, when all has been heard."""
import array
import asyncio
import json
import os
import shutil
import sys
import threading
from asyncio.subprocess import PIPE

import grpc
from motiongateway.v1 import payload_pb2, speech_pb2_grpc

from session import Session

PAGE = os.environ.get("MOTIONGATEWAY_RELAY", "http://127.0.0.1:8080")
RATE = 22050  # of espeak-ng, hertz
MAX_TEXT = 500  # characters
LOUD = 900  # of 32767: louder than a room


async def synthesize(text):
    """Makes speech of a text, as a WAV file. Another voice goes here."""
    espeak = await asyncio.create_subprocess_exec("espeak-ng", "--stdin", "--stdout", stdin=PIPE, stdout=PIPE)
    return (await espeak.communicate(text.encode()))[0]


def answer(text):
    """What the avatar says to a viewer. A language model goes here."""
    return f"You said: {text}"


def is_loud(samples):
    """Tells whether somebody talks. Speech recognition goes here; to barge in, this is enough."""
    samples = array.array("h", samples[:len(samples) // 2 * 2])
    return sum(sample * sample for sample in samples) > LOUD * LOUD * len(samples)


class Agent:
    def __init__(self, stub, metadata, avatar):
        self.session = Session(stub, metadata, avatar, RATE, self)

    async def run(self):
        lines = asyncio.Queue(maxsize=1)
        threading.Thread(target=read_lines, args=(lines, asyncio.get_running_loop()), daemon=True).start()
        self.following = asyncio.create_task(self.follow(lines))
        await self.session.run()

    async def follow(self, lines):
        while line := await lines.get():
            if text := line.strip():
                self.say(text)
            else:
                self.session.interrupt("Enter was pressed")
        self.session.finish()

    def say(self, text):
        if turn := self.session.say(text[:MAX_TEXT], synthesize):
            self.caption(role="avatar", text=text[:MAX_TEXT], turnId=turn.id)

    def caption(self, **transcript):
        self.session.send(viewer_message=payload_pb2.ViewerMessage(kind="transcript", text=json.dumps(transcript)))

    def on_opened(self, opened):
        print(f"{'Resumed' if opened.resumed else 'Opened'}: {PAGE}/#session={opened.session_id}&token={opened.viewer_token}")

    def on_turn_ended(self, report):
        print(f"{report.turn_id}: {payload_pb2.TurnOutcome.Name(report.outcome)}, {report.played_samples / RATE:.1f} s heard")

    def on_viewer_event(self, event):
        kind = event.WhichOneof("event")
        if kind == "text":
            self.session.interrupt("a viewer typed")
            self.caption(role="viewer", text=event.text)
            self.say(answer(event.text))
        elif kind == "microphone_audio" and is_loud(event.microphone_audio.data):
            self.session.interrupt("a viewer talks")
        # An interrupt of a viewer has been done by the gateway: the turn's report tells.


def read_lines(lines, loop):
    for line in sys.stdin:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()
    asyncio.run_coroutine_threadsafe(lines.put(""), loop)


async def main(avatar="sample"):
    scheme, _, target = os.environ.get("MOTIONGATEWAY_GATEWAY", "http://127.0.0.1:50051").rpartition("://")
    key, ca = os.environ.get("MOTIONGATEWAY_API_KEY"), os.environ.get("MOTIONGATEWAY_CACERT")
    credentials = grpc.ssl_channel_credentials(open(ca, "rb").read() if ca else None)
    options = [("grpc.keepalive_time_ms", 20_000), ("grpc.max_reconnect_backoff_ms", 1000)]
    async with (grpc.aio.insecure_channel(target, options) if scheme == "http"
                else grpc.aio.secure_channel(target, credentials, options)) as channel:
        await Agent(speech_pb2_grpc.SpeechServiceStub(channel), [("authorization", f"Bearer {key}")] if key else [], avatar).run()


if not shutil.which("espeak-ng"):
    sys.exit("espeak-ng is missing: apt-get install espeak-ng")
try:
    asyncio.run(main(*sys.argv[1:]))
except grpc.RpcError as error:
    sys.exit(f"{error.code().name}: {error.details()}")
except KeyboardInterrupt:
    pass
