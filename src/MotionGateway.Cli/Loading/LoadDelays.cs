namespace MotionGateway.Cli.Loading;

/// <summary>How late things were, in milliseconds.</summary>
/// <param name="Open">From the call to the opened session.</param>
/// <param name="FirstMotion">From a turn's first speech to its first motion, at the speaker.</param>
/// <param name="Audio">From the sending of speech to its audio at a viewer.</param>
/// <param name="Motion">From the sending of speech to its motion at a viewer.</param>
internal sealed record LoadDelays(DelaySummary Open, DelaySummary FirstMotion, DelaySummary Audio, DelaySummary Motion);
