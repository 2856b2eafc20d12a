using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MotionGateway.LocalMotion;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Readme;

/// <summary>The Server SDK's README says what is so.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] Required =
    [
        "Header auth", "Query auth", "Regions", "Auto region", "Region fallback", "Both token dialects", "Prewarm", "Token cache", "TLS reuse",
        "Opus pass-through", "PCM to Opus while streaming", "Completed-stream callback", "LiveKit egress", "Agora egress", "Interrupt",
        "Pause and resume", "Playback state", "Capabilities", "Typed errors", "Phase and ids", "Close-code retry class", "Trace context",
        "OpenTelemetry", "Extra parameters", "Log ids", "Time limits on every step", "Connection pool", "Reconnect policy", "Bounded receive",
        "Single close notification", "Unknown fields kept",
    ];

    private static string Text => File.ReadAllText(RepositoryRoot.PathTo("src", "MotionGateway.MotionServer", "README.md"));

    [Fact]
    public async Task Sample_AgainstALocalMotionServer_ReceivesTheMotion()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        string told = await ReadmeSample.SpeakAsync(
            options =>
            {
                options.AppId = LocalMotionServerOptions.DefaultAppId;
                options.ApiKey = LocalMotionServerOptions.DefaultApiKey;
                options.ConsoleUrl = server.ConsoleUrl;
                options.IngressUrl = server.IngressUrl;
            },
            new byte[16000 * 2 * 5 / 2]).DefaultTimeout();

        Assert.Equal(["50 keyframes", "12 keyframes"], told.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Samples_InTheReadme_AreThoseThatAreRun()
    {
        string source = File.ReadAllText(RepositoryRoot.PathTo("tests", "MotionGateway.MotionServer.Tests", "Readme", "ReadmeSample.cs"));

        string[] inTheReadme = [.. Block().Matches(Text).Select(block => block.Groups["code"].Value)];

        Assert.NotEmpty(inTheReadme);
        Assert.Equal(Sample().Matches(source).Select(sample => Outdented(sample.Groups["code"].Value)), inTheReadme);
    }

    [Fact]
    public void FeatureTable_EachRow_IsOursAndNamesATestThatExists()
    {
        (string Feature, string Ours, string Test)[] rows =
            [.. Row().Matches(Text).Select(row => (row.Groups["feature"].Value.Trim(), row.Groups["ours"].Value.Trim(), row.Groups["test"].Value.Trim()))];
        HashSet<string> tests =
        [
            .. typeof(ReadmeTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()
                .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
                .Select(method => $"{type.Name}.{method.Name}")),
        ];

        Assert.Empty(Required.Except(rows.Select(row => row.Feature)));
        Assert.All(rows, row => Assert.True(row.Ours == "yes", $"{row.Feature}: {row.Ours}"));
        Assert.Empty(rows.Select(row => row.Test).Except(tests));
    }

    [Fact]
    public void Instruments_All_AreListedWithTheirUnits()
    {
        SortedSet<string> instruments = new(StringComparer.Ordinal);
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == MotionServerTelemetry.Name)
            {
                instruments.Add($"{instrument.Name} {instrument.Unit}");
            }
        };
        listener.Start();
        foreach (Type type in typeof(MotionServerTelemetry).Assembly.GetTypes().Where(type => type.Name.EndsWith("Telemetry", StringComparison.Ordinal)))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        Assert.Equal(instruments, Instrument().Matches(Text).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}").Order(StringComparer.Ordinal));
    }

    private static string Outdented(string code)
    {
        string[] lines = [.. code.TrimEnd().Split('\n').Where(line => !line.EndsWith("// test only", StringComparison.Ordinal))];
        int indent = lines[0].Length - lines[0].TrimStart().Length;
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : line));
    }

    [GeneratedRegex(@"```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"// <sample>\n(?<code>.*?)// </sample>", RegexOptions.Singleline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"^\| `(motion_server\.client[a-z_.]+)` \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^\| (?<feature>[^|]+) \| (?<ours>[^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \| `(?<test>[A-Za-z_.]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
