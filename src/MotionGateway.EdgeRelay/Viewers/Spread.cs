namespace MotionGateway.EdgeRelay;

/// <summary>Keeps viewers from doing the same at the same time.</summary>
internal static class Spread
{
    /// <summary>A part of the whole, by chance.</summary>
    /// <param name="least">The least part.</param>
    public static double From(double least) => least + ((1 - least) * Random.Shared.NextDouble());
}
