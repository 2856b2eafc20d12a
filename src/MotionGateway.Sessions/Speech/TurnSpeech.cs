using MotionGateway.Feeds;
using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>
/// A turn's speech: from the caller's bytes, in whatever form, to samples on the session's timeline; what is kept of them, and
/// what readers and the Motion Server get.
/// </summary>
internal sealed class TurnSpeech : IDisposable
{
    private readonly SessionSettings _settings;
    private readonly uint _serial;
    private readonly SpeechDecoder _decoder;
    private readonly ByteMarks _bytes = new();
    private readonly Queue<SpeechPacket> _passing = new();
    private TurnAudio? _audio;
    private bool _isOver;
    private bool _passes = true;

    /// <param name="settings">The session's.</param>
    /// <param name="form">Form of the bytes that come.</param>
    /// <param name="serial">Of the Ogg streams that are made of it.</param>
    public TurnSpeech(SessionSettings settings, SpeechFormat form, long serial)
    {
        _settings = settings;
        _serial = unchecked((uint)serial);
        _decoder = new SpeechDecoder(form, settings.SampleRate, keepsPackets: form.Encoding == SpeechEncoding.OggOpus);
        _audio = settings.AudioEncoding == AudioEncoding.OggOpus ? null : new PcmAudio(Kept);
    }

    /// <summary>Has compiled what the first chunk needs, so that an interrupt right behind it does not overtake it.</summary>
    public static void WarmUp()
    {
        var settings = new SessionSettings { AvatarId = "", SampleRate = 16_000 };
        using var speech = new TurnSpeech(settings, settings.SpeechFormat, 0);
        speech.Take(new byte[641]);
        speech.Complete();
        speech.Audio.Take(0, speech.Audio.Next(0, 320), isLast: true);
        speech.BytesAt(320);
    }

    /// <summary>The samples, as long as anybody needs them.</summary>
    public KeptSpeech Kept { get; } = new(SlabPool.Shared);

    /// <summary>What readers get.</summary>
    public TurnAudio Audio => _audio ??= new OpusAudio(new SpeechEncoder(_settings.Opus), _serial);

    /// <summary>Packets that came as Opus and that the Motion Server has not been given; empty in every other form.</summary>
    public Queue<SpeechPacket> Passing => _passing;

    /// <summary>The caller's bytes that have become samples, or needed not.</summary>
    public long DecodedBytes { get; private set; }

    /// <summary>With Opus that came as such: what its packets need to be decoded; null before it is known, and in every other form.</summary>
    public OpusStreamInfo? Stream => _decoder.Stream is { CanPassThrough: true } stream ? stream : null;

    /// <summary>Bytes at the end that never became a sample.</summary>
    public int DroppedBytes => _decoder.DroppedBytes;

    /// <summary>What is suspicious about it.</summary>
    public SpeechWarnings Warnings => _decoder.Warnings;

    /// <summary>Bytes of memory held.</summary>
    public long HeldBytes => Kept.HeldBytes + _decoder.HeldBytes + (_audio?.HeldBytes ?? 0);

    /// <summary>Takes more of the caller's bytes.</summary>
    /// <exception cref="SpeechFormatException">They are no speech, or not of the form; nothing more may be taken.</exception>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Add(_decoder.Decode(bytes));
        }
        catch (SpeechFormatException)
        {
            Stop();
            throw;
        }
    }

    /// <summary>No more bytes come. Done twice it does nothing.</summary>
    /// <exception cref="SpeechFormatException">What has come is no speech.</exception>
    public void Complete()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        try
        {
            Add(_decoder.Complete());
        }
        finally
        {
            _audio?.Complete();
        }
    }

    /// <summary>The caller's bytes that became the samples before a place. Places that are asked for do not fall.</summary>
    public long BytesAt(long sample) => _bytes.BytesAt(sample);

    /// <summary>Nobody wants the packets any more: the Motion Server is given samples, or nothing.</summary>
    public void StopPassing()
    {
        _passes = false;
        _passing.Clear();
    }

    /// <summary>Lets go of everything; the count of samples stays.</summary>
    public void Clear()
    {
        StopPassing();
        Dispose();
    }

    public void Dispose()
    {
        Kept.Clear();
        _decoder.Dispose();
        _audio?.Dispose();
    }

    // What has been taken is still played.
    private void Stop()
    {
        _isOver = true;
        _audio?.Complete();
    }

    private void Add(ReadOnlySpan<byte> samples)
    {
        while (_decoder.TryTakePacket(out var packet))
        {
            if (Stream is null)
            {
                continue;
            }

            if (_passes)
            {
                _passing.Enqueue(packet);
            }

            _audio ??= new OpusAudio(Stream, _serial);
            (_audio as OpusAudio)?.Pass(packet);
        }

        if (!samples.IsEmpty)
        {
            Kept.Append(samples);
            Audio.Add(samples);
        }

        DecodedBytes = _decoder.InputBytes - _decoder.HeldBytes - _decoder.DroppedBytes;
        _bytes.Add(Kept.Samples, DecodedBytes);
    }
}
