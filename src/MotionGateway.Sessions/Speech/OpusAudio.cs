using System.Buffers;
using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Audio that readers get as Ogg Opus: packets that came as such, in pages of our own, or that are made of the samples.</summary>
internal sealed class OpusAudio : TurnAudio
{
    private const int MostBytes = 16 * 1024;

    // What Ogg adds to a page, and there is one page in a piece: a header and a byte or more for each packet.
    private const int PageBytes = 27 + 255;

    private readonly SpeechEncoder? _encoder;
    private readonly OpusPages _pages;
    private readonly Queue<SpeechPacket> _packets = new();
    private readonly ArrayBufferWriter<byte> _piece = new();
    private SpeechPacket[] _taken = new SpeechPacket[16];
    private long _heldBytes;

    /// <summary>Packets come from elsewhere: <see cref="Pass"/>.</summary>
    public OpusAudio(OpusStreamInfo stream, uint serial) => _pages = new OpusPages(stream, serial);

    /// <summary>Packets are made of the samples.</summary>
    public OpusAudio(SpeechEncoder encoder, uint serial)
        : this(encoder.Stream, serial) => _encoder = encoder;

    public override AudioEncoding Encoding => AudioEncoding.OggOpus;

    public override ReadOnlyMemory<byte> Header => _pages.Headers;

    public override long HeldBytes => _heldBytes;

    /// <summary>Adds a packet that came as such.</summary>
    public void Pass(in SpeechPacket packet)
    {
        _packets.Enqueue(packet);
        _heldBytes += packet.Data.Length;
    }

    public override void Add(ReadOnlySpan<byte> samples)
    {
        _encoder?.Encode(samples);
        Drain();
    }

    public override void Complete()
    {
        _encoder?.Complete();
        Drain();
    }

    public override int Next(long from, int most)
    {
        int count = 0;
        int bytes = PageBytes;
        foreach (var packet in _packets)
        {
            bytes += packet.Data.Length;
            if (count > 0 && (count + packet.SampleCount > most || bytes > MostBytes))
            {
                break;
            }

            count += packet.SampleCount;
        }

        return count;
    }

    public override ReadOnlySpan<byte> Take(long from, int count, bool isLast)
    {
        int taken = 0;
        while (count > 0 || (isLast && _packets.Count > 0))
        {
            var packet = _packets.Dequeue();
            if (taken == _taken.Length)
            {
                Array.Resize(ref _taken, taken * 2);
            }

            _taken[taken++] = packet;
            count -= packet.SampleCount;
            _heldBytes -= packet.Data.Length;
        }

        _piece.ResetWrittenCount();
        if (taken > 0 || isLast)
        {
            _pages.Write(_taken.AsSpan(0, taken), isLast, _piece);
        }

        return _piece.WrittenSpan;
    }

    public override void Dispose()
    {
        _encoder?.Dispose();
        base.Dispose();
    }

    private void Drain()
    {
        while (_encoder is not null && _encoder.TryTakePacket(out var packet))
        {
            Pass(packet);
        }
    }
}
