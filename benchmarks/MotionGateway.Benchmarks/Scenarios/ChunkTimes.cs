using System.Diagnostics;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;

namespace MotionGateway.Benchmarks;

/// <summary>When each chunk of one session was sent, and how long its audio and its motion took.</summary>
internal sealed class ChunkTimes(SpeechPace pace)
{
    private static readonly long ChunkSamples = (long)(SpeechPace.Chunk.TotalSeconds * Conversation.SampleRate);

    private readonly long[] _sent = new long[pace.Chunks];
    private long _keyframes;
    private long _payloads;

    public List<TimeSpan> Audio { get; } = [];

    public List<TimeSpan> Motion { get; } = [];

    /// <summary>Payloads that came so far.</summary>
    public long Payloads => Volatile.Read(ref _payloads);

    public void Sent(int chunk) => Volatile.Write(ref _sent[chunk], Stopwatch.GetTimestamp());

    /// <summary>A payload has come. One call at a time.</summary>
    public void Take(in PayloadHeader payload, int messageBytes)
    {
        Volatile.Write(ref _payloads, _payloads + 1);
        if (payload.Kind == PayloadKind.Audio)
        {
            var audio = V1.Audio.Parser.ParseFrom(payload.Content);
            Add(Audio, audio.FirstSample + audio.SampleCount - 1);
        }
        else if (payload.Kind == PayloadKind.Motion)
        {
            TakeMotion(CountKeyframes(V1.Motion.Parser.ParseFrom(payload.Content)));
        }
    }

    public void TakeMotion(int keyframes)
    {
        _keyframes += keyframes;
        Add(Motion, (_keyframes * (Conversation.SampleRate / 25)) - 1);
    }

    // The bare gateway does not count them.
    private static int CountKeyframes(V1.Motion motion)
    {
        if (motion.KeyframeCount > 0 || !MotionMessage.TryRead(motion.Envelope.Memory, out var message))
        {
            return motion.KeyframeCount;
        }

        using (message)
        {
            return message.KeyframeCount;
        }
    }

    // From the sending of the chunk that holds the sample.
    private void Add(List<TimeSpan> times, long sample)
    {
        long chunk = sample / ChunkSamples;
        if (sample >= 0 && chunk < _sent.Length && chunk * SpeechPace.Chunk >= pace.WarmUp && Volatile.Read(ref _sent[chunk]) is var sent and > 0)
        {
            times.Add(Stopwatch.GetElapsedTime(sent));
        }
    }
}
