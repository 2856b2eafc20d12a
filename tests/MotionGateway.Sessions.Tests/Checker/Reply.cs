using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>One avatar response, as its caller knows it.</summary>
internal sealed class Reply(string name, ReadOnlyMemory<byte> speech)
{
    private readonly List<(TimeSpan At, int Bytes)> _sent = [];

    /// <summary>The caller's name for it; empty when it has none.</summary>
    public string Name { get; } = name;

    /// <summary>Its turn, once that is known.</summary>
    public string? TurnId { get; set; } = name.Length > 0 ? name : null;

    /// <summary>Bytes that were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Bytes that must be spoken, where nothing is void: those before a refusal.</summary>
    public int Due { get; private set; }

    /// <summary>The caller has said that it is complete.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Whether the rest of it does not count: a chunk was refused.</summary>
    public ErrorReason Refused { get; set; }

    /// <summary>No media of it may stand after this sequence; null: it is not void.</summary>
    public long? VoidAfter { get; set; }

    /// <summary>The speech that is not sent yet.</summary>
    public int Left => speech.Length - Sent;

    public ReadOnlySpan<byte> Speech => speech.Span;

    public ReadOnlySpan<byte> Next(int bytes) => Speech.Slice(Sent, bytes);

    /// <summary>Nothing of it can be spoken any more: a chunk was refused before, or it is over.</summary>
    public bool IsHopeless { get; private set; }

    /// <summary>Speech was sent.</summary>
    public void OnSent(int bytes, TimeSpan now)
    {
        Sent += bytes;
        if (Refused == ErrorReason.Unspecified)
        {
            Due = Sent;
            _sent.Add((now, Sent));
        }
    }

    /// <summary>A chunk was refused: what follows it cannot be spoken.</summary>
    /// <param name="bytes">Bytes of it that were counted as sent.</param>
    /// <param name="reason">Why.</param>
    public void Refuse(int bytes, ErrorReason reason)
    {
        IsHopeless |= Refused != ErrorReason.Unspecified;
        if (Refused == ErrorReason.Unspecified)
        {
            Refused = reason;
            Due -= bytes;
            if (bytes > 0)
            {
                _sent.RemoveAt(_sent.Count - 1);
            }
        }
    }

    /// <summary>When a sample was sent.</summary>
    public TimeSpan SentAt(long sample) => _sent.First(sent => sent.Bytes >= (sample + 1) * 2).At;
}
