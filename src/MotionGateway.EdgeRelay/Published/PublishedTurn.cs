using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// The turn that a published feed is in: in which order its audio, its motion and their ends go out, and when it has been played.
/// Times are those of its caller.
/// </summary>
internal sealed class PublishedTurn : IDisposable
{
    private const int KeyframesPerSecond = 25;

    // The last motion is to go out behind the end of the audio, which is on its way in the log. Where it is late, the face comes first.
    private static readonly TimeSpan MotionAhead = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AudioIsNear = TimeSpan.FromMilliseconds(250);

    private readonly PublishedFrames _frames;
    private readonly Queue<ReadOnlyMemory<byte>> _output;
    private readonly DeliveredSpeech _speech;
    private readonly int _sampleRate;
    private readonly bool _isAtRate;
    private readonly Queue<(PublishedPiece Piece, TimeSpan Since)> _motion = new();
    private TimeSpan? _beganAt;
    private long? _firstSample;
    private bool _isAudioOver;
    private bool _isMotionOver;

    /// <param name="started">The turn's start.</param>
    /// <param name="frames">How its messages are made.</param>
    /// <param name="output">Where they go.</param>
    public PublishedTurn(Payload started, PublishedFrames frames, Queue<ReadOnlyMemory<byte>> output)
    {
        Id = started.TurnId;
        (_frames, _output) = (frames, output);
        var turn = started.TurnStarted;
        _sampleRate = turn.SampleRate;
        bool isOpus = turn.AudioEncoding == AudioEncoding.OggOpus;
        _isAtRate = !isOpus && _sampleRate == IPublishedKind.SampleRate;
        _speech = isOpus
            ? DeliveredSpeech.OfOggOpus(turn.AudioHeader.Span, IPublishedKind.SampleRate)
            : DeliveredSpeech.OfPcm(_sampleRate, IPublishedKind.SampleRate);
    }

    public string Id { get; }

    /// <summary>Whether the viewer has been sent anything of it.</summary>
    public bool HasBegun => _beganAt is not null;

    /// <summary>Until when the viewer plays what it was sent.</summary>
    public TimeSpan PlayedUntil { get; private set; }

    /// <summary>Whether the log says that it is over.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Whether the viewer wants no more of it.</summary>
    public bool IsSilenced { get; private set; }

    /// <summary>Whether all of it has been sent.</summary>
    public bool IsSent => _isAudioOver && _isMotionOver;

    /// <summary>By when motion that waits has to go out; <see cref="TimeSpan.MaxValue"/> when none waits for time.</summary>
    public TimeSpan MotionDue =>
        _beganAt is { } began && _motion.TryPeek(out var next)
            ? Later(began + PlaceOf(next.Piece) - MotionAhead, next.Since + AudioIsNear)
            : TimeSpan.MaxValue;

    /// <summary>The viewer wants no more of it.</summary>
    public void Silence()
    {
        IsSilenced = true;
        DropMotion();
    }

    public void AddAudio(PublishedPiece piece, TimeSpan now)
    {
        if (_isAudioOver)
        {
            return;
        }

        if (piece.Count > 0)
        {
            _firstSample ??= piece.First;
            Write(piece);

            // A pause of the data is a pause of what is heard.
            PlayedUntil = Later(PlayedUntil, now) + TimeSpan.FromSeconds((double)piece.Count / _sampleRate);
            if (_output.Count > 0)
            {
                _beganAt ??= now;
            }
        }

        if (piece.IsLast)
        {
            EndAudio();
        }

        SendMotion(now);
    }

    /// <summary>Takes motion, which goes out now or later; the turn disposes the piece.</summary>
    public void AddMotion(PublishedPiece piece, TimeSpan now)
    {
        _motion.Enqueue((piece, now));
        SendMotion(now);
    }

    /// <summary>All media of the turn has come: whatever its last pieces did not say is said now.</summary>
    public void Seal(TimeSpan now)
    {
        EndAudio();
        SendMotion(now);
        EndMotion();
    }

    /// <summary>Sends motion that is due.</summary>
    public void SendMotion(TimeSpan now)
    {
        // Motion that comes before its audio would be dropped.
        while (HasBegun && _motion.TryPeek(out var next))
        {
            var piece = next.Piece;
            bool isLast = piece.IsLast && _isAudioOver;
            if (piece.IsLast && !isLast && now < MotionDue)
            {
                return;
            }

            _motion.Dequeue();
            _output.Enqueue(_frames.GetMotion(piece, isLast));
            piece.Dispose();
            if (isLast)
            {
                _isMotionOver = true;
                EndAfterMotion();
            }
        }
    }

    public void Dispose()
    {
        DropMotion();
        _speech.Dispose();
    }

    private IPublishedKind Kind => _frames.Kind;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private TimeSpan PlaceOf(PublishedPiece motion) =>
        TimeSpan.FromSeconds(((double)motion.First / KeyframesPerSecond) - ((double)_firstSample.GetValueOrDefault() / _sampleRate));

    private void DropMotion()
    {
        while (_motion.TryDequeue(out var dropped))
        {
            dropped.Piece.Dispose();
        }
    }

    private void Write(PublishedPiece piece)
    {
        bool isLast = piece.IsLast && Kind.AudioEnd == AudioEndMark.OnLast;
        if (_isAtRate && !isLast)
        {
            _output.Enqueue(_frames.GetAudio(piece));
            return;
        }

        var pcm = _speech.Take(piece.GetData(), piece.Count);
        if (!isLast)
        {
            Write(pcm);
            return;
        }

        // What the filter has kept back belongs to the last message.
        byte[] last = [.. pcm, .. _speech.Complete()];
        _output.Enqueue(Kind.Audio(Id, last, isLast: true));
        _isAudioOver = true;
    }

    private void Write(ReadOnlySpan<byte> pcm)
    {
        if (!pcm.IsEmpty)
        {
            _output.Enqueue(Kind.Audio(Id, pcm, isLast: false));
        }
    }

    private void EndAudio()
    {
        if (_isAudioOver)
        {
            return;
        }

        _isAudioOver = true;
        Write(_speech.Complete());
        if (Kind.AudioEnd != AudioEndMark.AfterMotion)
        {
            _output.Enqueue(Kind.Audio(Id, default, isLast: true));
        }
    }

    private void EndMotion()
    {
        if (_isMotionOver)
        {
            return;
        }

        _isMotionOver = true;
        if (Kind.MotionEnd(Id) is { } end)
        {
            _output.Enqueue(end);
        }

        EndAfterMotion();
    }

    private void EndAfterMotion()
    {
        if (Kind.AudioEnd == AudioEndMark.AfterMotion)
        {
            _output.Enqueue(Kind.Audio(Id, default, isLast: true));
        }
    }
}
