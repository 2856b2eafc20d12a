namespace MotionGateway.Hosting;

/// <summary>A file of a certificate or key cannot be used.</summary>
/// <param name="setting">The setting that names it, such as <c>KeyFile</c>.</param>
/// <param name="problem">What is wrong with it and what helps, in sentences.</param>
public sealed class TlsFileException(string setting, string problem) : Exception($"{setting}: {problem}")
{
    /// <summary>The setting that names it.</summary>
    public string Setting { get; } = setting;

    /// <summary>What is wrong with it and what helps.</summary>
    public string Problem { get; } = problem;
}
