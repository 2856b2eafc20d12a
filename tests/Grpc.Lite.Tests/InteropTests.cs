using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

/// <summary>Other implementations of gRPC call the test service.</summary>
[Trait("Category", "Interop")]
public sealed class InteropTests
{
    private const string Python = "/usr/bin/python3";
    private const string NodeModules = "tests/Grpc.Lite.Tests/node/node_modules";
    private const string NodeRemedy = "run npm ci in tests/Grpc.Lite.Tests/node";
    private const string Buf = $"{NodeModules}/.bin/buf";

    // Each of the many cases has a limit of its own.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly string TestDirectory = RepositoryRoot.PathTo("tests", "Grpc.Lite.Tests");

    [RequiresToolFact("/usr/lib/python3/dist-packages/grpc/__init__.py", "apt-get install python3-grpcio python3-protobuf protobuf-compiler")]
    public async Task Python_AllCases_Pass()
    {
        var health = new HealthSwitch();
        await using var server = await StartAsync(health);
        server.Log.Expect(entry => entry.EventId.Name == "HealthCheckEnd");
        var generated = Directory.CreateTempSubdirectory("grpclite").FullName;
        try
        {
            await GeneratePythonAsync(generated);
            await using var child = ChildProcess.Start(Python, [Path.Combine(TestDirectory, "python", "interop.py"), new Uri(server.Address).Authority, generated]);
            await Eventually.TrueAsync(() => child.Lines.Contains("watching") || child.Lines.Any(line => line.StartsWith("failed", StringComparison.Ordinal)), Limit);
            health.IsHealthy = false;
            Assert.True(await child.WaitAsync(Limit) == 0, child.ToString());
            AssertPassed(child.Lines, 14);
            await server.Calls.Cancelled("python-cancel").DefaultTimeout();
            server.Calls.Release("python-deadline");
        }
        finally
        {
            Directory.Delete(generated, recursive: true);
        }
    }

    [RequiresToolFact($"{NodeModules}/@grpc/grpc-js/package.json", NodeRemedy)]
    public async Task Node_AllCases_Pass()
    {
        await using var server = await StartAsync(new HealthSwitch());
        var lines = await ChildProcess.RunAsync(
            "node", [Path.Combine(TestDirectory, "node", "interop.js"), new Uri(server.Address).Authority, Path.Combine(TestDirectory, "protos", "interop.proto")], limit: Limit);
        AssertPassed(lines, 13);
        await server.Calls.Cancelled("node-cancel").DefaultTimeout();
        server.Calls.Release("node-deadline");
    }

    [RequiresToolTheory(Buf, NodeRemedy)]
    [InlineData("grpc-v1")]
    [InlineData("grpc-v1alpha")]
    public async Task BufCurl_WithReflection_DescribesAndCalls(string reflection)
    {
        await using var server = await StartAsync(new HealthSwitch());
        var buf = RepositoryRoot.PathTo(Buf.Split('/'));
        string[] arguments = ["curl", "--http2-prior-knowledge", "--protocol", "grpc", "--reflect-protocol", reflection];
        var lines = await ChildProcess.RunAsync(buf, [.. arguments, "--list-methods", server.Address]);
        Assert.Contains("grpclite.test.v1.InteropService/Chat", lines);
        Assert.Contains("grpc.health.v1.Health/Watch", lines);

        var service = $"{server.Address}/grpclite.test.v1.InteropService";
        lines = await ChildProcess.RunAsync(buf, [.. arguments, "-d", """{"text":"by hand"}""", $"{service}/Unary"]);
        Assert.Contains("by hand", string.Join("", lines), StringComparison.Ordinal);
        lines = await ChildProcess.RunAsync(buf, [.. arguments, "-d", """{"text":"one"}{"text":"two"}""", $"{service}/Chat"]);
        Assert.Contains("two", string.Join("", lines), StringComparison.Ordinal);
    }

    private static async Task GeneratePythonAsync(string target)
    {
        await ChildProcess.RunAsync("/usr/bin/protoc", [$"--python_out={target}", $"-I{Path.Combine(TestDirectory, "protos")}", "interop.proto"]);
        await ChildProcess.RunAsync("/usr/bin/protoc", [$"--python_out={target}", $"-I{RepositoryRoot.PathTo("protos")}", "grpc/health/v1/health.proto"]);
        // Under its own name it would hide the package of grpcio.
        Directory.Move(Path.Combine(target, "grpc"), Path.Combine(target, "grpc_"));
    }

    private static void AssertPassed(IReadOnlyCollection<string> lines, int count)
    {
        Assert.DoesNotContain(lines, line => line.StartsWith("failed", StringComparison.Ordinal));
        Assert.Equal(count, lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    private static Task<TestServer> StartAsync(HealthSwitch health) => TestServer.StartAsync(
        configureServices: services =>
        {
            services.AddGrpcReflection();
            services.AddGrpcHealthChecks(options => options.Services.Map("known", _ => true)).AddCheck("switch", health);
            services.Configure<HealthCheckPublisherOptions>(HealthSwitch.PublishSoon);
        },
        map: app =>
        {
            app.MapGrpcReflectionService();
            app.MapGrpcHealthChecksService();
        });
}
