using System.Text.Json;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

/// <summary>The switch between this subset and the official packages, as far as it can be seen without restoring them.</summary>
public sealed class StackTests
{
    private static readonly string[] OfficialPackages =
        ["Grpc.AspNetCore", "Grpc.AspNetCore.HealthChecks", "Grpc.AspNetCore.Server.Reflection", "Grpc.Net.Client"];

    [Fact]
    public async Task Packages_Chosen_ReferencesThemAndCompilesNothingElse()
    {
        var items = await EvaluateAsync("-p:GrpcStack=packages");
        Assert.Superset(OfficialPackages.Append("OpenTelemetry.Instrumentation.GrpcNetClient").ToHashSet(), Identities(items, "PackageReference"));
        Assert.Equal(["GrpcClientTelemetry.cs"], Identities(items, "Compile"));
        Assert.Empty(Identities(items, "Protobuf"));
    }

    [Fact]
    public async Task Packages_WithoutOpenTelemetry_LeavesItOut()
    {
        var items = await EvaluateAsync("-p:GrpcStack=packages", "-p:GrpcOpenTelemetry=false");
        Assert.DoesNotContain("OpenTelemetry.Instrumentation.GrpcNetClient", Identities(items, "PackageReference"));
    }

    [Fact]
    public async Task Packages_Versions_CanBeOverridden()
    {
        var items = await EvaluateAsync("-p:GrpcStack=packages", "-p:GrpcDotNetVersion=9.8.7", "-p:GoogleProtobufVersion=6.5.4");
        var versions = items.GetProperty("PackageVersion").EnumerateArray().ToDictionary(
            item => item.GetProperty("Identity").GetString()!, item => item.GetProperty("Version").GetString());
        Assert.All(OfficialPackages, package => Assert.Equal("9.8.7", versions[package]));
        Assert.Equal("6.5.4", versions["Google.Protobuf"]);
    }

    [Fact]
    public async Task Lite_ByDefault_ReferencesNoOfficialPackage()
    {
        var items = await EvaluateAsync("-p:GrpcStack=lite");
        Assert.DoesNotContain(Identities(items, "PackageReference"), package => OfficialPackages.Contains(package));
        Assert.NotEmpty(Identities(items, "Protobuf"));
    }

    private static HashSet<string> Identities(JsonElement items, string name) => items.TryGetProperty(name, out var list)
        ? [.. list.EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)]
        : [];

    private static async Task<JsonElement> EvaluateAsync(params string[] properties)
    {
        var project = RepositoryRoot.PathTo("src", "Grpc.Lite", "Grpc.Lite.csproj");
        var lines = await ChildProcess.RunAsync(
            "dotnet", ["msbuild", project, "-getItem:PackageReference,PackageVersion,Compile,Protobuf", .. properties], limit: TimeSpan.FromMinutes(3));
        using var document = JsonDocument.Parse(string.Join("", lines));
        return document.RootElement.GetProperty("Items").Clone();
    }
}
