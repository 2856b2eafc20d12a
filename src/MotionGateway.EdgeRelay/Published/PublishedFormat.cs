using System.Collections.Concurrent;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// A published feed of one viewer: what its session brings as its kind writes it, and what its client sends as requests of a feed.
/// What the client asks of the feed itself is answered here.
/// </summary>
/// <param name="frames">The kind, with the messages that its viewers share.</param>
/// <param name="start">The start that stands for the client's: its token, and where it begins.</param>
/// <param name="options">Bounds, and what clients are told.</param>
/// <param name="demo">Says clips; null where nobody does.</param>
/// <param name="now">The clock of the viewer's worker.</param>
internal sealed class PublishedFormat(
    PublishedFrames frames, StartFeed start, EdgeRelayOptions options, IDemoSession? demo, Func<TimeSpan> now) : IPacedFormat, IDisposable
{
    // A client that asks faster than it reads is not answered each time.
    private const int MaxAnswers = 16;

    private static readonly SubscribeRequest Nothing = new() { Heartbeat = new Heartbeat() };

    private readonly PublishedTurns _turns = new(frames, options.PublishedFeedMargin, options.LogBytes / 2);
    private readonly ConcurrentQueue<byte[]> _answers = new();
    private volatile IReadOnlyList<ViewerPermission>? _permissions;
    private volatile bool _isSilenced;
    private int _epoch;
    private long _sequence;
    private bool _hasStarted;

    /// <summary>Lets the viewer's worker look for what to send. To be set before anything is received.</summary>
    public Action Wake { private get; set; } = () => { };

    public string Name => "";

    public string Transport => "published";

    public FeedHeartbeats Heartbeats => FeedHeartbeats.OfTransport;

    public TimeSpan Due => _turns.Due;

    public bool IsKeeping => _turns.IsPlaying;

    public bool IsComplete => _turns.IsComplete;

    public bool IsText(ReadOnlySpan<byte> message) => frames.Kind.IsText(message);

    public bool Takes(bool isText) => true;

    public ReadOnlyMemory<byte> Encode(SubscribeResponse response) => response.ResponseCase switch
    {
        SubscribeResponse.ResponseOneofCase.Started => Begin(response.Started),
        SubscribeResponse.ResponseOneofCase.Refused => frames.Kind.Status(response.Refused.Message),
        SubscribeResponse.ResponseOneofCase.GatewayAway => frames.Kind.Status("The connection to the avatar was lost. It is made again."),
        SubscribeResponse.ResponseOneofCase.GatewayBack => frames.Kind.Status("The connection to the avatar is there again."),
        SubscribeResponse.ResponseOneofCase.Failure => frames.Kind.Error(response.Failure.Message),
        _ => default,
    };

    public ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> response) => Keep(response, entry: null);

    public ReadOnlyMemory<byte> Encode(LogEntry entry) => Keep(entry.Encoded, entry);

    public bool TryTake(out ReadOnlyMemory<byte> message)
    {
        if (_answers.TryDequeue(out byte[]? answer))
        {
            message = answer;
            return true;
        }

        if (_isSilenced)
        {
            _isSilenced = false;
            _turns.Silence(isAll: May(ViewerPermission.Interrupt));
        }

        bool isThere = _turns.TryTake(now(), out message);
        Volatile.Write(ref _epoch, (int)_turns.Position.Epoch);
        Volatile.Write(ref _sequence, _turns.Position.Sequence);
        return isThere;
    }

    public SubscribeRequest Decode(ReadOnlyMemory<byte> message)
    {
        var request = frames.Kind.Read(message);
        if (request.IsStart)
        {
            if (_hasStarted)
            {
                return Nothing;
            }

            _hasStarted = true;
            Say(request);
            return new SubscribeRequest { Start = start };
        }

        Answer(request.AnswerToListener is { } toListener && !May(ViewerPermission.Talk) ? toListener : request.Answer);
        Say(request);
        return request.Event is { } viewerEvent ? Ask(viewerEvent) : Nothing;
    }

    /// <summary>To be called when the viewer has left.</summary>
    public void Dispose() => _turns.Dispose();

    private ReadOnlyMemory<byte> Begin(FeedStarted started)
    {
        _permissions = started.Permissions;
        return frames.Kind.Ready(new PublishedSession(
            started.SessionId, started.AppId, started.AvatarId, options.PublishedFeedRegion, demo?.Clips ?? []));
    }

    private ReadOnlyMemory<byte> Keep(ReadOnlyMemory<byte> response, LogEntry? entry)
    {
        if (PublishedPiece.TryRead(response, entry, out var piece))
        {
            _turns.Add(piece);
        }
        else if (SubscribeResponse.Parser.ParseFrom(response.Span) is { Skipped.Reason: SkipReason.Expired or SkipReason.ReaderTooSlow })
        {
            _turns.Lose(now());
        }

        return default;
    }

    private SubscribeRequest Ask(ViewerEvent viewerEvent)
    {
        if (viewerEvent.Interrupt is { } interrupt)
        {
            // What is on its way to the viewer would be heard by one who wants silence.
            _isSilenced = true;
            Wake();
            interrupt.Reason = "viewer";
            uint epoch = (uint)Volatile.Read(ref _epoch);
            interrupt.Position = epoch > 0 ? new Position { Epoch = epoch, Sequence = Volatile.Read(ref _sequence) } : null;
        }

        return new SubscribeRequest { ViewerEvent = viewerEvent };
    }

    private void Say(PublishedRequest request)
    {
        if (request.Clip is { } clip && demo?.TrySay(clip) != true)
        {
            Answer(request.ClipRefusal);
        }
    }

    private void Answer(byte[]? answer)
    {
        if (answer is not null && _answers.Count < MaxAnswers)
        {
            _answers.Enqueue(answer);
            Wake();
        }
    }

    // Before it is known, nothing is refused that the session would refuse itself.
    private bool May(ViewerPermission permission) => _permissions?.Contains(permission) != false;
}
