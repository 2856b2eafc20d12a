namespace MotionGateway.Cli.Hosting;

/// <summary>The web page as it was built with this executable.</summary>
internal static class BuiltPage
{
    /// <summary>Its directory, beside the executable; null when that was built without Node.</summary>
    public static string? Directory { get; } =
        Path.Combine(AppContext.BaseDirectory, "page") is var page && File.Exists(Path.Combine(page, "index.html")) ? page : null;
}
