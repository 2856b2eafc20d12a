using System.Buffers;
using System.Diagnostics;
using MotionGateway.OggOpus;

namespace MotionGateway.MotionServer;

/// <summary>The sending half of a request: what its next chunk begins with, and its encoder. For whoever has its turn to send, but for <see cref="GiveUp"/> and <see cref="Dispose"/>.</summary>
internal sealed class RequestSpeech(string id, MotionConnectionOptions connection, RequestTrace trace, Action<int, bool>? onSent = null) : IDisposable
{
    private const int MaxKeptBytes = 64 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _encoded = new();
    // Guards the encoder's life: giving up waits for no send.
    private readonly Lock _lock = new();
    private OggOpusEncoder? _encoder;
    private ArrayBufferWriter<byte>? _kept = connection.OnStreamCompleted is null ? null : new();
    private byte? _half;
    private bool _isDisposed;
    private volatile bool _isGivenUp;

    public string Id => id;

    /// <summary>A message has been sent: the Motion Server knows the request.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Its end has been sent, or there was nothing to end.</summary>
    public bool IsEnded { get; set; }

    /// <summary>The Motion Server was told to stop it.</summary>
    public bool IsInterruptSent { get; set; }

    /// <summary>Nobody wants it any more: what waits is not sent. May be asked at any time.</summary>
    public bool IsGivenUp => _isGivenUp;

    /// <summary>Whole samples of a chunk together with half a sample that was left over; what is over now is kept for the next.</summary>
    public ReadOnlyMemory<byte> Align(ReadOnlyMemory<byte> audio, ArrayPool<byte> buffers, out byte[]? rented)
    {
        rented = null;
        if (_half is byte half && !audio.IsEmpty)
        {
            rented = buffers.Rent(audio.Length + 1);
            rented[0] = half;
            audio.Span.CopyTo(rented.AsSpan(1));
            audio = rented.AsMemory(0, audio.Length + 1);
            _half = null;
        }

        if (!connection.Audio.TakesPcm || audio.Length % MotionAudioFormat.BytesPerSample == 0)
        {
            return audio;
        }

        _half = audio.Span[^1];
        return audio[..^1];
    }

    /// <summary>What is to be sent of a chunk of whole samples, perhaps nothing yet; valid until the next call.</summary>
    /// <exception cref="ObjectDisposedException">The request was given up, or its connection has ended.</exception>
    public ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> samples, bool isLast)
    {
        if (connection.Audio.Encoder is not { } encoding)
        {
            return samples;
        }

        OggOpusEncoder encoder;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            encoder = _encoder ??= new OggOpusEncoder(encoding);
        }

        _encoded.ResetWrittenCount();
        encoder.Encode(samples.Span, _encoded);
        if (isLast)
        {
            encoder.Finish(_encoded);
        }

        _kept = _kept?.WrittenCount + _encoded.WrittenCount > MaxKeptBytes ? null : _kept;
        _kept?.Write(_encoded.WrittenSpan);
        return _encoded.WrittenMemory;
    }

    /// <summary>The span that a message about to be sent tells the service to join: for the first message only.</summary>
    public Activity? OnSending() => IsBegun ? null : trace.Begin();

    /// <summary>A message has been sent.</summary>
    public void OnMessageSent(bool isLast) => (IsBegun, IsEnded) = (true, IsEnded || isLast);

    /// <summary>A chunk has been sent whole.</summary>
    /// <returns>The whole stream, after its last chunk and where it is wanted.</returns>
    public EncodedSpeech? OnChunkSent(int bytes, bool isLast)
    {
        onSent?.Invoke(bytes, isLast);
        if (!isLast || _encoder is null)
        {
            return null;
        }

        _encoder.Dispose();
        return _kept is null ? null : new EncodedSpeech(id, _kept.WrittenMemory);
    }

    /// <summary>Nobody wants it any more: nothing more is sent of it.</summary>
    public void GiveUp()
    {
        _isGivenUp = true;
        Dispose();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _encoder?.Dispose();
        }
    }
}
