using System.Buffers;
using System.Runtime.InteropServices;
using MotionGateway.Speech;

namespace MotionGateway.Sessions;

/// <summary>
/// One request's speech as one Ogg Opus stream: the packets that came as such, untouched, where it begins with the turn; made
/// anew from the samples where it does not, since packets do not end at keyframes.
/// </summary>
internal sealed class OpusUpstream : IDisposable
{
    private readonly SpeechTurn _turn;
    private readonly OpusPages _pages;
    private readonly SpeechEncoder? _encoder;
    private readonly List<SpeechPacket> _packets = [];
    private bool _isBegun;

    /// <param name="request">The request, before anything was sent of it.</param>
    /// <param name="options">How Opus is made.</param>
    public OpusUpstream(MotionRequest request, SpeechEncoderOptions options)
    {
        _turn = request.Turn;
        bool passes = request.FirstSample == 0 && _turn.Speech.Stream is not null && _turn.Speech.Passing.TryPeek(out var first)
            && first.FirstSample == 0;
        _encoder = passes ? null : new SpeechEncoder(options);
        _pages = new OpusPages(_encoder?.Stream ?? _turn.Speech.Stream!, unchecked((uint)(_turn.Ordinal + request.FirstKeyframe)));
        if (!passes)
        {
            _turn.Speech.StopPassing();
        }
    }

    /// <summary>The stream's last page has been taken.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Takes what is there.</summary>
    /// <param name="through">The sample that was taken through, and is then.</param>
    /// <param name="most">Samples.</param>
    /// <returns>Pages; none where what was taken does not fill a packet yet.</returns>
    public ReadOnlyMemory<byte> Take(ref long through, int most)
    {
        long end = _encoder is null ? TakePackets(through, most) : Encode(through, most);
        bool isLast = _turn.IsComplete && end == _turn.Samples;
        through = end;
        if (_packets.Count == 0 && !isLast)
        {
            return default;
        }

        var pages = new ArrayBufferWriter<byte>();
        if (!_isBegun)
        {
            _isBegun = true;
            pages.Write(_pages.Headers);
        }

        _pages.Write(CollectionsMarshal.AsSpan(_packets), isLast, pages);
        _packets.Clear();
        IsEnded = isLast;
        return pages.WrittenMemory;
    }

    public void Dispose() => _encoder?.Dispose();

    private long TakePackets(long through, int most)
    {
        long end = through;
        while (end - through < most && _turn.Speech.Passing.TryDequeue(out var packet))
        {
            _packets.Add(packet);
            end += packet.SampleCount;
        }

        return end;
    }

    private long Encode(long through, int most)
    {
        var samples = _turn.Speech.Kept.Read(through, most);
        _encoder!.Encode(samples.Memory.Span);
        long end = through + (samples.Length / sizeof(short));
        if (_turn.IsComplete && end == _turn.Samples)
        {
            _encoder.Complete();
        }

        while (_encoder.TryTakePacket(out var packet))
        {
            _packets.Add(packet);
        }

        return end;
    }
}
