using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using MotionGateway.Testing;
using NetArchTest.Rules;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>The parts in src/, and what each may reference: other parts with all that these may use, and packages.</summary>
public sealed class PartsTests
{
    // The runtime's own libraries, which every part has.
    private static readonly string[] Runtime = ["System", "Microsoft.Win32.SafeHandles"];

    // A package is named by the namespace that its types are in; a part too, where it has another than its own name.
    private static readonly Dictionary<string, Part> Parts = new()
    {
        ["MotionGateway.Messages"] = new([], ["Google.Protobuf"], ["MotionGateway.Messages", "MotionGateway.V1"]),
        ["MotionGateway.OggOpus"] = new([], ["Concentus"]),
        ["MotionGateway.MotionServer"] = new(["MotionGateway.Messages", "MotionGateway.OggOpus"], ["Microsoft.Extensions"]),
        ["MotionGateway.Feeds"] = new(["MotionGateway.Messages"], []),
        ["MotionGateway.Speech"] = new(["MotionGateway.OggOpus"], []),
        ["MotionGateway.Sessions"] = new(["MotionGateway.Feeds", "MotionGateway.MotionServer", "MotionGateway.Speech"], []),
        ["MotionGateway.Protocol"] = new(
            ["MotionGateway.Messages", "MotionGateway.Feeds"], ["Google", "Grpc", "Microsoft.Extensions", "Microsoft.IdentityModel"]),
        ["MotionGateway.Hosting"] = new([], ["Microsoft"]),
        ["MotionGateway.Gateway"] = new(["MotionGateway.Sessions", "MotionGateway.Protocol", "MotionGateway.Hosting"], ["Microsoft"]),
        ["MotionGateway.EdgeRelay"] = new(
            ["MotionGateway.Feeds", "MotionGateway.Protocol", "MotionGateway.Speech", "MotionGateway.Hosting"], ["Microsoft"]),
        ["MotionGateway.LocalMotionServer"] = new(
            ["MotionGateway.Messages", "MotionGateway.OggOpus"], ["Microsoft"], ["MotionGateway.LocalMotion"]),
        ["MotionGateway.Cli"] = new(
            ["MotionGateway.EdgeRelay", "MotionGateway.Gateway", "MotionGateway.LocalMotionServer", "MotionGateway.Speech"],
            ["OpenTelemetry", "Spectre.Console"])
        {
            Assembly = "motiongateway",
        },
    };

    public static TheoryData<string> Names => [.. Parts.Keys];

    [Fact]
    public void Projects_InSrc_AreTheParts() => Assert.Equal(
        Parts.Keys.Order(StringComparer.Ordinal),
        Directory.GetFiles(RepositoryRoot.PathTo("src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Project_References_AreAllowed(string name)
    {
        var references = XDocument.Load(RepositoryRoot.PathTo("src", name, $"{name}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Empty(references.Except(Parts[name].Projects));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Types_WhatTheyUse_IsAllowed(string name) => AssertHolds(
        TypesOf(name).ShouldNot().HaveDependencyOtherThan([.. Runtime, .. Allowed(name).Distinct(), .. VolatileNested(name)]));

    [Theory]
    [InlineData("MotionGateway.Feeds")]
    [InlineData("MotionGateway.Sessions")]
    public void Types_OfTheDomain_KnowNoTransport(string name) => AssertHolds(
        TypesOf(name).ShouldNot().HaveDependencyOnAny("System.Net", "System.Web"));

    private static Types TypesOf(string name) => Types.InAssembly(AssemblyOf(name));

    private static Assembly AssemblyOf(string name) => Assembly.Load(Parts[name].Assembly ?? name);

    // How NetArchTest calls the type of a volatile field that is nested in one of the part's own types.
    private static IEnumerable<string> VolatileNested(string name) =>
        AssemblyOf(name).GetTypes().Where(type => type.IsNested).Select(type => $"{type.Name} modreq({typeof(IsVolatile).FullName})").Distinct();

    private static void AssertHolds(ConditionList rule)
    {
        var result = rule.GetResult();

        Assert.NotEmpty(result.LoadedTypes);
        Assert.True(
            result.IsSuccessful,
            string.Join(Environment.NewLine, (result.FailingTypes ?? []).Select(type => $"{type.FullName}: {type.Explanation}")));
    }

    private static IEnumerable<string> Allowed(string name) =>
        [.. Parts[name].Namespaces ?? [name], .. Parts[name].Packages, .. Parts[name].Projects.SelectMany(Allowed)];

    private sealed record Part(string[] Projects, string[] Packages, string[]? Namespaces = null)
    {
        public string? Assembly { get; init; }
    }
}
