using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What must hold at every reader, at whatever hop.</summary>
internal static class FeedAssert
{
    /// <summary>Every sequence after the start came once, in order, or was declared void or left out.</summary>
    public static void Contiguous(IReadOnlyList<SubscribeResponse> received)
    {
        long last = received.Single(response => response.Started is not null).Started.Position.Sequence;
        foreach (var response in received)
        {
            if (response.Skipped is { } skipped)
            {
                Assert.Equal(last + 1, skipped.Range.From);
                last = skipped.Range.Through;
            }
            else if (response.Payload is { } payload)
            {
                var discarded = payload.TurnEnded?.Discarded;
                bool isDeclared = discarded is not null && discarded.From <= last + 1 && discarded.Through >= payload.Sequence - 1;
                Assert.True(payload.Sequence == last + 1 || (payload.Sequence > last && isDeclared), $"{payload.Sequence} came after {last}.");
                last = payload.Sequence;
            }
        }
    }

    /// <summary>The turn was interrupted once, with this range, and nothing of it follows.</summary>
    public static void Fenced(IEnumerable<Payload> payloads, string turnId, SequenceRange discarded)
    {
        var all = payloads.Where(payload => payload.TurnId == turnId).ToList();
        Assert.Single(all, payload => payload.TurnEnded is not null);
        Assert.Equal(TurnOutcome.Interrupted, all[^1].TurnEnded?.Outcome);
        Assert.Equal(discarded, all[^1].TurnEnded.Discarded);
    }

    /// <summary>
    /// The turn was spoken whole: it begins and ends once, its audio is this, its keyframes are as many as the audio gives, each at
    /// its place, and nothing comes after what is marked as the last.
    /// </summary>
    public static void Whole(IEnumerable<Payload> payloads, string turnId, byte[] pcm, int sampleRate)
    {
        var turn = payloads.Where(payload => payload.TurnId == turnId).ToList();
        Assert.NotEmpty(turn);
        Assert.NotNull(turn[0].TurnStarted);
        Assert.Equal(TurnOutcome.Completed, turn[^1].TurnEnded?.Outcome);
        Assert.Single(turn, payload => payload.TurnStarted is not null);
        Assert.Single(turn, payload => payload.TurnEnded is not null);
        Assert.Equal(pcm, turn.Audio());
        AudioIsInPlace(turn);
        MotionIsInPlace(turn, Math.Max(1, pcm.Length / sizeof(short) * 25L / sampleRate));
        Assert.Equal(pcm.Length / sizeof(short), turn[^1].TurnEnded.PlayedSamples);
    }

    /// <summary>The payloads among responses.</summary>
    public static IEnumerable<Payload> Payloads(this IEnumerable<SubscribeResponse> responses) =>
        responses.Where(response => response.Payload is not null).Select(response => response.Payload);

    /// <summary>The payloads among responses.</summary>
    public static IEnumerable<Payload> Payloads(this IEnumerable<SpeakResponse> responses) =>
        responses.Where(response => response.Payload is not null).Select(response => response.Payload);

    /// <summary>The speech in a turn's payloads.</summary>
    public static byte[] Audio(this IEnumerable<Payload> payloads) =>
        [.. payloads.Where(payload => payload.Audio is not null).SelectMany(payload => payload.Audio.Data)];

    /// <summary>The turns that began, in their order.</summary>
    public static List<string> Started(this IEnumerable<Payload> payloads) =>
        [.. payloads.Where(payload => payload.TurnStarted is not null).Select(payload => payload.TurnId)];

    /// <summary>How turns ended, in the order of their ends.</summary>
    public static List<(string TurnId, TurnOutcome Outcome)> Ended(this IEnumerable<Payload> payloads) =>
        [.. payloads.Where(payload => payload.TurnEnded is not null).Select(payload => (payload.TurnId, payload.TurnEnded.Outcome))];

    private static void AudioIsInPlace(List<Payload> turn)
    {
        long next = 0;
        var pieces = turn.Where(payload => payload.Audio is not null).Select(payload => payload.Audio).ToList();
        foreach (var audio in pieces)
        {
            Assert.Equal((next, audio.Data.Length / sizeof(short)), (audio.FirstSample, audio.SampleCount));
            next += audio.SampleCount;
        }

        Assert.DoesNotContain(pieces.SkipLast(1), audio => audio.Last);
    }

    private static void MotionIsInPlace(List<Payload> turn, long keyframes)
    {
        long next = 0;
        var pieces = turn.Where(payload => payload.Motion is not null).Select(payload => payload.Motion).ToList();
        foreach (var motion in pieces)
        {
            Assert.Equal(next, motion.FirstKeyframe);
            Assert.InRange(motion.KeyframeCount, 1, int.MaxValue);
            next += motion.KeyframeCount;
        }

        Assert.Equal(keyframes, next);
        Assert.DoesNotContain(pieces.SkipLast(1), motion => motion.Last);
    }
}
