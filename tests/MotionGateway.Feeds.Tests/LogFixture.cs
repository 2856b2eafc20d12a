using Google.Protobuf;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

/// <summary>A log, and short ways to fill it.</summary>
internal sealed class LogFixture
{
    public const uint Epoch = 7;

    public LogFixture(SessionLogOptions? options = null, long start = 0) =>
        Log = new SessionLog(new LogPosition(Epoch, start), options ?? new SessionLogOptions(), Time);

    public ManualTimeProvider Time { get; } = new();

    public SessionLog Log { get; }

    private LogPosition Next => new(Epoch, Log.End.Sequence + 1);

    public LogEntry Start(string turn) => Append(new Payload { TurnId = turn, TurnStarted = new TurnStarted { Ordinal = 1 } });

    public LogEntry Audio(string turn, int bytes = 64) => Log.Append(PayloadEncoder.EncodeAudio(Next, turn, 0, false, new byte[bytes]));

    public LogEntry Motion(string turn, int bytes = 64) =>
        Log.Append(PayloadEncoder.EncodeMotion(Next, turn, 0, 3, false, new byte[bytes]));

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

    public LogReader OpenAt(long sequence, int window = int.MaxValue, AsyncSignal? wake = null) =>
        Log.OpenReader(new LogPosition(Epoch, sequence), window, wake ?? new AsyncSignal());

    public LogReader Open(FeedStart start, int window = int.MaxValue) => Log.OpenReader(start, window, new AsyncSignal());

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
