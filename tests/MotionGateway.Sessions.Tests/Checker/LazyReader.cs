using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>A reader that is behind at times, and comes back at times: it sees each sequence or a declaration.</summary>
internal sealed class LazyReader(SessionLog log, Random random, Coverage coverage)
{
    private readonly HashSet<string> _void = [];
    private LogReader _reader = log.OpenReader(new LogPosition(1, 0), 20_000, new AsyncSignal());
    private long _sequence;

    public void Read()
    {
        if (random.Next(3) > 0)
        {
            ReadSome(random.Next(40));
        }

        if (random.Next(10) == 0)
        {
            _reader.Dispose();
            try
            {
                _reader = log.OpenReader(new LogPosition(1, _sequence), 20_000, new AsyncSignal());
            }
            catch (GatewayException expired) when (expired.Reason == ErrorReason.SequenceExpired)
            {
                coverage.Note("Expired");
                _sequence = expired.Available!.Value.From - 1;
                _reader = log.OpenReader(new LogPosition(1, _sequence), 20_000, new AsyncSignal());
            }
        }
    }

    public void End()
    {
        ReadSome(int.MaxValue);
        if (_sequence != log.End.Sequence)
        {
            throw new PromiseBrokenException("A reader does not come to the end.");
        }
    }

    private void ReadSome(int most)
    {
        for (int i = 0; i < most && _reader.TryRead(out var entry); i++)
        {
            var response = SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span);
            var (from, through) = response.Skipped is { } skipped
                ? (skipped.Range.From, skipped.Range.Through)
                : (response.Payload.TurnEnded?.Discarded is { } range && range.From <= _sequence + 1 && range.Through > _sequence
                    ? _sequence + 1 : response.Payload.Sequence, response.Payload.Sequence);
            coverage.Note(response.Skipped is null ? "Read" : "Skip");
            if (from != _sequence + 1)
            {
                throw new PromiseBrokenException($"Sequence {from} follows {_sequence}, and nothing declares a gap.");
            }

            if (response.Payload is { } payload)
            {
                if (payload.ContentCase is Payload.ContentOneofCase.Audio or Payload.ContentOneofCase.Motion && _void.Contains(payload.TurnId))
                {
                    throw new PromiseBrokenException($"Media of {payload.TurnId} follows its interrupt.");
                }

                if (payload.TurnEnded is { Outcome: TurnOutcome.Interrupted })
                {
                    _void.Add(payload.TurnId);
                }
            }

            _sequence = through;
            _reader.Acknowledge(new LogPosition(1, _sequence));
        }
    }
}
