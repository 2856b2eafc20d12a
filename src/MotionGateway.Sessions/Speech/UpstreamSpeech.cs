using MotionGateway.Speech;

namespace MotionGateway.Sessions;

/// <summary>What a request's leg is given of its turn's speech: samples, or Ogg Opus where speech came as such.</summary>
internal sealed class UpstreamSpeech(SessionSettings settings)
{
    private readonly bool _isOpus = settings.SpeechFormat.Encoding == SpeechEncoding.OggOpus;
    private readonly int _most = (int)Math.Max(1, settings.ToSamples(settings.MaxUpstream));

    /// <summary>Takes what is there, and counts it as sent.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mayThrough">The sample up to which it may be sent; of packets that came as such, one may go beyond.</param>
    /// <param name="speech">What to send; may be empty where what was taken gives nothing to send yet.</param>
    /// <returns>Whether there was anything: if not, all has been taken.</returns>
    public bool TryTake(MotionRequest request, long mayThrough, out ReadOnlyMemory<byte> speech)
    {
        int most = (int)Math.Min(_most, mayThrough - request.SentThrough);
        if (!_isOpus)
        {
            speech = request.Turn.Speech.Kept.Read(request.SentThrough, most);
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
}
