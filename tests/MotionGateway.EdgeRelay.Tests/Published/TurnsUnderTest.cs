using System.Text.Json;
using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>One viewer's published feed over a session's log, with a clock that stands still; no socket.</summary>
internal sealed class TurnsUnderTest : IDisposable
{
    public static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(200);

    private readonly LogReader _reader;
    private readonly PublishedTurns _turns;

    public TurnsUnderTest(IPublishedKind kind, long maxWaitingBytes = 1024 * 1024)
    {
        _turns = new PublishedTurns(new PublishedFrames(kind), Margin, maxWaitingBytes);
        _reader = Session.Log.OpenReader(new LogPosition(1, 0), int.MaxValue, new AsyncSignal());
    }

    public FakeSession Session { get; } = new("session-1");

    public TimeSpan Now { get; set; } = TimeSpan.FromMinutes(1);

    public PublishedTurns Turns => _turns;

    /// <summary>Reads on as a viewer's worker does, and gives all that is sent now.</summary>
    /// <param name="isReading">Whether anything more is taken from the log.</param>
    public List<byte[]> Read(bool isReading = true)
    {
        List<byte[]> sent = [];
        while (true)
        {
            while (_turns.TryTake(Now, out var message))
            {
                sent.Add(message.ToArray());
            }

            if (!isReading || _turns.IsComplete || !_reader.TryRead(out var entry))
            {
                return sent;
            }

            if (PublishedPiece.TryRead(entry.Encoded, entry, out var piece))
            {
                _turns.Add(piece);
            }
        }
    }

    /// <summary>What is sent now, each in a few words.</summary>
    public string[] Told() => [.. Read().Select(message => Tell(JsonDocument.Parse(message).RootElement))];

    /// <summary>A turn of so many seconds of speech, all of which is in the log.</summary>
    public void Speak(string turnId, int seconds)
    {
        Session.Start(turnId);
        for (int second = 0; second < seconds; second++)
        {
            Session.Audio(turnId, 32000);
        }

        Session.Motion(turnId, 0, 25);
        Session.Seal(turnId);
    }

    /// <summary>The viewer's cursor is given up.</summary>
    public void StopReading() => _reader.Dispose();

    public void Dispose()
    {
        _reader.Dispose();
        _turns.Dispose();
    }

    private static string Tell(JsonElement message) => message.GetProperty("type").GetString() switch
    {
        "avatar_audio" => $"audio {Bytes(message, "audio")}{Last(message, "isLast")} of {message.GetProperty("turnId")}",
        "avatar_frames" => $"frames {message.GetProperty("frames").GetArrayLength()}{Last(message, "isLast")} of {message.GetProperty("turnId")}",
        "audio" => $"audio {Bytes(message, "data")}{Last(message, "end")}",
        "motion" => $"motion {message.GetProperty("data").GetArrayLength()}",
        "interrupt" => $"interrupt {message.GetProperty("reason")}",
        "transcript" => $"{message.GetProperty("role")}: {message.GetProperty("text")}",
        var other => $"{other}: {message.GetProperty("message")}",
    };

    private static int Bytes(JsonElement message, string name) => message.GetProperty(name).GetBytesFromBase64().Length;

    private static string Last(JsonElement message, string name) => message.GetProperty(name).GetBoolean() ? " last" : "";
}
