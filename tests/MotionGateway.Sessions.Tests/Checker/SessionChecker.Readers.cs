using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

// What the readers of a schedule do.
internal sealed partial class SessionChecker
{
    private void OpenReader()
    {
        int window = _limits.ReaderWindowBytes;
        switch (_random.Next(4))
        {
            case 0:
                Trace($"OpenReader(live)");
                Open(() => Subject.Log.OpenReader(FeedStart.Live, window, new AsyncSignal()), 0, _log.Last, isLive: true);
                break;
            case 1:
                Trace($"OpenReader(current turn)");
                long start = _log.OpenTurns.Count == 0 ? _log.Last : Math.Max(_log.OpenTurns[0].StartedAt, _log.First) - 1;
                Open(() => Subject.Log.OpenReader(FeedStart.CurrentTurn, window, new AsyncSignal()), 0, start, isLive: false);
                break;
            default:
                OpenAt(new LogPosition(Pick(3u, 3u, 3u, 3u, 2u, 4u), _random.NextInt64(0, _log.Last + 3)));
                break;
        }
    }

    private void OpenAt(LogPosition position)
    {
        Trace($"OpenReader({position})");
        var refusal = position switch
        {
            { Epoch: not 3 } => ErrorReason.EpochChanged,
            _ when position.Sequence > _log.Last => ErrorReason.PositionAhead,
            _ when position.Sequence + 1 < _log.First => ErrorReason.SequenceExpired,
            _ => ErrorReason.Unspecified,
        };
        Open(
            () => Subject.Log.OpenReader(position, _limits.ReaderWindowBytes, new AsyncSignal()),
            refusal, position.Sequence, isLive: false);
    }

    private void Open(Func<LogReader> open, ErrorReason refusal, long start, bool isLive)
    {
        refusal = refusal == 0 && _readers.Count == _limits.Log.MaxReaders ? ErrorReason.ReaderLimit : refusal;
        try
        {
            var reader = open();
            Check.That(refusal == 0, $"a reader is opened and should be refused: {refusal}");
            Check.That(reader.Position == new LogPosition(3, start), $"the reader starts at {reader.Position}, not {start}");
            _readers.Add(new CheckedReader(reader, _log, _limits.ReaderWindowBytes, isLive));
        }
        catch (GatewayException e)
        {
            Check.That(e.Reason == refusal, $"opening is refused: {e.Reason}, not {refusal}");
            if (refusal != ErrorReason.ReaderLimit)
            {
                Check.That(e.Available == Subject.Log.Available && e.Epoch == 3, $"the refusal tells {e.Available}");
            }
        }
    }

    private void UseReader()
    {
        if (_readers.Count == 0)
        {
            return;
        }

        int index = _random.Next(_readers.Count);
        var reader = _readers[index];
        switch (_random.Next(8))
        {
            case 0:
                Trace($"reader {index}: reopen from {reader.Processed}");
                Coverage.Skips += reader.Skipped;
                reader.Dispose();
                reader.Dispose();
                _readers.RemoveAt(index);
                OpenAt(new LogPosition(3, reader.Processed));
                break;
            case 1 or 2:
                long sequence = Math.Max(0, reader.Processed - Pick(0, 0, 1, 5));
                Trace($"reader {index}: acknowledge {sequence}");
                reader.Acknowledge(sequence);
                break;
            case 3:
                reader.AuditBadAcknowledgement();
                break;
            default:
                int count = _random.Next(1, 12);
                Trace($"reader {index}: read {count} after {reader.Processed}");
                for (int i = 0; i < count && reader.Read(); i++)
                {
                }

                break;
        }
    }

    private void Drain(CheckedReader reader)
    {
        Trace($"drain after {reader.Processed}");
        do
        {
            reader.Acknowledge(reader.Processed);
        }
        while (reader.Read());

        Coverage.Skips += reader.Skipped;
        Check.That(!_model.IsClosed || (reader.IsAtEnd && reader.Processed == _log.Last), $"a reader is left at {reader.Processed} of {_log.Last}");
    }
}
