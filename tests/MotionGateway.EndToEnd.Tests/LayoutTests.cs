using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>What the parts in src/ may reference and hold.</summary>
public sealed partial class LayoutTests
{
    private const string SharedFramework = "Microsoft.AspNetCore.App";

    // Packages that only generate code or analyse it reach no assembly.
    private static readonly string[] BuildOnly = ["Grpc.Tools"];

    private static readonly Dictionary<string, Part> Parts = new()
    {
        ["MotionGateway.Messages"] = new([], ["Google.Protobuf"]),
        ["MotionGateway.Feeds"] = new(["MotionGateway.Messages"], []),
        ["MotionGateway.OggOpus"] = new([], []),
        ["MotionGateway.MotionServer"] = new(["MotionGateway.Messages", "MotionGateway.OggOpus"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["MotionGateway.Sessions"] = new(["MotionGateway.Feeds", "MotionGateway.MotionServer"], []),
        ["Grpc.Lite"] = new(
            [],
            [SharedFramework, "Google.Protobuf", "OpenTelemetry.Api", "Grpc.AspNetCore", "Grpc.AspNetCore.HealthChecks",
                "Grpc.AspNetCore.Server.Reflection", "Grpc.Net.Client", "OpenTelemetry.Instrumentation.GrpcNetClient"]),
        ["MotionGateway.Protocol"] = new(
            ["MotionGateway.Messages", "Grpc.Lite"], ["Google.Api.CommonProtos", "Microsoft.IdentityModel.JsonWebTokens"]),
        ["MotionGateway.Gateway"] = new(["MotionGateway.Sessions", "MotionGateway.Protocol"], [SharedFramework]),
        ["MotionGateway.EdgeRelay"] = new(["MotionGateway.Feeds", "MotionGateway.Protocol"], [SharedFramework]),
        ["MotionGateway.LocalMotionServer"] = new(["MotionGateway.Messages", "MotionGateway.OggOpus"], [SharedFramework]),
        ["MotionGateway.Cli"] = new(
            ["MotionGateway.EdgeRelay", "MotionGateway.Gateway", "MotionGateway.LocalMotionServer"],
            [SharedFramework, "OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "Spectre.Console", "System.CommandLine"]),
    };

    public static TheoryData<string> Names => [.. Parts.Keys];

    private static string Sources => RepositoryRoot.PathTo("src");

    [Fact]
    public void Projects_InSrc_AreTheParts() =>
        Assert.Equal(Parts.Keys.Order(StringComparer.Ordinal), Directory.GetDirectories(Sources).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Project_References_AreAllowed(string name)
    {
        var project = XDocument.Load(Path.Combine(Sources, name, $"{name}.csproj"));
        var projects = Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));
        var packages = Includes(project, "PackageReference").Concat(Includes(project, "FrameworkReference"));

        Assert.Empty(projects.Except(Parts[name].Projects));
        Assert.Empty(packages.Except(Parts[name].Packages).Except(BuildOnly));
        Assert.Empty(Includes(project, "Reference"));
    }

    // References of references can be used without being named: the compiled assembly tells what is.
    [Theory]
    [InlineData("MotionGateway.Messages")]
    [InlineData("MotionGateway.Feeds")]
    [InlineData("MotionGateway.OggOpus")]
    [InlineData("MotionGateway.MotionServer")]
    [InlineData("MotionGateway.Sessions")]
    public void Assembly_OfTheDomain_KnowsNoTransport(string name)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{name}.dll")));
        var metadata = file.GetMetadataReader();
        var references = metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToList();

        Assert.Contains("System.Runtime", references);
        Assert.DoesNotContain(references, reference =>
            reference.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || reference.StartsWith("Grpc", StringComparison.Ordinal));
    }

    [Fact]
    public void Sources_ConditionalCompilation_IsInOneFileOfGrpcLite()
    {
        var files = SourcesWith(ConditionalCompilation());

        Assert.True(files.Count <= 1, string.Join(", ", files));
        Assert.All(files, file => Assert.StartsWith("Grpc.Lite/", file, StringComparison.Ordinal));
    }

    [Fact]
    public void Sources_UnboundedChannelsAndAsyncVoid_AreAbsent() => Assert.Empty(SourcesWith(Forbidden()));

    [Fact]
    public void Projects_TheChoiceOfTheGrpcStack_IsKnownToGrpcLiteOnly()
    {
        var root = RepositoryRoot.Directory;
        string[] patterns = ["*.csproj", "*.props", "*.targets"];
        var projects = patterns.SelectMany(pattern => Directory.GetFiles(Sources, pattern, SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(RepositoryRoot.PathTo("tests"), pattern, SearchOption.AllDirectories)));
        var naming = projects.Where(path => !IsGenerated(path) && File.ReadAllText(path).Contains("GrpcStack", StringComparison.Ordinal));

        Assert.Equal(["src/Grpc.Lite/Grpc.Lite.csproj"], naming.Select(path => Path.GetRelativePath(root, path)));
        Assert.Empty(SourcesWith(Stack()));
    }

    private static IEnumerable<string> Includes(XDocument project, string item) =>
        project.Descendants(item).Select(element => element.Attribute("Include")!.Value);

    private static List<string> SourcesWith(Regex pattern) =>
    [
        .. Directory.GetFiles(Sources, "*.cs", SearchOption.AllDirectories)
            .Where(path => !IsGenerated(path) && pattern.IsMatch(File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(Sources, path)),
    ];

    private static bool IsGenerated(string path) =>
        path.Contains("/obj/", StringComparison.Ordinal) || path.Contains("/bin/", StringComparison.Ordinal)
        || path.Contains("/node_modules/", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*#(el)?if\b", RegexOptions.Multiline)]
    private static partial Regex ConditionalCompilation();

    [GeneratedRegex(@"\bCreateUnbounded|\basync\s+void\b")]
    private static partial Regex Forbidden();

    [GeneratedRegex("GrpcStack")]
    private static partial Regex Stack();

    /// <summary>What a part may reference.</summary>
    private sealed record Part(string[] Projects, string[] Packages);
}
