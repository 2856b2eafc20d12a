using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests.Checker;

/// <summary>
/// A reader of which each entry is checked: sequences seen and declared are contiguous, each declaration is true, and a turn is
/// introduced by its <c>turn_started</c>.
/// </summary>
internal sealed class CheckedReader : IDisposable
{
    private const int SamplesPerKeyframe = LogSchedule.SampleRate / 25;
    private readonly LogReader _reader;
    private readonly SessionLog _log;
    private readonly AppendedLog _appended;
    private readonly FeedStart? _start;
    private readonly string? _playing;
    private readonly long _heard;
    private readonly long _heardFrom;
    private readonly long _lastAtStart;
    private readonly long _firstAtStart;
    private readonly List<string> _openAtStart;
    private readonly HashSet<string> _begun = [];
    private readonly List<SequenceRange> _expired = [];
    private readonly List<string> _spared = [];
    private (LogEntry Entry, ReadOnlyMemory<byte> Encoded, byte[] Bytes)? _latest;
    private int _waits;
    private long _next;

    /// <param name="reader">The reader, just opened.</param>
    /// <param name="log">Its log.</param>
    /// <param name="appended">What was appended to the log.</param>
    /// <param name="start">The rule by which it starts; null for a position.</param>
    /// <param name="playing">With current turn and now: the turn that plays; null when none does, or none is known to.</param>
    /// <param name="heard">With now: samples heard.</param>
    public CheckedReader(
        LogReader reader, SessionLog log, AppendedLog appended, FeedStart? start, string? playing, long heard)
    {
        _reader = reader;
        _log = log;
        _appended = appended;
        _start = start;
        _playing = playing;
        _heard = heard;
        _next = reader.Position.Sequence + 1;
        _lastAtStart = appended.Last;
        _firstAtStart = log.Available?.From ?? appended.Last + 1;
        _openAtStart = playing is null ? [] : appended.FindOpen();
        var motion = playing is null
            ? null
            : appended.FindMedia(playing).Where(media => media.Sequence >= _firstAtStart).Select(media => media.Motion).FirstOrDefault(motion => motion is not null
                && motion.FirstKeyframe * SamplesPerKeyframe <= heard
                && (motion.FirstKeyframe + motion.KeyframeCount) * SamplesPerKeyframe > heard);
        _heardFrom = motion is null ? heard : motion.FirstKeyframe * SamplesPerKeyframe;
    }

    public LogCoverage Coverage { get; } = new();

    public void Read(int count)
    {
        for (int i = 0; i < count; i++)
        {
            CheckLatest();
            _latest = null;
            if (!_reader.TryRead(out var entry))
            {
                SpareNowAndThen();
                _reader.Acknowledge(_reader.Position);
                return;
            }

            _latest = (entry, entry.Encoded, entry.Encoded.ToArray());
            var response = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span);
            if (response.Skipped is { } skipped)
            {
                AuditSkip(skipped);
            }
            else
            {
                Check(entry.Encoded.Span.SequenceEqual(_appended.GetEncoded(response.Payload.Sequence)), "other bytes than were appended");
                AuditPayload(response.Payload);
            }

            Check(_reader.Position.Sequence == _next - 1, $"the reader is at {_reader.Position}");
        }
    }

    /// <summary>Reads a complete log to its end.</summary>
    public void Drain()
    {
        long before;
        do
        {
            before = _next;
            _reader.Acknowledge(_reader.Position);
            Read(int.MaxValue);
        }
        while (_next > before);

        Check(_reader.IsAtEnd && _next == _appended.Last + 1, $"the reader stops at {_next} of {_appended.Last}");
        foreach (string turn in _openAtStart)
        {
            Check(_begun.Contains(turn) || HasExpired(turn), $"{turn} was open and was never introduced");
        }
    }

    public void Dispose()
    {
        CheckLatest();
        _reader.Dispose();
    }

    // What was read is there until the reader reads on, whatever the log has done meanwhile.
    private void CheckLatest() => Check(
        _latest is not var (entry, encoded, bytes)
            || (encoded.Span.SequenceEqual(bytes) && entry.Encoded.Span.SequenceEqual(bytes)),
        "what was read has changed");

    // As if media had waited for too long.
    private void SpareNowAndThen()
    {
        if (_reader.IsBlocked && ++_waits % 3 == 0)
        {
            string turn = _appended.GetTurnId(_next);
            bool canBe = _reader.Policy switch
            {
                SlowReaderPolicy.Disconnect => false,
                SlowReaderPolicy.DropMotion => !IsSpared(turn),
                _ => true,
            };
            bool isSpared = _reader.TrySpare();
            Check(isSpared == canBe, $"{_reader.Policy} spares {turn}: {isSpared}");
            if (isSpared)
            {
                _spared.Add(turn);
            }
        }
    }

    private bool IsSparedMedia(Payload? payload) =>
        payload is { Motion: not null } || (payload is { Audio: not null } && _reader.Policy == SlowReaderPolicy.SkipTurn);

    private bool IsTooSlow(long sequence) => IsSparedMedia(_appended.GetPayload(sequence)) && IsSpared(_appended.GetTurnId(sequence));

    // What is left out of a turn is left out of those that had begun before it.
    private bool IsSpared(string turn) => _spared.Exists(spared => _appended.FindFirst(spared) >= _appended.FindFirst(turn));

    private void AuditPayload(Payload payload)
    {
        if (payload.Sequence != _next)
        {
            var discarded = payload.TurnEnded?.Discarded;
            Check(discarded is not null && discarded.From <= _next && discarded.Through >= payload.Sequence - 1, "silent gap");
            AuditEach(_next, payload.Sequence - 1, IsInterrupted, "covered by an interrupt");
            Coverage.Covered++;
        }

        Check(payload.Sequence >= _next, "repeated");
        Check(!_appended.IsVoid(payload.Sequence), $"{payload.Sequence} is void");
        Check(!IsSparedMedia(payload) || !IsSpared(payload.TurnId), $"{payload.Sequence} is to be left out");
        if (payload.TurnStarted is not null)
        {
            _begun.Add(payload.TurnId);
            Coverage.Introduced += payload.Sequence < (_log.Available?.From ?? long.MaxValue) ? 1 : 0;
        }
        else if (_start is not null && payload.TurnId.Length > 0)
        {
            Check(_begun.Contains(payload.TurnId) || HasExpired(payload.TurnId), $"{payload.Sequence} of {payload.TurnId} comes without turn_started");
        }

        Check(_start != FeedStart.Live || payload.TurnId.Length == 0 || _appended.FindStart(payload.TurnId) > _lastAtStart, "not live");
        Coverage.Payloads++;
        _next = payload.Sequence + 1;
    }

    private void AuditSkip(SequenceSkipped skipped)
    {
        var range = skipped.Range;
        Check(range.From == _next && range.Through >= range.From && range.Through <= _appended.Last, $"skip of {range} at {_next}");
        switch (skipped.Reason)
        {
            case SkipReason.Interrupted:
                AuditEach(range.From, range.Through, IsInterrupted, "skipped as interrupted");
                Coverage.Interrupted++;
                break;
            case SkipReason.Expired:
                long first = _log.Available?.From ?? long.MaxValue;
                AuditEach(range.From, range.Through, s => s < first || _appended.IsMissing(s, SkipReason.Expired), "skipped as expired");
                _expired.Add(range);
                Coverage.Expired++;
                break;
            case SkipReason.ReaderTooSlow:
                AuditEach(range.From, range.Through, IsTooSlow, "skipped for a slow reader");
                Coverage.TooSlow++;
                break;
            default:
                Check(skipped.Reason == SkipReason.BeforeStart, $"skipped as {skipped.Reason}");
                AuditEach(range.From, range.Through, IsBeforeStart, "skipped as before the start");
                Coverage.BeforeStart++;
                break;
        }

        _next = range.Through + 1;
    }

    private void AuditEach(long from, long through, Func<long, bool> isTrue, string claim)
    {
        for (long sequence = from; sequence <= through; sequence++)
        {
            Check(isTrue(sequence), $"{sequence} is {claim}: {_appended.GetPayload(sequence)}");
        }
    }

    private bool IsInterrupted(long sequence) => _appended.IsVoid(sequence) || _appended.IsMissing(sequence, SkipReason.Interrupted);

    // What a reader that starts by rule need not see: turns that were not introduced to it, and what was heard of the one that
    // plays when it started now.
    private bool IsBeforeStart(long sequence)
    {
        if (_start is null)
        {
            return false;
        }

        string turn = _appended.GetTurnId(sequence);
        bool isWithinStart = _start == FeedStart.Now && sequence <= _lastAtStart;
        if (turn.Length == 0)
        {
            return isWithinStart;
        }

        if (!_begun.Contains(turn))
        {
            return _appended.FindStart(turn) is not { } start || start <= _lastAtStart;
        }

        Coverage.PartsLeftOut++;
        return isWithinStart && (_playing is null || (turn == _playing && !IsUnheard(_appended.GetPayload(sequence))));
    }

    private bool IsUnheard(Payload? payload) => payload switch
    {
        null => false,
        _ when payload.Sequence < _firstAtStart => false,
        { Audio: { } audio } => audio.FirstSample + audio.SampleCount > _heardFrom,
        { Motion: { } motion } => (motion.FirstKeyframe + motion.KeyframeCount) * SamplesPerKeyframe > _heard,
        _ => false,
    };

    // Whether the turn_started stood in the log when the reader was opened, or came later, and left before it was read.
    private bool HasExpired(string turn) => _appended.FindStart(turn) is { } start
        && start >= _firstAtStart && _expired.Exists(range => range.From <= start && start <= range.Through);

    private void Check(bool isTrue, string otherwise)
    {
        if (!isTrue)
        {
            Assert.Fail($"{_start} from {_firstAtStart}-{_lastAtStart}, playing {_playing}, heard {_heard}, at {_next}: {otherwise}");
        }
    }
}
