"""One session at the gateway, over as many calls as it takes."""
import asyncio
import collections
import contextlib
import random
import time

import grpc
from motiongateway.v1 import payload_pb2, speech_pb2

CHUNK = 16 * 1024
MAX_TURNS = 4
BROKEN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)


class Turn:
    """What the avatar is to say: a WAV file in the making, and how much of it has been sent."""

    def __init__(self, turn_id, speech):
        self.id, self.speech, self.sent, self.is_void = turn_id, asyncio.ensure_future(speech), 0, False

    @property
    def is_sent(self):
        return self.is_void or self.speech.done() and self.sent == len(self.speech.result())


class Session:
    """Keeps what has not been heard, so that a call that breaks loses nothing: the next one goes on where the gateway is."""

    def __init__(self, stub, metadata, avatar, sample_rate, agent):
        self.stub, self.metadata, self.agent = stub, metadata, agent
        form = speech_pb2.AudioFormat(encoding=payload_pb2.AUDIO_ENCODING_WAV, sample_rate=sample_rate)
        self.first = speech_pb2.SpeakRequest(open=speech_pb2.OpenSession(avatar_id=avatar, audio_format=form, without_payloads=True))
        self.limits = None  # until it is open
        self.turns = {}  # those that have not ended, by name, in order
        self.turn_count = 0
        self.messages = collections.deque(maxlen=256)  # they go before speech
        self.news = asyncio.Event()
        self.is_finished = self.is_closed = False

    def say(self, text, synthesize):
        """Begins a turn; None where too many wait."""
        if len(self.turns) >= MAX_TURNS:
            return print("Too much waits to be said already.")
        self.turn_count += 1
        turn = self.turns[f"turn-{self.turn_count}"] = Turn(f"turn-{self.turn_count}", synthesize(text))
        print(f"{turn.id}: {text}")
        turn.speech.add_done_callback(lambda _: self.news.set())
        return turn

    def interrupt(self, reason):
        """Silence: what plays stops, and what waits is not said."""
        for turn in [turn for turn in self.turns.values() if not turn.is_void]:
            print(f"{turn.id} is interrupted: {reason}")
            turn.speech.cancel()
            turn.is_void = True
            self.stop(turn, reason)

    def stop(self, turn, reason=""):
        if turn.sent:
            self.send(interrupt=speech_pb2.Interrupt(turn_id=turn.id, reason=reason))
        else:
            del self.turns[turn.id]

    def send(self, **request):
        self.messages.append(speech_pb2.SpeakRequest(**request))
        self.news.set()

    def finish(self):
        """No more is said: the session ends when all has been heard."""
        self.is_finished = True
        self.news.set()

    async def run(self):
        """Follows the session to its end."""
        broken = None
        while not self.is_closed:
            call, sending = self.stub.Speak(metadata=self.metadata), None
            try:
                await call.write(self.first)
                async for response in call:
                    self.on_response(response)
                    if response.HasField("opened"):
                        broken, sending = None, asyncio.create_task(self.send_all(call))
            except grpc.aio.AioRpcError as error:
                broken = broken or time.monotonic()
                if error.code() not in BROKEN or not self.limits or time.monotonic() - broken > self.limits.resume_window_ms / 1000:
                    raise
                print(f"The call broke: {error.details()}")
                await asyncio.sleep(random.uniform(0, min(2, 0.1 + time.monotonic() - broken)))
            finally:
                if sending:
                    sending.cancel()

    async def send_all(self, call):
        """Sends what there is, and a heartbeat where there is nothing. Where that fails, the one who reads learns why."""
        with contextlib.suppress(grpc.RpcError, asyncio.InvalidStateError):
            while True:
                self.news.clear()
                if request := self.next_request():
                    await call.write(request)  # waits for HTTP/2 flow control
                elif self.is_finished and all(turn.is_sent for turn in self.turns.values()):
                    return await call.done_writing()
                else:
                    try:
                        await asyncio.wait_for(self.news.wait(), self.limits.heartbeat_interval_ms / 1000)
                    except asyncio.TimeoutError:
                        self.send(heartbeat=payload_pb2.Heartbeat())

    def next_request(self):
        if self.messages:
            return self.messages.popleft()
        turn = next((turn for turn in self.turns.values() if not turn.is_sent), None)
        if turn and turn.speech.done():
            data = turn.speech.result()[turn.sent:turn.sent + CHUNK]
            turn.sent += len(data)
            return speech_pb2.SpeakRequest(audio=speech_pb2.AudioChunk(turn_id=turn.id, data=data, end_turn=turn.is_sent))
        return None

    def on_response(self, response):
        kind = response.WhichOneof("response")
        content = getattr(response, kind)
        if kind == "opened":
            self.on_opened(content)
        elif kind == "turn_report":
            self.turns.pop(content.turn_id, None)
            self.agent.on_turn_ended(content)
        elif kind == "viewer_event":
            self.agent.on_viewer_event(content)
        elif kind in ("refused", "motion_server_failure"):
            print(f"{kind}: {content.message}")
        self.first.resume.ledger_position = max(self.first.resume.ledger_position, response.ledger_position)
        self.is_closed = kind == "closed"

    def on_opened(self, opened):
        self.limits, progress = opened.limits, {turn.turn_id: turn.received_bytes for turn in opened.turns}
        self.first.resume.MergeFrom(speech_pb2.ResumeSession(
            session_id=opened.session_id, resume_token=opened.resume_token, without_payloads=True))
        for turn in list(self.turns.values()):
            turn.sent = progress.get(turn.id, 0)
            if turn.is_void:
                self.stop(turn)
        self.agent.on_opened(opened)
