namespace MotionGateway.MotionServer.Tests.Fuzzing;

/// <summary>Where a run's randomness comes from: <c>MOTIONGATEWAY_SEED</c>, or chance. Whoever fails says it.</summary>
internal static class FuzzSeed
{
    public static int Take() =>
        Environment.GetEnvironmentVariable("MOTIONGATEWAY_SEED") is { Length: > 0 } text
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : System.Random.Shared.Next();

    /// <summary>The randomness of one run, the same in every process.</summary>
    public static Random Random(int seed, int run) => new(unchecked((seed * 31) + (run * -1640531535)));
}
