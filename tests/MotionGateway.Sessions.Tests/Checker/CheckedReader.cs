using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>A reader whose every entry is compared with what it must get.</summary>
internal sealed class CheckedReader(LogReader reader, ReferenceLog log, int window, bool isLive) : IDisposable
{
    private readonly Queue<(long Sequence, int Bytes)> _unacknowledged = new();
    private readonly long _start = reader.Position.Sequence;
    private long _unacknowledgedBytes;

    /// <summary>Up to where sequences were seen or declared.</summary>
    public long Processed { get; private set; } = reader.Position.Sequence;

    public long Skipped { get; private set; }

    public bool IsAtEnd => reader.IsAtEnd;

    /// <summary>Reads one entry.</summary>
    /// <returns>False when there is none, which is checked too.</returns>
    public bool Read()
    {
        if (!reader.TryRead(out var entry))
        {
            AuditNothing();
            return false;
        }

        var header = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span);
        if (header.ResponseCase == SubscribeResponse.ResponseOneofCase.Skipped)
        {
            AuditSkip(header.Skipped);
        }
        else
        {
            AuditPayload(header.Payload, entry.Encoded.Span);
        }

        Check.That(reader.Position == new LogPosition(3, Processed), $"the reader is at {reader.Position}, not {Processed}");
        return true;
    }

    /// <summary>Acknowledges up to a sequence.</summary>
    public void Acknowledge(long sequence)
    {
        reader.Acknowledge(new LogPosition(3, sequence));
        while (_unacknowledged.TryPeek(out var sent) && sent.Sequence <= sequence)
        {
            _unacknowledgedBytes -= _unacknowledged.Dequeue().Bytes;
        }
    }

    public void AuditBadAcknowledgement()
    {
        foreach (var position in new[] { new LogPosition(3, Processed + 1), new LogPosition(2, 0) })
        {
            try
            {
                reader.Acknowledge(position);
            }
            catch (GatewayException e) when (e.Reason == ErrorReason.InvalidRequest)
            {
                continue;
            }

            throw new CheckFailedException($"acknowledging {position} was taken");
        }
    }

    public void Dispose() => reader.Dispose();

    private void AuditPayload(Payload payload, ReadOnlySpan<byte> encoded)
    {
        long sequence = payload.Sequence;
        Check.That(sequence > Processed && sequence <= log.Last, $"sequence {sequence} after {Processed}");
        var expected = log[sequence];
        Check.That(encoded.SequenceEqual(expected.Encoded), $"sequence {sequence} is not what was appended");
        Check.That(!expected.IsVoid, $"sequence {sequence} is void: its turn was interrupted");
        Check.That(!IsBeforeStart(expected), $"sequence {sequence} is of a turn before the live start");
        if (sequence > Processed + 1)
        {
            var discarded = payload.TurnEnded?.Discarded;
            Check.That(
                discarded is not null && discarded.From <= Processed + 1 && discarded.Through >= sequence - 1,
                $"silent gap from {Processed + 1} to {sequence}");
            Skipped++;
        }

        if (expected.IsMedia)
        {
            Check.That(
                _unacknowledgedBytes == 0 || _unacknowledgedBytes + encoded.Length <= window,
                $"{_unacknowledgedBytes} + {encoded.Length} bytes unacknowledged, the window is {window}");
            _unacknowledged.Enqueue((sequence, encoded.Length));
            _unacknowledgedBytes += encoded.Length;
        }

        Processed = sequence;
    }

    private void AuditSkip(SequenceSkipped skipped)
    {
        var range = skipped.Range;
        Check.That(range.From == Processed + 1, $"skip from {range.From} after {Processed}");
        Check.That(range.Through >= range.From && range.Through <= log.Last && skipped.Epoch == 3, $"skip of {range}");
        for (long sequence = range.From; sequence <= range.Through; sequence++)
        {
            bool isTrue = skipped.Reason switch
            {
                SkipReason.Interrupted => log[sequence].IsVoid,
                SkipReason.BeforeStart => IsBeforeStart(log[sequence]),
                SkipReason.Expired => sequence < log.First,
                _ => false,
            };
            Check.That(isTrue, $"sequence {sequence} is skipped as {skipped.Reason}");
        }

        Skipped++;
        Processed = range.Through;
    }

    private void AuditNothing()
    {
        for (long sequence = Processed + 1; sequence <= log.Last; sequence++)
        {
            var next = log[sequence];
            Check.That(sequence >= log.First, $"sequence {sequence} has expired and that was not declared");
            if (next.IsVoid || IsBeforeStart(next))
            {
                continue;
            }

            Check.That(next.IsMedia, $"event {sequence} ({next.Content}) waits behind {Processed}");
            Check.That(sequence == Processed + 1, $"what comes before {sequence} was not declared");
            Check.That(
                _unacknowledgedBytes > 0 && _unacknowledgedBytes + next.Encoded.Length > window,
                $"media {sequence} waits although {_unacknowledgedBytes} of {window} bytes are unacknowledged");
            return;
        }
    }

    private bool IsBeforeStart(ReferencePayload payload) => isLive && payload.Turn is { } turn && turn.StartedAt <= _start;
}
