using System.Buffers;
using MotionGateway.Chaos.Tests.Oracle;
using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.OggOpus;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Checking;

/// <summary>
/// What one turn must be in the log, by the promises of the protocol: its payloads' places, its audio to the byte, its motion against
/// what the Motion Server made of that speech, its ids and marks, and an outcome that is true.
/// </summary>
internal sealed class TurnCheck(Promises promises, string who, int sampleRate, SpokenTurn spoken, MadeMotion made)
{
    private const int KeyframeTolerance = 2;
    private const int MostPayloadBytes = 16 * 1024;

    private readonly HashSet<(string Connection, string Request)> _ids = [];
    private readonly ArrayBufferWriter<byte> _audio = new();
    private TurnStarted _started = new();
    private long _keyframes;
    private bool _isLastAudio;
    private bool _isLastMotion;
    private bool _isEndMarked;
    private TurnSealed? _sealed;
    private bool _isStarted;

    private int SamplesPerKeyframe => sampleRate / 25;

    private long Samples { get; set; }

    private bool IsOpus => _started.AudioEncoding == AudioEncoding.OggOpus;

    public TurnEnded? Ended { get; private set; }

    /// <summary>Keyframes that the Motion Server made for other speech than that at their place.</summary>
    public int Misplaced { get; private set; }

    public long Keyframes => _keyframes;

    /// <summary>Takes the turn's next payload in the order of the log.</summary>
    public void Take(Payload payload)
    {
        Require(_isStarted || payload.TurnStarted is not null, () => $"{payload.ContentCase} before its start");
        Require(Ended is null, () => $"{payload.ContentCase} {payload.Sequence} after its end");
        switch (payload.ContentCase)
        {
            case Payload.ContentOneofCase.TurnStarted:
                Require(!_isStarted, () => "two starts");
                _isStarted = true;
                _started = payload.TurnStarted!;
                Require(payload.TurnStarted?.SampleRate == sampleRate, () => $"rate {payload.TurnStarted}");
                break;
            case Payload.ContentOneofCase.Audio:
                Take(payload.Audio);
                break;
            case Payload.ContentOneofCase.Motion:
                Take(payload.Motion);
                break;
            case Payload.ContentOneofCase.TurnSealed:
                Require(_sealed is null, () => "sealed twice");
                _sealed = payload.TurnSealed;
                break;
            case Payload.ContentOneofCase.TurnEnded:
                Ended = payload.TurnEnded;
                break;
        }
    }

    /// <summary>All payloads have been taken.</summary>
    /// <param name="isWhole">No media of it is missing for another reason than an interrupt.</param>
    /// <param name="mayBeReordered">The Motion Server may have sent pieces in the wrong order, which nothing on the wire tells.</param>
    /// <param name="mayBeShort">It may have left out a piece: of one that is no longer than the tolerance nothing tells.</param>
    /// <param name="mayBeSilent">It may have done so without a sign: nothing tells where a connection was lost before the count could.</param>
    public void Finish(bool isWhole, bool mayBeReordered, bool mayBeShort, bool mayBeSilent)
    {
        Require(Ended is not null, () => "no end");
        if (Ended is null)
        {
            return;
        }

        byte[] heard = IsOpus ? [] : _audio.WrittenSpan.ToArray();
        Require(
            spoken.Plan.Speech.AsSpan().StartsWith(heard), () => $"its audio is not what was sent, from byte {spoken.Plan.Speech.AsSpan().CommonPrefixLength(heard)} of {heard.Length} on");
        Require(Ended.PlayedSamples <= spoken.Plan.Speech.Length / sizeof(short), () => $"{Ended.PlayedSamples} samples heard");
        bool isTold = Ended.Error != ErrorReason.Unspecified;
        switch (Ended.Outcome)
        {
            case TurnOutcome.Completed:
                Require(!isTold, () => $"completed with {Ended.Error}");
                FinishHeard(isWhole);
                FinishMotion(mayBeReordered, mayBeShort, mayBeSilent && spoken.Report?.Recoveries > 0);
                break;
            case TurnOutcome.AudioOnly:
                Require(isTold, () => "audio only without a reason");
                FinishHeard(isWhole);
                break;
            case TurnOutcome.Failed:
                Require(isTold, () => "failed without a reason");
                break;
            case TurnOutcome.Interrupted:
                Require(!isTold, () => $"interrupted with {Ended.Error}");
                break;
            default:
                Require(false, () => $"outcome {Ended.Outcome}");
                break;
        }
    }

    private void FinishHeard(bool isWhole)
    {
        long sent = spoken.Sent / sizeof(short);
        Require(!isWhole || Samples == sent, () => $"{Samples} samples of {sent}, and it is {Ended!.Outcome}");
        Require(_sealed is not null, () => "was not sealed");
        Require(Ended!.PlayedSamples == Samples, () => $"{Ended.PlayedSamples} samples heard of {Samples}");
        Require(
            !isWhole || (_sealed?.SampleCount == Samples && _sealed.KeyframeCount == _keyframes), () => $"sealed with {_sealed}, and has {Samples} samples, {_keyframes} keyframes");
        Require(!isWhole || Samples == 0 || _isLastAudio, () => "its last audio is not marked");
        Require(!isWhole || !IsOpus || Samples == 0 || CountDecoded() == Samples, () => $"its Opus decodes to {CountDecoded()} samples of {Samples}");
    }

    private long CountDecoded()
    {
        var pcm = new ArrayBufferWriter<byte>();
        using var decoder = new OggOpusDecoder(sampleRate);
        decoder.Decode([.. _started.AudioHeader, .. _audio.WrittenSpan], pcm);
        return pcm.WrittenCount / sizeof(short);
    }

    private void FinishMotion(bool mayBeReordered, bool mayBeShort, bool mayBeSilent)
    {
        long due = Samples == 0 ? 0 : Math.Max(1, Samples / SamplesPerKeyframe);
        Require(_keyframes >= due - KeyframeTolerance && _keyframes <= due, () => $"completed with {_keyframes} keyframes of {due}");
        Require(Misplaced == 0 || mayBeReordered || mayBeSilent || (mayBeShort && _keyframes < due), () => $"completed with {Misplaced} of {_keyframes} keyframes that were made for other speech");
    }

    private void Take(Audio audio)
    {
        Require(_sealed is null, () => "audio after the seal");
        Require(audio.FirstSample == Samples, () => $"audio at {audio.FirstSample} instead of {Samples}");
        Require(!_isLastAudio, () => "audio after the last");
        Require(IsOpus || audio.Data.Length == audio.SampleCount * sizeof(short), () => $"{audio.Data.Length} bytes for {audio.SampleCount} samples");
        Require(
            audio.Data.Length <= MostPayloadBytes && audio.SampleCount <= sampleRate / 4, () => $"{audio.SampleCount} samples in one payload");
        Require(audio.SampleCount > 0 || audio.Last, () => "audio without samples that is not the last");
        _isLastAudio = audio.Last;
        _audio.Write(audio.Data.Span);
        Samples += audio.SampleCount;
    }

    private void Take(Motion motion)
    {
        Require(_sealed is null, () => "motion after the seal");
        Require(motion.FirstKeyframe == _keyframes, () => $"motion at {motion.FirstKeyframe} instead of {_keyframes}");
        Require(!_isLastMotion, () => "motion after the last");
        Require(motion.KeyframeCount > 0, () => "motion without keyframes");
        Require(
            motion.FirstKeyframe * SamplesPerKeyframe < Samples, () => $"motion at {motion.FirstKeyframe} before its audio, which is there up to {Samples}");
        Require(!_isEndMarked, () => "motion after an envelope with the end mark");
        _isLastMotion = motion.Last;

        var message = Message.Parser.ParseFrom(motion.Envelope);
        Require(message.Type == MessageType.MessageServerResponseAnimation, () => $"envelope of type {message.Type}");
        var animation = message.ServerResponseAnimation;
        Require(animation.Animation.Keyframes.Count == motion.KeyframeCount, () => $"{animation.Animation.Keyframes.Count} keyframes told as {motion.KeyframeCount}");
        _ids.Add((animation.ConnectionId, animation.ReqId));
        Require(_ids.Count == 1, () => $"ids {string.Join(' ', _ids)}");
        _isEndMarked = animation.End;
        foreach (var keyframe in animation.Animation.Keyframes)
        {
            var (isMade, isAtItsPlace) = made.Look(MadeMotion.Fingerprint(keyframe), spoken.Plan.Speech, _keyframes, SamplesPerKeyframe * sizeof(short));
            Require(isMade, () => $"keyframe {_keyframes} is none that the Motion Server made");
            Misplaced += isAtItsPlace ? 0 : 1;
            _keyframes++;
        }
    }

    private void Require(bool holds, Func<string> what) => promises.Require(holds, who, () => $"{what()}; {spoken}");
}
