using System.Text;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// What one viewer of a published feed is sent, and when: a turn after the other has been played, audio before motion, each end
/// once, and nothing of a turn that was interrupted. It knows no socket and no clock.
/// </summary>
/// <param name="frames">How messages are made.</param>
/// <param name="margin">How much later than it was sent the viewer is taken to play.</param>
/// <param name="maxWaitingBytes">Bytes of payloads that may wait for a turn to be played.</param>
internal sealed class PublishedTurns(PublishedFrames frames, TimeSpan margin, long maxWaitingBytes) : IDisposable
{
    private const string TranscriptKind = "transcript";
    private const string RemarkKind = "remark";
    private const string ByViewer = "viewer";

    private readonly Queue<ReadOnlyMemory<byte>> _output = new();
    private readonly LinkedList<PublishedPiece> _waiting = [];
    private readonly HashSet<string> _silenced = new(StringComparer.Ordinal);
    private long _waitingBytes;
    private PublishedTurn? _turn;
    private bool _wasTurn;

    /// <summary>The latest payload that the viewer has been sent, or has been spared.</summary>
    public LogPosition Position { get; private set; }

    /// <summary>When there is something to do without anything new; <see cref="TimeSpan.MaxValue"/>: never.</summary>
    public TimeSpan Due
    {
        get
        {
            var due = _turn?.MotionDue ?? TimeSpan.MaxValue;
            return _turn is { HasEnded: true } && PlayedBy(_turn) < due ? PlayedBy(_turn) : due;
        }
    }

    /// <summary>Whether something waits for a turn to be played.</summary>
    public bool IsPlaying => _waiting.Count > 0 || _turn is { HasEnded: true };

    /// <summary>Whether the feed was to send one turn, and has.</summary>
    public bool IsComplete => frames.Kind.IsOneTurn && _output.Count == 0 && (_wasTurn || _turn is { IsSent: true });

    /// <summary>Takes what comes next in the log. To be called when nothing can be taken out.</summary>
    /// <exception cref="GatewayException">More waits than may.</exception>
    public void Add(PublishedPiece piece)
    {
        if (piece.Event is { TurnEnded.Outcome: TurnOutcome.Interrupted } interrupted)
        {
            Interrupt(interrupted.TurnId, interrupted.TurnEnded.Reason);
            Position = piece.Position;
            piece.Dispose();
            return;
        }

        _waitingBytes += piece.Encoded.Length;
        _waiting.AddLast(piece);
        if (_waitingBytes > maxWaitingBytes)
        {
            throw new GatewayException(ErrorReason.ReaderTooSlow, "More waits to be played than can be kept. Connect again.");
        }
    }

    /// <summary>The log no longer has what comes next of the turn: it ends here.</summary>
    public void Lose(TimeSpan now)
    {
        if (_turn is { } turn)
        {
            EndBy(turn, now);
        }
    }

    /// <summary>The viewer wants to hear no more of the turn that plays.</summary>
    /// <param name="isAll">Nor of those that have come and wait.</param>
    public void Silence(bool isAll)
    {
        if (isAll)
        {
            _silenced.UnionWith(_waiting.Select(piece => piece.TurnId));
        }

        if (_turn is { IsSilenced: false } turn)
        {
            turn.Silence();
            TellInterrupt(ByViewer);
        }
    }

    /// <summary>Takes the next message out.</summary>
    /// <returns>False when there is none at present.</returns>
    public bool TryTake(TimeSpan now, out ReadOnlyMemory<byte> message)
    {
        while (!_output.TryDequeue(out message))
        {
            _turn?.SendMotion(now);
            if (_output.Count == 0 && !TryStep(now))
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        _turn?.Dispose();
        foreach (var piece in _waiting)
        {
            piece.Dispose();
        }
    }

    private TimeSpan PlayedBy(PublishedTurn turn) => turn.IsSilenced || !turn.HasBegun ? TimeSpan.Zero : turn.PlayedUntil + margin;

    private bool TryStep(TimeSpan now)
    {
        if (_turn is { HasEnded: true } turn && PlayedBy(turn) <= now)
        {
            EndTurn();
        }

        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            var piece = node.Value;
            if (piece.TurnId.Length == 0 || _turn is null || piece.TurnId == _turn.Id)
            {
                _waiting.Remove(node);
                _waitingBytes -= piece.Encoded.Length;
                Position = piece.Position;
                Send(piece, now);
                return true;
            }
        }

        return false;
    }

    private void Send(PublishedPiece piece, TimeSpan now)
    {
        switch (piece.Kind)
        {
            case PayloadKind.TurnStarted when _turn is null:
                Begin(piece.Event!);
                break;
            case PayloadKind.ViewerMessage:
                Tell(piece.Event!.ViewerMessage);
                break;
            case PayloadKind.TurnEnded when _turn is { } turn:
                EndBy(turn, now);
                break;
            case PayloadKind.Audio when _turn is { IsSilenced: false } turn:
                turn.AddAudio(piece, now);
                break;
            case PayloadKind.Motion when _turn is { IsSilenced: false } turn:
                turn.AddMotion(piece, now);
                return;
            case PayloadKind.TurnSealed when _turn is { IsSilenced: false } turn:
                turn.Seal(now);
                break;
            default:
                // Of a turn whose start was not seen, or nothing that these clients know.
                break;
        }

        piece.Dispose();
    }

    private void Begin(Payload started)
    {
        _turn = new PublishedTurn(started, frames, _output);
        if (_silenced.Remove(started.TurnId))
        {
            _turn.Silence();
        }
    }

    private static void EndBy(PublishedTurn turn, TimeSpan now)
    {
        if (!turn.IsSilenced)
        {
            turn.Seal(now);
        }

        turn.HasEnded = true;
    }

    private void Interrupt(string turnId, string reason)
    {
        _silenced.Remove(turnId);
        for (var node = _waiting.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.TurnId == turnId)
            {
                _waiting.Remove(node);
                _waitingBytes -= node.Value.Encoded.Length;
                node.Value.Dispose();
            }

            node = next;
        }

        // Who stops what comes next stops what is still heard of the turn before, too.
        if (_turn is { } turn && (turn.Id == turnId || turn.HasEnded))
        {
            if (turn is { HasBegun: true, IsSilenced: false })
            {
                TellInterrupt(reason);
            }

            EndTurn();
        }
    }

    private void TellInterrupt(string reason)
    {
        if (frames.Kind.Interrupt(reason) is { } told)
        {
            _output.Enqueue(told);
        }
    }

    private void Tell(ViewerMessage message)
    {
        byte[]? told = message.Kind switch
        {
            TranscriptKind => TellTranscript(message.Text),
            RemarkKind => frames.Kind.Status(message.Text),
            _ => null,
        };
        if (told is not null)
        {
            _output.Enqueue(told);
        }
    }

    // By agreement with viewers an object of role and text; what is none was said by the avatar.
    private byte[]? TellTranscript(string text) => PublishedJson.Read(Encoding.UTF8.GetBytes(text)) is { } said
        ? frames.Kind.Transcript(PublishedJson.GetText(said, "role") is "viewer" or "user", PublishedJson.GetText(said, "text"))
        : frames.Kind.Transcript(isUser: false, text);

    private void EndTurn()
    {
        _turn?.Dispose();
        _turn = null;
        _wasTurn = true;
    }
}
