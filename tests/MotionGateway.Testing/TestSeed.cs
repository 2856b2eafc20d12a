using System.Globalization;

namespace MotionGateway.Testing;

/// <summary>Where a random test's choices come from: the variable <c>MOTIONGATEWAY_SEED</c> repeats a run that failed.</summary>
public static class TestSeed
{
    /// <summary>The seed to repeat; null when none was given.</summary>
    public static int? Given { get; } = Environment.GetEnvironmentVariable("MOTIONGATEWAY_SEED") is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;

    /// <summary>The seed to repeat, or one by chance. Whoever fails prints it.</summary>
    public static int GivenOrChance() => Given ?? Random.Shared.Next();

    /// <summary>The randomness of one run of a series, the same in every process.</summary>
    /// <param name="seed">The seed of the series.</param>
    /// <param name="run">The run's number in it.</param>
    public static Random Of(int seed, int run) => new(unchecked((seed * 31) + (run * -1640531535)));
}
