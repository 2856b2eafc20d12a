using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

/// <summary>A log, and short ways to fill it.</summary>
internal sealed class LogFixture
{
    public const uint Epoch = 7;

    public LogFixture(SessionLogOptions? options = null, long start = 0) =>
        Log = new SessionLog(new LogPosition(Epoch, start), options ?? new SessionLogOptions(), Time, Pool);

    public FakeTimeProvider Time { get; } = new();

    /// <summary>Where the log's media is, which no other log is in.</summary>
    public SlabPool Pool { get; } = new(isPoisoning: true);

    public SessionLog Log { get; }

    private LogPosition Next => new(Epoch, Log.End.Sequence + 1);

    public LogEntry Start(string turn) =>
        Append(new Payload { TurnId = turn, TurnStarted = new TurnStarted { Ordinal = 1, SampleRate = 16000 } });

    public LogEntry Audio(string turn, int bytes = 64, long first = 0) =>
        Log.Append(PayloadEncoder.EncodeAudio(Next, turn, first, bytes / 2, false, new byte[bytes]));

    public LogEntry Motion(string turn, int bytes = 64, long first = 0, int count = 3) =>
        Log.Append(PayloadEncoder.EncodeMotion(Next, turn, first, count, false, new byte[bytes]));

    public LogEntry Playback(string turn, bool paused) =>
        Append(new Payload { TurnId = turn, PlaybackChanged = new PlaybackChanged { Paused = paused } });

    public LogEntry Message() => Append(new Payload { ViewerMessage = new ViewerMessage { Kind = "k", Text = "hello" } });

    public LogEntry End(string turn) => Append(new Payload { TurnId = turn, TurnEnded = new TurnEnded { Outcome = TurnOutcome.Completed } });

    public LogEntry Interrupt(string turn, long from, long through, long? sequence = null) => Append(
        new Payload
        {
            TurnId = turn,
            TurnEnded = new TurnEnded
            {
                Outcome = TurnOutcome.Interrupted,
                Discarded = new SequenceRange { From = from, Through = through },
            },
        },
        sequence);

    public LogEntry EndSession() => Append(new Payload { SessionEnded = new SessionEnded() });

    public LogReader OpenAt(
        long sequence, int window = int.MaxValue, AsyncSignal? wake = null, SlowReaderPolicy policy = SlowReaderPolicy.Unspecified) =>
        Log.OpenReader(new LogPosition(Epoch, sequence), window, wake ?? new AsyncSignal(), policy);

    public LogReader Open(FeedStart start, int window = int.MaxValue) => Log.OpenReader(start, window, new AsyncSignal());

    public LogReader OpenNow(long heardSamples) => Log.OpenReader(FeedStart.Now, int.MaxValue, new AsyncSignal(), heardSamples);

    /// <summary>All that can be read, each as text: a sequence, or a declared range with its reason.</summary>
    public static List<string> ReadAll(LogReader reader)
    {
        List<string> read = [];
        while (reader.TryRead(out var entry))
        {
            read.Add(Describe(entry));
        }

        return read;
    }

    public static string Describe(LogEntry entry)
    {
        var response = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span);
        return response.Payload is { } payload
            ? $"{payload.Sequence}"
            : $"{response.Skipped.Range.From}-{response.Skipped.Range.Through} {response.Skipped.Reason}";
    }

    private LogEntry Append(Payload payload, long? sequence = null)
    {
        payload.Epoch = Epoch;
        payload.Sequence = sequence ?? Next.Sequence;
        return Log.Append(new SubscribeResponse { Payload = payload }.ToByteArray());
    }
}
