using System.Buffers;
using MotionGateway.OggOpus;

namespace MotionGateway.MotionServer;

/// <summary>Encodes the PCM of a connection's requests, each into one Ogg Opus stream. For one caller at a time.</summary>
internal sealed class SpeechEncoder(OggOpusEncoderOptions options, Action<EncodedSpeech>? onCompleted, string connectionId) : IDisposable
{
    private const int MaxOpen = 64;
    private const int MaxKeptBytes = 64 * 1024 * 1024;

    private readonly Dictionary<string, Stream> _open = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <summary>Takes streams that are complete and sent; null when nobody wants them.</summary>
    public Action<EncodedSpeech>? OnCompleted => onCompleted;

    /// <summary>Encodes a chunk.</summary>
    /// <param name="requestId">The request, whose stream begins with its first chunk.</param>
    /// <param name="pcm">Whole samples.</param>
    /// <param name="isLast">Ends the stream.</param>
    /// <param name="completed">The whole stream, with its last chunk and where it is wanted.</param>
    /// <returns>What there is to be sent, perhaps nothing yet; valid until the next call.</returns>
    /// <exception cref="MotionServerException">Too many streams are open.</exception>
    /// <exception cref="ObjectDisposedException">The connection has ended.</exception>
    public ReadOnlyMemory<byte> Encode(string requestId, ReadOnlySpan<byte> pcm, bool isLast, out EncodedSpeech? completed)
    {
        completed = null;
        _output.ResetWrittenCount();
        Stream stream = Find(requestId);
        stream.Encoder.Encode(pcm, _output);
        if (isLast)
        {
            stream.Encoder.Finish(_output);
        }

        if (stream.Kept is { } kept)
        {
            Keep(stream, kept);
        }

        if (isLast)
        {
            completed = stream.Kept is { } whole ? new EncodedSpeech(requestId, whole.WrittenMemory) : null;
            Forget(requestId);
        }

        return _output.WrittenMemory;
    }

    /// <summary>Gives a stream up.</summary>
    public void Forget(string requestId)
    {
        lock (_lock)
        {
            if (_open.Remove(requestId, out Stream? stream))
            {
                stream.Encoder.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (Stream stream in _open.Values)
            {
                stream.Encoder.Dispose();
            }

            _open.Clear();
        }
    }

    private Stream Find(string requestId)
    {
        // Disposing comes from the connection's end, which waits for no send.
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_open.TryGetValue(requestId, out Stream? stream))
            {
                return stream;
            }

            if (_open.Count >= MaxOpen)
            {
                throw Failures.TooManyStreams(MaxOpen, connectionId, requestId);
            }

            stream = new Stream(new OggOpusEncoder(options)) { Kept = onCompleted is null ? null : new ArrayBufferWriter<byte>() };
            _open.Add(requestId, stream);
            return stream;
        }
    }

    private void Keep(Stream stream, ArrayBufferWriter<byte> kept)
    {
        if (kept.WrittenCount + _output.WrittenCount > MaxKeptBytes)
        {
            stream.Kept = null;
            return;
        }

        kept.Write(_output.WrittenSpan);
    }

    private sealed class Stream(OggOpusEncoder encoder)
    {
        public OggOpusEncoder Encoder => encoder;

        /// <summary>All of it so far; null when nobody wants it, or it is too long.</summary>
        public ArrayBufferWriter<byte>? Kept { get; set; }
    }
}
