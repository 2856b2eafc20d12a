using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MotionGateway.MotionServer;

/// <summary>A piece of a request's motion: the header fields, and the Motion Server's message as it came.</summary>
/// <remarks>
/// What a connection hands out holds a pooled buffer. Dispose the message when its envelope is no longer needed, and the buffer is used again; a message that is
/// forgotten is collected like any other object, and its buffer with it.
/// </remarks>
/// <param name="connectionId">See <see cref="ConnectionId"/>.</param>
/// <param name="requestId">See <see cref="RequestId"/>.</param>
/// <param name="avatarId">See <see cref="AvatarId"/>.</param>
/// <param name="end">See <see cref="End"/>.</param>
/// <param name="keyframeCount">See <see cref="KeyframeCount"/>.</param>
/// <param name="envelope">See <see cref="Envelope"/>; the message owns it from now on.</param>
public sealed class MotionMessage(string connectionId, string requestId, string? avatarId, bool end, int keyframeCount, ReadOnlyMemory<byte> envelope) : IDisposable
{
    private readonly ArrayPool<byte>? _owner;
    private byte[]? _rented;
    private bool _isDisposed;

    /// <param name="header">The header fields.</param>
    /// <param name="owner">The pool that the buffer goes back to.</param>
    /// <param name="rented">From that pool, and this message's from now on.</param>
    /// <param name="length">Bytes of the envelope in it.</param>
    internal MotionMessage(in AnimationHeader header, ArrayPool<byte> owner, byte[] rented, int length)
        : this(header, rented.AsMemory(0, length)) => (_owner, _rented) = (owner, rented);

    private MotionMessage(in AnimationHeader header, ReadOnlyMemory<byte> envelope)
        : this(header.ConnectionId, header.RequestId, header.AvatarId.Length == 0 ? null : header.AvatarId, header.End, header.KeyframeCount, envelope)
    {
    }

    /// <summary>The connection that made the motion, as the message says it.</summary>
    public string ConnectionId => connectionId;

    /// <summary>The request that the motion answers.</summary>
    public string RequestId => requestId;

    /// <summary>The avatar that the motion was made for; null when the message names none.</summary>
    public string? AvatarId => avatarId;

    /// <summary>This is the request's last motion.</summary>
    public bool End => end;

    /// <summary>Keyframes in the envelope, 25 to a second of speech. 0 happens; such a message must not reach a viewer.</summary>
    public int KeyframeCount => keyframeCount;

    /// <summary>
    /// The whole serialized <c>driveningress.v2.Message</c>, byte for byte as received, unknown fields included. Valid until the message is disposed; what is needed for
    /// longer is copied.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The message was disposed.</exception>
    public ReadOnlyMemory<byte> Envelope
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return envelope;
        }
    }

    /// <summary>Bytes that the message keeps from being used otherwise.</summary>
    internal int HeldBytes => _rented?.Length ?? envelope.Length;

    /// <summary>Reads the header fields of an envelope in place, without parsing its keyframes.</summary>
    /// <param name="envelope">A serialized <c>driveningress.v2.Message</c>; the message keeps this memory.</param>
    /// <param name="message">The message, when the envelope holds motion.</param>
    /// <returns>False when the bytes are malformed or hold another kind of message.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> envelope, [NotNullWhen(true)] out MotionMessage? message)
    {
        bool isMotion = EnvelopeReader.TryRead(envelope.Span, out EnvelopeHeader header) & header.IsAnimation;
        message = isMotion && new EnvelopeReader().TryReadAnimation(envelope.Span, out AnimationHeader animation) ? new MotionMessage(animation, envelope) : null;
        return message is not null;
    }

    /// <summary>Gives the buffer back. Doing it twice is harmless.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            _owner!.Return(rented);
        }
    }

    /// <summary>The header fields; not the motion.</summary>
    public override string ToString() =>
        $"MotionMessage {{ RequestId = {RequestId}, KeyframeCount = {KeyframeCount}, End = {End}, Bytes = {envelope.Length} }}";
}
