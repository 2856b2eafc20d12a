using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>Every payload ever appended, and which of them a bounded log must still have.</summary>
internal sealed class ReferenceLog(long maxBytes, TimeSpan retention)
{
    private readonly List<ReferencePayload> _payloads = [];

    public long Last => _payloads.Count;

    /// <summary>The first sequence that is still there.</summary>
    public long First { get; private set; } = 1;

    public long Bytes { get; private set; }

    /// <summary>Turns that have begun and not ended, in order of their beginning.</summary>
    public List<ReferenceTurn> OpenTurns { get; } = [];

    public ReferencePayload this[long sequence] => _payloads[(int)sequence - 1];

    public void Append(ReferencePayload payload, TimeSpan now)
    {
        _payloads.Add(payload);
        Bytes += payload.Encoded.Length;
        if (payload.Turn is { } turn)
        {
            switch (payload.Content)
            {
                case Payload.ContentOneofCase.TurnStarted:
                    OpenTurns.Add(turn);
                    break;
                case Payload.ContentOneofCase.TurnEnded:
                    OpenTurns.Remove(turn);
                    break;
            }
        }

        while (First <= Last && (Bytes > maxBytes || IsExpired(this[First], now)))
        {
            Bytes -= this[First].Encoded.Length;
            First++;
        }
    }

    private bool IsExpired(ReferencePayload payload, TimeSpan now) =>
        now - payload.AppendedAt > retention && (payload.Turn is null || !OpenTurns.Contains(payload.Turn));
}

internal sealed record ReferencePayload(
    byte[] Encoded, Payload.ContentOneofCase Content, ReferenceTurn? Turn, TimeSpan AppendedAt)
{
    public bool IsMedia => Content is Payload.ContentOneofCase.Audio or Payload.ContentOneofCase.Motion;

    /// <summary>Media of a turn that was interrupted: nobody may get it any more.</summary>
    public bool IsVoid => IsMedia && Turn is { IsEnded: true, Outcome: TurnOutcome.Interrupted };
}
