using System.Globalization;
using System.Runtime.CompilerServices;
using MotionGateway.Feeds;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>
/// Runs a random schedule of commands against a session and compares all that can be seen of it with a model that shares
/// no code with it. Where the log is small, a second session with the same commands and a large log tells what was
/// appended before it was trimmed. The same seed makes the same schedule.
/// </summary>
internal sealed partial class SessionChecker
{
    private readonly Random _random;
    private readonly List<string>? _trace;
    private readonly ManualTimeProvider _time = new();
    private readonly SessionSettings _settings;
    private readonly SessionLimits _limits;
    private readonly SessionUnderTest[] _sessions;
    private readonly LogReader _truth;
    private readonly ReferenceSession _model;
    private readonly ReferenceLog _log;
    private readonly SimulatedMotionServer _server;
    private readonly List<CheckedReader> _readers = [];
    private readonly bool _canPause;

    public SessionChecker(int seed, List<string>? trace)
    {
        _random = new Random(seed);
        _trace = trace;
        _settings = CreateSettings();
        _limits = CreateLimits();
        // A clock that is halted forgets part of a sample; only these rates have none.
        _canPause = TimeSpan.TicksPerSecond % _settings.SampleRate == 0;
        var unbounded = _limits with { Log = new SessionLogOptions { MaxBytes = long.MaxValue, Retention = TimeSpan.FromDays(1) } };
        var subject = new SessionUnderTest(_settings, _limits, _time);
        _sessions = [new SessionUnderTest(_settings, unbounded, _time), subject];
        _truth = _sessions[0].Log.OpenReader(new LogPosition(3, 0), int.MaxValue, new AsyncSignal());
        _model = new ReferenceSession(_settings, _limits);
        _log = new ReferenceLog(_limits.Log.MaxBytes, _limits.Log.Retention);
        _server = new SimulatedMotionServer(_random, _settings.SampleRate) { FaultPercent = Pick(0, 20, 60) };
        Trace($"{_settings} {_limits}");
    }

    public Coverage Coverage { get; } = new();

    private SessionUnderTest Subject => _sessions[1];

    /// <summary>Runs so many steps, lets the session come to its end, and checks all the way.</summary>
    public void Run(int steps)
    {
        for (int i = 0, afterEnd = 0; i < steps && afterEnd < 3; i++)
        {
            Step();
            Observe();
            afterEnd += _model.IsClosed ? 1 : 0;
        }

        Finish();
        foreach (var reader in _readers)
        {
            Drain(reader);
            reader.Dispose();
        }

        Coverage.Count(_model, _log);
    }

    private SessionSettings CreateSettings() => new()
    {
        AvatarId = "avatar",
        SampleRate = Pick(8000, 16000, 8000, 16000, 22050),
        AudioRelease = Pick(AudioRelease.AtOnce, AudioRelease.AtOnce, AudioRelease.WithMotion),
        TurnRelease = Pick(TurnRelease.AfterPrevious, TurnRelease.AtOnce),
        MaxLead = TimeSpan.FromMilliseconds(Pick(0, 0, 40, 150, 1000)),
    };

    private SessionLimits CreateLimits() => new()
    {
        AudioCreditBytes = Pick(6000L, 30_000, 1_000_000),
        MaxChunkBytes = 6000,
        MaxTurn = TimeSpan.FromMilliseconds(Pick(1500, 60_000, 60_000)),
        MaxWaitingTurns = _random.Next(1, 8),
        IdleTimeout = TimeSpan.FromMilliseconds(Pick(0, 3000, 100_000)),
        MotionTimeout = TimeSpan.FromMilliseconds(_random.Next(200, 5000)),
        HoldLimit = TimeSpan.FromMilliseconds(_random.Next(100, 2000)),
        PauseLimit = TimeSpan.FromMilliseconds(_random.Next(300, 5000)),
        MaxViewerLag = TimeSpan.FromMilliseconds(Pick(0, 100, 2000)),
        ReaderWindowBytes = Pick(200, 2000, 10_000, int.MaxValue),
        Log = new SessionLogOptions
        {
            MaxBytes = Pick(600L, 3000, 15_000, 1_000_000),
            Retention = TimeSpan.FromMilliseconds(Pick(50, 2000, 60_000)),
            MaxReaders = 3,
        },
    };

    private T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    private void Trace([InterpolatedStringHandlerArgument("")] ref TraceText text)
    {
        if (_trace is not null)
        {
            _trace.Add(text.ToStringAndClear());
        }
    }

    // Both sessions must do the same; returns the reason of a refusal.
    private ErrorReason Do(Action<SessionUnderTest> command)
    {
        var reasons = new ErrorReason[_sessions.Length];
        for (int i = 0; i < _sessions.Length; i++)
        {
            try
            {
                command(_sessions[i]);
            }
            catch (GatewayException e)
            {
                reasons[i] = e.Reason;
            }
        }

        Check.That(reasons[0] == reasons[1], $"the size of the log changes {reasons[0]} to {reasons[1]}");
        return reasons[0];
    }

    // Compares everything that has become visible with the model.
    private void Observe()
    {
        var effects = _sessions[0].Effects;
        Check.That(effects.SequenceEqual(Subject.Effects), $"the size of the log changes the effects");
        foreach (var effect in effects.Where(effect => effect.Kind == EffectKind.Stall))
        {
            _model.AuditStall(effect.Id);
        }

        while (_truth.TryRead(out var entry))
        {
            var payload = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span).Payload;
            Check.That(payload is not null && payload.Epoch == 3, $"the log's owner is told to skip");
            Check.That(payload.Sequence == _log.Last + 1, $"sequence {payload.Sequence} after {_log.Last}");
            Trace($"    #{payload.Sequence} {payload.TurnId} {(_trace is null ? "" : Describe(payload))}");
            var turn = _model.Audit(payload);
            _log.Append(new ReferencePayload(entry.Encoded.ToArray(), payload.ContentCase, turn, _model.Now), _model.Now);
        }

        AuditEffects(effects);
        AuditLog();
        _model.AuditNothingOverdue();
        AuditNextDue();
    }

    private void AuditLog()
    {
        Check.That(Subject.Log.End == new LogPosition(3, _log.Last), $"the log ends at {Subject.Log.End}, not {_log.Last}");
        SequenceSpan? available = _log.First > _log.Last ? null : new SequenceSpan(_log.First, _log.Last);
        Check.That(Subject.Log.Available == available, $"the log has {Subject.Log.Available}, not {available}");
        Check.That(Subject.Log.Bytes == _log.Bytes && _log.Bytes <= _limits.Log.MaxBytes, $"the log has {Subject.Log.Bytes} bytes");
        Check.That(Subject.Log.IsComplete == _model.IsClosed, $"log complete: {Subject.Log.IsComplete}");
    }

    private void AuditNextDue()
    {
        var due = Subject.Core.NextDue();
        Check.That(due == _sessions[0].Core.NextDue(), $"the size of the log changes when something is due");
        Check.That(due is null || due > TimeSpan.Zero, $"something is still due after all that was due was done");
        Check.That(due is null || !_model.IsClosed, $"something is due in a closed session");
    }

    private void AuditEffects(List<Effect> effects)
    {
        int sends = 0;
        foreach (var effect in effects)
        {
            switch (effect.Kind)
            {
                case EffectKind.Send:
                    AuditSend(effect, _sessions[0].Sent[sends++].Span);
                    break;
                case EffectKind.Abandon:
                    _server.Abandon(effect.Id);
                    break;
                case EffectKind.Acknowledge:
                    AuditAcknowledgement(effect);
                    break;
                case EffectKind.Report:
                    Check.That(++_model.Find(effect.Id)!.Reports == 1, $"{effect.Id} is reported twice");
                    break;
                case EffectKind.TurnEnd:
                    Check.That(++_model.Find(effect.Id)!.Ends == 1, $"{effect.Id} ends twice");
                    break;
                case EffectKind.SessionEnd:
                    Check.That(_model.IsClosed, $"the session is over and its log is not");
                    break;
                default:
                    break;
            }
        }

        foreach (var turn in _model.All)
        {
            Check.That(turn.AcknowledgedBytes == turn.HandledBytes, $"{turn.Id}: {turn.AcknowledgedBytes} of {turn.HandledBytes} bytes acknowledged");
            Check.That((turn.Ends == 1) == turn.IsEnded, $"{turn.Id}: ended in the log {turn.IsEnded}, told {turn.Ends}");
            Check.That((turn.Reports == 1) == (turn.IsEnded || turn.IsSealed), $"{turn.Id}: told {turn.Reports} reports");
        }

        foreach (var session in _sessions)
        {
            session.Effects.Clear();
            session.Sent.Clear();
        }
    }

    private void AuditSend(in Effect effect, ReadOnlySpan<byte> samples)
    {
        string requestId = effect.Id;
        var turn = _model.All.Find(candidate => candidate.RequestId == requestId);
        Check.That(turn is not null, $"audio of unknown request {requestId}");
        Check.That(samples.Length % 2 == 0, $"{turn.Id}: half a sample is sent");
        Check.That(samples.SequenceEqual(turn.Audio(turn.AudioHandedOver, samples.Length)), $"{turn.Id}: other audio is sent on");
        turn.AudioHandedOver += samples.Length;
        Check.That(turn.AudioHandedOver == turn.WholeSamples * 2, $"{turn.Id}: not all whole samples are sent on");
        turn.IsServerCausal &= _server.Send(requestId, samples.Length, effect.Flag);
    }

    private void AuditAcknowledgement(in Effect effect)
    {
        var turn = _model.Find(effect.Id)!;
        Check.That(effect.Number > turn.AcknowledgedBytes, $"{turn.Id}: {effect.Number} acknowledged after {turn.AcknowledgedBytes}");
        Check.That(effect.Number <= turn.ReceivedBytes, $"{turn.Id}: {effect.Number} of {turn.ReceivedBytes} bytes acknowledged");
        Check.That(effect.Second == turn.DiscardedBytes, $"{turn.Id}: {effect.Second} discarded, not {turn.DiscardedBytes}");
        turn.AcknowledgedBytes = effect.Number;
    }

    private static string Describe(Payload payload) => payload.ContentCase switch
    {
        Payload.ContentOneofCase.Audio => $"audio {payload.Audio.FirstSample}+{payload.Audio.SampleCount} {(payload.Audio.Last ? "last" : "")}",
        Payload.ContentOneofCase.Motion => $"motion {payload.Motion.FirstKeyframe}+{payload.Motion.KeyframeCount} {(payload.Motion.Last ? "last" : "")}",
        Payload.ContentOneofCase.TurnEnded => $"{payload.TurnEnded}",
        _ => $"{payload.ContentCase}",
    };

    /// <summary>Formats only where a schedule is told.</summary>
    [InterpolatedStringHandler]
    private ref struct TraceText
    {
        private DefaultInterpolatedStringHandler _inner;

        public TraceText(int literalLength, int formattedCount, SessionChecker checker, out bool shouldAppend)
        {
            shouldAppend = checker._trace is not null;
            _inner = shouldAppend
                ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
        }

        public void AppendLiteral(string text) => _inner.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value);

        public string ToStringAndClear() => _inner.ToStringAndClear();
    }
}
