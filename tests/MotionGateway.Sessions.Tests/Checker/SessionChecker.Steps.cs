using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

// The commands of a schedule.
internal sealed partial class SessionChecker
{
    private static readonly string[] Names = ["", "", "", "", "", "", "", "", "a", "b", "turn-2"];

    private void Step()
    {
        int kind = _random.Next(100);
        switch (kind)
        {
            case < 30: WriteAudio(); break;
            case < 36: EndTurn(); break;
            case < 41: Interrupt(); break;
            case < 44: ChangePlayback(); break;
            case < 46: SendMessage(); break;
            case < 54: TakeAudio(_random.Next(1, 6)); break;
            case < 64: Answer(_random.Next(1, 6)); break;
            case < 65: LoseMotion(); break;
            case < 68: ReportPlayback(); break;
            case < 83: PassTime(); break;
            case < 87: OpenReader(); break;
            case < 99: UseReader(); break;
            default: Close(); break;
        }
    }

    private void WriteAudio()
    {
        byte[] data = new byte[Pick(_random.Next(0, 8), _random.Next(1, 700), _random.Next(1, 700), _random.Next(1, 3000), _random.Next(1, 6200))];
        _random.NextBytes(data);
        if (_random.Next(40) == 0)
        {
            Pick("RIFF", "OggS", "fLaC", "ID3").Take(data.Length).Select(c => (byte)c).ToArray().CopyTo(data, 0);
        }

        string name = Pick<string>(Names);
        bool end = _random.Next(8) == 0;
        name = _model.Open is { IsEnded: false } open && name.Length > 0 && _random.Next(4) > 0 ? open.Id : name;
        bool isOdd = ((_model.Open?.AcceptedBytes ?? 0) + data.Length) % 2 == 1;
        data = end && isOdd && data.Length > 0 && _random.Next(4) > 0 ? data[1..] : data;
        Trace($"WriteAudio('{name}', {data.Length} bytes, end: {end})");
        Write(name, data, end, session => session.Core.WriteAudio(name, data, end));
    }

    private void EndTurn()
    {
        string name = Pick<string>(Names);
        if ((_model.Open is null || _model.Open.AcceptedBytes % 2 == 1) && _random.Next(4) > 0)
        {
            return;
        }

        Trace($"EndTurn('{name}')");
        Write(name, [], end: true, session => session.Core.EndTurn(name));
    }

    private void Write(string name, byte[] data, bool end, Action<SessionUnderTest> command)
    {
        ulong reasons = _model.WhyRefuse(name, data, end);
        var due = Subject.Core.NextDue();
        var refusal = Do(command);
        if (refusal == ErrorReason.Unspecified)
        {
            Check.That(reasons == 0, $"audio is taken that must be refused");
            _model.Accept(name, data, end, () =>
            {
                var created = Subject.Core.LatestTurns.Last();
                return (created.Id, created.RequestId);
            });
            return;
        }

        Trace($"    {refusal}");
        Check.That((reasons & (1UL << (int)refusal)) != 0, $"audio is refused: {refusal}");
        Check.That(Subject.Effects.Count == 0 && Subject.Log.End.Sequence == _log.Last, $"a refused command has effects");
        Check.That(Subject.Core.NextDue() == due, $"a refused command changes what is due");
        Coverage.Refusals++;
    }

    private void Interrupt()
    {
        string name = Pick<string>(["", "", .. Names, .. _model.All.Select(turn => turn.Id)]);
        string reason = $"stop {_random.Next(9)}";
        Trace($"Interrupt('{name}', '{reason}')");
        if (_model.IsClosed)
        {
            Check.That(Do(session => session.Core.Interrupt(name, reason)) == ErrorReason.SessionClosed, $"interrupt after the end");
            return;
        }

        var stopped = _model.Interrupt(name, reason);
        var unheard = stopped.Count > 0 ? stopped[0].FindUnheard() : null;
        long played = stopped.Count > 0 ? stopped[0].Clock.Heard : _model.Find(name)?.PlayedSamples ?? 0;
        var result = new InterruptResult("", true, null, 0, []);
        Do(session => result = session.Core.Interrupt(name, reason));
        Check.That(result.AlreadyEnded == (stopped.Count == 0), $"interrupt of '{name}': already ended {result.AlreadyEnded}");
        Check.That(result.TurnId == (stopped.Count > 0 ? stopped[0].Id : name), $"interrupt of '{name}' hit {result.TurnId}");
        Check.That(result.FurtherTurnIds.SequenceEqual(stopped.Skip(1).Select(turn => turn.Id)), $"other further turns");
        Check.That(result.PlayedSamples == played, $"{result.PlayedSamples} played, not {played}");
        (long, long)? discarded = result.Discarded is { } span ? (span.From, span.Through) : null;
        Check.That(discarded == unheard, $"{discarded} discarded, not {unheard}");
        Coverage.Discards += discarded is null ? 0 : 1;
    }

    private void ChangePlayback()
    {
        bool pause = _random.Next(3) > 0;
        if (!_canPause || _model.IsClosed)
        {
            return;
        }

        Trace($"{(pause ? "Pause" : "Resume")}Playback()");
        _model.AskPause(pause);
        Do(session => (pause ? (Action)session.Core.PausePlayback : session.Core.ResumePlayback)());
    }

    private void SendMessage()
    {
        Trace($"Send(message)");
        long last = _log.Last;
        var refusal = Do(session => session.Core.Send(new ViewerMessage { Kind = "transcript", Text = "hello" }));
        Check.That(refusal == (_model.IsClosed ? ErrorReason.SessionClosed : 0), $"message: {refusal}");
        Check.That(Subject.Log.End.Sequence == last + (_model.IsClosed ? 0 : 1), $"message: not in the log");
    }

    private void TakeAudio(int count)
    {
        for (int i = 0; i < count && _server.Take() is { } taken; i++)
        {
            Trace($"AudioSent({taken.RequestId}, {taken.Bytes})");
            _model.All.Find(turn => turn.RequestId == taken.RequestId)!.SentBytes += taken.Bytes;
            Do(session => session.Core.AudioSent(session.TurnsByRequest[taken.RequestId], taken.Bytes));
        }
    }

    private void Answer(int count)
    {
        for (int i = 0; i < count && _server.Answer() is var (requestId, envelope, keyframes, end); i++)
        {
            ReceiveMotion(requestId, envelope, keyframes, end);
            Observe();
        }

        if (_random.Next(10) == 0)
        {
            ReceiveMotion($"req-{_random.Next(100, 200)}", [1, 2, 3], 4, _random.Next(2) == 0);
        }
    }

    private void ReceiveMotion(string requestId, byte[] envelope, int keyframes, bool end)
    {
        Trace($"MotionReceived({requestId}, {keyframes} keyframes, end: {end})");
        _model.MotionReceived(requestId, envelope, keyframes, end);
        Do(session => session.Core.MotionReceived(requestId, envelope, keyframes, end));
    }

    private void LoseMotion()
    {
        var lost = _server.Unfinished.Where(_ => _random.Next(3) > 0).ToHashSet();
        Trace($"MotionLost({string.Join(' ', lost)})");
        _model.MotionLost(lost, ErrorReason.MotionServerConnectionClosed);
        Do(session => session.Core.MotionLost(lost, ErrorReason.MotionServerConnectionClosed));
    }

    private void ReportPlayback()
    {
        string id = _model.Playing?.Id ?? "a";
        long played = (_model.Playing?.Clock.Heard ?? 0) - Pick(-500, 0, 300, 4000, 100_000);
        Trace($"ReportPlayback({id}, {played})");
        _model.ReportPlayback(id, played);
        Do(session => session.Core.ReportPlayback(id, played));
    }

    private void PassTime() => PassTime(TimeSpan.FromMilliseconds(Pick(
        _random.Next(0, 20), _random.Next(1, 100), _random.Next(1, 300), _random.Next(1, 300), _random.Next(300, _random.Next(8) == 0 ? 40_000 : 3000))));

    // As a host does it: the session is only told of the time when it has said that something is due.
    private void PassTime(TimeSpan time)
    {
        Trace($"Pass {time.TotalMilliseconds} ms");
        for (int i = 0; Subject.Core.NextDue() is { } due && due <= time; i++)
        {
            Check.That(i < 20_000, $"the session is busy without an end");
            time -= due;
            _time.Advance(due);
            _model.Pass(due);
            Trace($"  after {due.TotalMilliseconds} ms");
            Do(session => session.Core.Advance());
            Observe();
        }

        _time.Advance(time);
        _model.Pass(time);
    }

    private void Close()
    {
        if (_random.Next(2) == 0)
        {
            return;
        }

        var error = Pick(ErrorReason.Unspecified, ErrorReason.SpeakerLost);
        Trace($"Close({error})");
        if (!_model.IsClosed)
        {
            _model.Close(error, "bye");
        }

        Do(session => session.Core.Close(error, "bye"));
    }

    // The speaker and the Motion Server come to their ends, and then only time passes.
    private void Finish()
    {
        Trace($"Finish");
        if (_model.Open is { IsEnded: false } open)
        {
            Write("", [], end: true, session => session.Core.EndTurn(""));
            Observe();
            if (!open.IsAudioComplete)
            {
                _model.Interrupt(open.Id, "odd");
                Do(session => session.Core.Interrupt(open.Id, "odd"));
                Observe();
            }
        }

        for (int i = 0; _server.HasWork; i++)
        {
            Check.That(i < 10_000, $"the server never finishes");
            TakeAudio(4);
            Observe();
            Answer(4);
            Observe();
        }

        for (int i = 0; !_model.IsClosed && Subject.Core.NextDue() is { } due; i++)
        {
            Check.That(i < 10_000, $"the session never comes to rest");
            PassTime(due);
            Observe();
        }

        Check.That(_model.Live.Count == 0, $"{_model.Live.Count} turns never end");
        Check.That(_model.UnacknowledgedBytes == 0, $"{_model.UnacknowledgedBytes} bytes are never acknowledged");
        Check.That(_model.IsClosed || _limits.IdleTimeout == TimeSpan.Zero, $"the idle session is never closed");
    }
}
