using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests.Checker;

/// <summary>
/// Random life of a log, of a gateway (which tells what has been heard) or of a relay (which is told to skip), and of readers
/// that start in every way, each checked against what was appended.
/// </summary>
internal sealed class LogSchedule
{
    public const int SampleRate = 16000;
    private const uint Epoch = 3;
    private readonly Random _random;
    private readonly FakeTimeProvider _time = new();
    private readonly SessionLog _log;
    private readonly bool _isRelay;
    private readonly AppendedLog _appended = new();
    private readonly List<SpokenTurn> _open = [];
    private readonly List<CheckedReader> _readers = [];
    private long _heard;
    private int _turns;

    public LogSchedule(Random random)
    {
        _random = random;
        _isRelay = random.Next(2) == 0;
        var options = new SessionLogOptions
        {
            MaxBytes = Pick(300, 2000, 20_000),
            Retention = TimeSpan.FromSeconds(Pick(1, 10, 1000)),
            MaxReaders = 100,
        };
        _log = new SessionLog(new LogPosition(Epoch, 0), options, _time);
        if (!_isRelay)
        {
            _log.MarkHeard(0);
        }
    }

    public LogCoverage Coverage { get; } = new();

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Step();
            Check(_isRelay || _log.Available is not { } there || there.From <= _heard + 1, $"unheard {_heard + 1} has left: {_log.Available}");
        }

        Append(new Payload { SessionEnded = new SessionEnded() });
        foreach (var reader in _readers)
        {
            reader.Drain();
            Coverage.Add(reader.Coverage);
        }
    }

    private void Step()
    {
        switch (_random.Next(100))
        {
            case < 8 when _open.Count < 3:
                var started = new SpokenTurn($"turn-{++_turns}");
                _open.Add(started);
                Append(new Payload { TurnId = started.Id, TurnStarted = new TurnStarted { Ordinal = _turns, SampleRate = SampleRate } });
                break;
            case < 50 when _open.Count > 0:
                Speak(_open[_random.Next(_open.Count)]);
                break;
            case < 55:
                Append(new Payload { ViewerMessage = new ViewerMessage { Text = "hello" } });
                break;
            case < 61 when _open.Count > 0:
                End(_open[_random.Next(_open.Count)]);
                break;
            case < 63 when _open.Count > 0:
                Append(new Payload { TurnId = _open[0].Id, PlaybackChanged = new PlaybackChanged { Paused = _random.Next(2) == 0 } });
                break;
            case < 65 when _isRelay:
                Skip();
                break;
            case < 70:
                _time.Advance(TimeSpan.FromMilliseconds(Pick(10, 500, 5000)));
                _log.Trim();
                break;
            case < 74 when !_isRelay:
                _heard = _random.NextInt64(_heard, _appended.Last + 1);
                _log.MarkHeard(_heard);
                break;
            case < 80:
                OpenReader();
                break;
            case < 82 when _readers.Count > 0:
                int index = _random.Next(_readers.Count);
                Coverage.Add(_readers[index].Coverage);
                _readers[index].Dispose();
                _readers.RemoveAt(index);
                break;
            case var _ when _readers.Count > 0:
                _readers[_random.Next(_readers.Count)].Read(_random.Next(1, 20));
                break;
        }
    }

    // Audio in pieces of any length, or motion up to as far as there is audio for its first keyframe.
    private void Speak(SpokenTurn turn)
    {
        long due = turn.Samples * 25 / SampleRate;
        if (turn.Keyframes < due && _random.Next(3) == 0)
        {
            int count = _random.Next(1, 30);
            Append(PayloadEncoder.EncodeMotion(Next(), turn.Id, turn.Keyframes, count, false, new byte[_random.Next(100)]));
            turn.Keyframes += count;
        }
        else
        {
            int samples = _random.Next(1, 8000);
            var audio = new Audio { FirstSample = turn.Samples, SampleCount = samples, Data = ByteString.CopyFrom(new byte[_random.Next(100)]) };
            Append(new Payload { TurnId = turn.Id, Audio = audio });
            turn.Samples += samples;
        }
    }

    private void End(SpokenTurn turn)
    {
        _open.Remove(turn);
        var ended = new TurnEnded { Outcome = _random.Next(2) == 0 ? TurnOutcome.Completed : TurnOutcome.Interrupted };
        long last = _appended.Last, jump = 0;
        if (ended.Outcome == TurnOutcome.Interrupted)
        {
            // A relay is not sent what became void before its turn came.
            jump = _isRelay ? Pick(0, 0, 5) : 0;
            ended.Discarded = new SequenceRange { From = _random.NextInt64(Math.Max(1, last - 20), last + 2), Through = last + jump };
            ended.Discarded = ended.Discarded.From > ended.Discarded.Through ? null : ended.Discarded;
            jump = ended.Discarded is null ? 0 : jump;
        }

        for (long i = 0; i < jump; i++)
        {
            _appended.AddMissing(SkipReason.Interrupted, turn.Id);
        }

        Append(new Payload { TurnId = turn.Id, TurnEnded = ended });
    }

    // Turns may begin and end among what a relay is told to skip.
    private void Skip()
    {
        long count = _random.Next(1, 6);
        for (long i = 0; i < count; i++)
        {
            _appended.AddMissing(SkipReason.Expired);
        }

        _log.DeclareSkipped(_appended.Last, SkipReason.Expired);
        _open.RemoveAll(_ => _random.Next(3) == 0);
        if (_open.Count < 3 && _random.Next(3) == 0)
        {
            _open.Add(new SpokenTurn($"turn-{++_turns}"));
        }
    }

    private void OpenReader()
    {
        int window = Pick(100, 1000, int.MaxValue);
        var wake = new AsyncSignal();
        var policy = Pick(SlowReaderPolicy.Disconnect, SlowReaderPolicy.DropMotion, SlowReaderPolicy.SkipTurn);
        if (_random.Next(4) == 0)
        {
            long first = _log.Available?.From ?? _appended.Last + 1;
            var position = new LogPosition(Epoch, _random.NextInt64(first - 1, _appended.Last + 1));
            _readers.Add(new CheckedReader(_log.OpenReader(position, window, wake, policy), _log, _appended, null, null, 0));
            return;
        }

        // Which turn plays a relay cannot always know.
        string? playing = _isRelay ? null : _appended.FindOpen().FirstOrDefault();
        var start = Pick(FeedStart.Live, FeedStart.CurrentTurn, FeedStart.Now);
        long heard = playing is null ? _random.Next(10_000) : _random.NextInt64(_open.Find(turn => turn.Id == playing)!.Samples + 1);
        var reader = _log.OpenReader(start, window, wake, heard, policy);
        if (!_isRelay)
        {
            long begin = start == FeedStart.Live || playing is null ? _appended.Last : _appended.FindStart(playing)!.Value - 1;
            Check(reader.Position == new LogPosition(Epoch, begin), $"starts after {reader.Position}, not {begin}");
        }

        _readers.Add(new CheckedReader(reader, _log, _appended, start, start == FeedStart.Live ? null : playing, heard));
    }

    private LogPosition Next() => new(Epoch, _appended.Last + 1);

    private void Append(Payload payload)
    {
        (payload.Epoch, payload.Sequence) = (Epoch, Next().Sequence);
        Append(PayloadEncoder.Encode(payload));
    }

    private void Append(byte[] encoded)
    {
        _appended.Add(encoded);
        _log.Append(encoded);
    }

    private T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    private static void Check(bool isTrue, string otherwise)
    {
        if (!isTrue)
        {
            Assert.Fail(otherwise);
        }
    }

    private sealed class SpokenTurn(string id)
    {
        public string Id => id;

        public long Samples { get; set; }

        public long Keyframes { get; set; }
    }
}
