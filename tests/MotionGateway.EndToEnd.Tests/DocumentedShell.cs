using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A shell at the repository's root, as a reader of the documentation has it.</summary>
internal static partial class DocumentedShell
{
    /// <summary>How long commands may take: the first run may have to build.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    // The repository's projects have been built: to look at each again would take longer than most commands do.
    private const string RunsWhatIsBuilt = """
        dotnet() { [[ "$*" != run\ *--project\ @(src|benchmarks|clients)/* ]] || set -- run --no-build "${@:2}"; command dotnet "$@"; }
        """;

    private static string NodeTools => RepositoryRoot.PathTo("tests", "MotionGateway.Interop.Tests", "node", "node_modules", ".bin");

    /// <summary>Variables for commands. The distribution's programs go first.</summary>
    public static Dictionary<string, string> Environment() => new()
    {
        ["Configuration"] = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["PATH"] = $"{NodeTools}:/usr/bin:{System.Environment.GetEnvironmentVariable("PATH")}",
    };

    /// <summary>Commands with the addresses of running services in place of the default ones.</summary>
    public static string At(RunningServices services, string text) => At(
        (_, port) => Origin(port switch
        {
            "50051" => services.GatewayUrl,
            "8080" => services.RelayUrl,
            _ => services.MotionServerUrl,
        }),
        text);

    /// <summary>Commands with other addresses in place of the default ones.</summary>
    /// <param name="address">The address for a scheme and a default port.</param>
    /// <param name="text">The commands.</param>
    public static string At(Func<string, string, string> address, string text) =>
        DefaultAddress().Replace(text, match => address(match.Groups["scheme"].Value, match.Groups["port"].Value));

    /// <summary>Scheme, host and port.</summary>
    public static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);

    /// <summary>Runs commands to exit code 0, and gives their output.</summary>
    public static Task<IReadOnlyCollection<string>> RunAsync(string text, IReadOnlyDictionary<string, string> environment) =>
        ChildProcess.RunAsync("bash", Arguments(text), RepositoryRoot.Directory, environment, Limit);

    /// <summary>Starts commands.</summary>
    public static ChildProcess Start(string text, IReadOnlyDictionary<string, string> environment, bool isTyped = false) =>
        ChildProcess.Start("bash", Arguments(text), RepositoryRoot.Directory, environment, isTyped);

    private static string[] Arguments(string text) => ["-euo", "pipefail", "-c", $"{RunsWhatIsBuilt}\n{text}"];

    [GeneratedRegex("(?<scheme>https?)://(127\\.0\\.0\\.1|localhost):(?<port>50051|8080|8790|9464|9465)")]
    private static partial Regex DefaultAddress();
}
