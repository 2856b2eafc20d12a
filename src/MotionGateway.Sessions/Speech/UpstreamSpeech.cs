using System.Buffers;
using MotionGateway.Feeds;
using MotionGateway.Speech;

namespace MotionGateway.Sessions;

/// <summary>
/// What a request's leg is given of its turn's speech: samples, or Ogg Opus where speech came as such. Used by the one loop that sends,
/// under the session's lock.
/// </summary>
internal sealed class UpstreamSpeech(SessionSettings settings)
{
    private readonly bool _isOpus = settings.SpeechFormat.Encoding == SpeechEncoding.OggOpus;
    private readonly int _most = (int)Math.Max(1, settings.ToSamples(settings.MaxUpstream));

    // What was taken last is there until it has been sent, whether or not its turn still is.
    private Slab? _held;
    private byte[]? _rented;

    /// <summary>Takes what is there, and counts it as sent.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mayThrough">The sample up to which it may be sent; of packets that came as such, one may go beyond.</param>
    /// <param name="speech">
    /// What to send, until <see cref="Release"/> is called; may be empty where what was taken gives nothing to send yet.
    /// </param>
    /// <returns>Whether there was anything: if not, all has been taken.</returns>
    public bool TryTake(MotionRequest request, long mayThrough, out ReadOnlyMemory<byte> speech)
    {
        int most = (int)Math.Min(_most, mayThrough - request.SentThrough);
        if (!_isOpus)
        {
            speech = Take(request.Turn.Speech.Kept, request.SentThrough, most);
            request.SentThrough += speech.Length / sizeof(short);
            return !speech.IsEmpty;
        }

        var opus = request.Opus ??= new OpusUpstream(request, settings.Opus);
        if (opus.IsEnded)
        {
            speech = default;
            return false;
        }

        long through = request.SentThrough;
        speech = opus.Take(ref through, most);
        request.SentThrough = through;
        return true;
    }

    /// <summary>What was taken last has been sent, or will not be.</summary>
    public void Release()
    {
        if (_held is { } held)
        {
            _held = null;
            held.Release();
        }

        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private ReadOnlyMemory<byte> Take(KeptSpeech kept, long from, int most)
    {
        Release();
        var part = kept.Read(from, most);
        int all = (int)Math.Min(most, kept.Samples - from) * sizeof(short);
        if (part.Length >= all)
        {
            if (part.Length == 0)
            {
                return default;
            }

            part.Slab.Hold();
            _held = part.Slab;
            return part.Memory;
        }

        // One message of all that is there, rather than one for each payload that it stands in.
        _rented = ArrayPool<byte>.Shared.Rent(all);
        int taken = 0;
        while (taken < all)
        {
            part = kept.Read(from + (taken / sizeof(short)), (all - taken) / sizeof(short));
            part.Memory.CopyTo(_rented.AsMemory(taken));
            taken += part.Length;
        }

        return _rented.AsMemory(0, all);
    }
}
