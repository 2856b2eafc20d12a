namespace MotionGateway.Cli.Hosting;

/// <summary>The web page as it was built with this executable.</summary>
internal static class BuiltPage
{
    /// <summary>Its directory, beside the executable; not there when it was built without Node.</summary>
    public static string Directory => Path.Combine(AppContext.BaseDirectory, "page");
}
