using System.Buffers;
using MotionGateway.OggOpus;
using MotionGateway.OggOpus.Ogg;

namespace MotionGateway.Speech;

/// <summary>
/// Makes the pages of one Ogg Opus stream of its packets. Each page holds whole packets and at most 250 ms, so that the headers with any
/// later run of pages are a stream that players take. Not safe for use by several threads at a time.
/// </summary>
public sealed class OpusPages
{
    private const int MaxPageSamples = OpusSampleRates.Granule / 4;

    private readonly OggPageWriter _pages;
    private long _granulePosition;
    private bool _isEnded;

    /// <summary>Creates the pages of one stream.</summary>
    /// <param name="stream">What the header says; mono.</param>
    /// <param name="serial">Serial number of the stream; another for each turn.</param>
    /// <exception cref="ArgumentException">The stream is not of one channel, or its pre-skip does not fit.</exception>
    public OpusPages(OpusStreamInfo stream, uint serial)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.Channels is not (1 or 2) || stream.PreSkip is < 0 or > ushort.MaxValue)
        {
            throw new ArgumentException("The stream must have one or two channels and a pre-skip of 16 bits.", nameof(stream));
        }

        _pages = new(serial);
        var headers = new ArrayBufferWriter<byte>();
        _pages.Add(new OpusHead(stream.Channels, stream.PreSkip, stream.InputSampleRate, (short)stream.OutputGain).ToPacket());
        _pages.Flush(headers, OggPageFlags.BeginOfStream, granulePosition: 0);
        _pages.Add(OpusTags.ToPacket(OpusLibrary.Version, "ENCODER=MotionGateway"));
        _pages.Flush(headers, OggPageFlags.None, granulePosition: 0);
        Headers = headers.WrittenSpan.ToArray();
    }

    /// <summary>The two header pages.</summary>
    public byte[] Headers { get; }

    /// <summary>Writes pages of packets; nothing is held back.</summary>
    /// <param name="packets">The packets that follow those written before.</param>
    /// <param name="isLast">Whether these end the stream; without packets an empty page says so.</param>
    /// <param name="output">Where whole pages are written to.</param>
    /// <exception cref="InvalidOperationException">The stream has ended.</exception>
    public void Write(ReadOnlySpan<SpeechPacket> packets, bool isLast, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_isEnded)
        {
            throw new InvalidOperationException("The stream has ended; packets of another turn need pages of their own.");
        }

        int samples = 0;
        foreach (var packet in packets)
        {
            if (!_pages.IsEmpty && (samples + packet.DurationSamples > MaxPageSamples || !_pages.HasRoomFor(packet.Data.Length)))
            {
                _pages.Flush(output, OggPageFlags.None, _granulePosition);
                samples = 0;
            }

            _pages.Add(packet.Data.Span);
            samples += packet.DurationSamples;
            _granulePosition = packet.GranulePosition;
        }

        if (isLast)
        {
            // A page on which no packet ends has no position of its own.
            _pages.Flush(output, OggPageFlags.EndOfStream, packets.IsEmpty ? OggPageLayout.NoGranulePosition : _granulePosition);
            _isEnded = true;
        }
        else if (!_pages.IsEmpty)
        {
            _pages.Flush(output, OggPageFlags.None, _granulePosition);
        }
    }
}
