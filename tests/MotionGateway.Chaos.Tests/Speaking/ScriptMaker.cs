using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Speaking;

/// <summary>Makes sessions by chance.</summary>
/// <param name="random">The chance.</param>
/// <param name="longest">The longest turn.</param>
internal sealed class ScriptMaker(Random random, TimeSpan longest)
{
    private static readonly int[] SampleRates = [8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
    private static readonly int[] Leads = [0, 0, 20, 100, 250, 500, 1000, 2000, 5000, 10_000];

    /// <param name="avatarId">The session's avatar.</param>
    /// <param name="isNamed">Its turns have names; else only what cannot be misunderstood happens to it.</param>
    public SessionScript Create(string avatarId, bool isNamed)
    {
        int rate = Choose(SampleRates);
        int count = random.Next(1, 6);
        return new SessionScript
        {
            AvatarId = avatarId,
            SampleRate = rate,
            Delivery = new Delivery
            {
                AudioRelease = Choose(AudioRelease.Unspecified, AudioRelease.AtOnce, AudioRelease.WithMotion, AudioRelease.Paced),
                TurnRelease = Choose(TurnRelease.Unspecified, TurnRelease.AfterPrevious, TurnRelease.AtOnce),
                MaxLeadMs = Choose(Leads),
                MaxMotionWaitMs = Choose(0, 0, 1, 300, 3000),
                AudioEncoding = rate == 48_000 ? Choose(AudioEncoding.Unspecified, AudioEncoding.OggOpus) : AudioEncoding.Unspecified,
            },
            Turns = [.. Enumerable.Range(1, count).Select(number => new SpokenTurn(CreateTurn(isNamed ? $"turn-{number}" : "", rate)))],
            Ending = Choose(SessionEnding.HalfClose, SessionEnding.Close, SessionEnding.CloseWhenHeard),
            EndsSettled = random.Next(6) > 0,
        };
    }

    private TurnPlan CreateTurn(string name, int rate)
    {
        // Short turns are as frequent as long ones, on each scale.
        double seconds = 0.03 * Math.Pow(longest.TotalSeconds / 0.03, random.NextDouble());
        byte[] speech = SpeechSound.Create(random, rate, Math.Max(1, (int)(seconds * rate)));
        double pace = Choose(0, 0, 10, 1);
        return new TurnPlan
        {
            Name = name,
            Speech = speech,
            ChunkBytes = CreateChunkBytes(speech.Length, rate, pace),
            Pace = pace,
            EndsWithLastChunk = random.Next(2) == 0,
            IsQueued = random.Next(3) > 0,
            EndsStopped = name.Length == 0 || random.Next(2) == 0,
            StopsWhenInterrupted = name.Length > 0 && random.Next(3) > 0,
        };
    }

    private int CreateChunkBytes(int length, int rate, double pace)
    {
        if (length < 1500 && random.Next(6) == 0)
        {
            return 1;
        }

        // At most two hundred chunks of an even or odd length, at most half a second where it comes as it is spoken.
        int least = Math.Max(2, length / 200);
        int most = pace == 1 ? Math.Max(least + 1, rate) : Math.Max(least + 1, Math.Min(length, 3_000_000));
        return (int)(least * Math.Pow((double)most / least, random.NextDouble()));
    }

    private T Choose<T>(params T[] choices) => choices[random.Next(choices.Length)];
}
