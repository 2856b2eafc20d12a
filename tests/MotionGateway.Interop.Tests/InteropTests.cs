using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.Interop.Tests;

/// <summary>Other implementations of gRPC call a service that is hosted with the gateway's settings.</summary>
[Trait("Category", "Interop")]
public sealed class InteropTests
{
    private const string Python = "/usr/bin/python3";
    private const string NodeModules = "tests/MotionGateway.Interop.Tests/node/node_modules";
    private const string NodeRemedy = "run npm ci in tests/MotionGateway.Interop.Tests/node";
    private const string Buf = $"{NodeModules}/.bin/buf";

    // Each of the many cases has a limit of its own.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly string TestDirectory = RepositoryRoot.PathTo("tests", "MotionGateway.Interop.Tests");

    [RequiresToolFact("/usr/lib/python3/dist-packages/grpc/__init__.py", "apt-get install python3-grpcio python3-protobuf protobuf-compiler")]
    public async Task Python_AllCases_Pass()
    {
        await using var server = await TestServer.StartAsync();
        var generated = Directory.CreateTempSubdirectory("interop").FullName;
        try
        {
            await ChildProcess.RunAsync("/usr/bin/protoc", [$"--python_out={generated}", $"-I{Path.Combine(TestDirectory, "protos")}", "interop.proto"]);
            await RunAsync(server, "python", Python, [Path.Combine(TestDirectory, "python", "interop.py"), Authority(server), generated], 14);
        }
        finally
        {
            Directory.Delete(generated, recursive: true);
        }
    }

    [RequiresToolFact($"{NodeModules}/@grpc/grpc-js/package.json", NodeRemedy)]
    public async Task Node_AllCases_Pass()
    {
        await using var server = await TestServer.StartAsync();
        string[] arguments = [Path.Combine(TestDirectory, "node", "interop.js"), Authority(server), Path.Combine(TestDirectory, "protos", "interop.proto")];
        await RunAsync(server, "node", "node", arguments, 14);
    }

    [RequiresToolTheory(Buf, NodeRemedy)]
    [InlineData("grpc-v1")]
    [InlineData("grpc-v1alpha")]
    public async Task BufCurl_WithReflection_DescribesAndCalls(string reflection)
    {
        await using var server = await TestServer.StartAsync();
        string[] arguments = ["curl", "--http2-prior-knowledge", "--protocol", "grpc", "--reflect-protocol", reflection];
        var lines = await ChildProcess.RunAsync(BufPath, [.. arguments, "--list-methods", server.Address]);
        Assert.Contains("interop.v1.InteropService/Chat", lines);
        Assert.Contains("grpc.health.v1.Health/Watch", lines);

        var service = $"{server.Address}/interop.v1.InteropService";
        lines = await ChildProcess.RunAsync(BufPath, [.. arguments, "-d", """{"text":"by hand"}""", $"{service}/Unary"]);
        Assert.Contains("by hand", string.Join("", lines), StringComparison.Ordinal);
        lines = await ChildProcess.RunAsync(BufPath, [.. arguments, "-d", """{"text":"one"}{"text":"two"}""", $"{service}/Chat"]);
        Assert.Contains("two", string.Join("", lines), StringComparison.Ordinal);
    }

    [RequiresToolTheory(Buf, NodeRemedy)]
    [InlineData("grpc-v1")]
    [InlineData("grpc-v1alpha")]
    public async Task BufCurl_ACallThatFails_ShowsReasonAndFieldInPlainText(string reflection)
    {
        await using var server = await TestServer.StartAsync();
        await using var child = ChildProcess.Start(
            BufPath,
            ["curl", "--http2-prior-knowledge", "--protocol", "grpc", "--reflect-protocol", reflection,
                "-d", """{"text": "Come later.", "behavior": "BEHAVIOR_FAIL", "sessionId": "s-1"}""", $"{server.Address}/interop.v1.InteropService/Unary"]);

        Assert.NotEqual(0, await child.WaitAsync(Limit));

        using var shown = JsonDocument.Parse(child.ToString());
        Assert.Equal("SESSION_LIMIT text: Come later.", shown.RootElement.GetProperty("message").GetString());
        var details = shown.RootElement.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("type").GetString());
        Assert.Equal(["google.rpc.ErrorInfo", "google.rpc.BadRequest", "google.rpc.RetryInfo"], details);
    }

    private static string BufPath => RepositoryRoot.PathTo(Buf.Split('/'));

    private static string Authority(TestServer server) => new Uri(server.Address).Authority;

    /// <summary>Runs all cases of a script, whose last one sees the server stop.</summary>
    private static async Task RunAsync(TestServer server, string name, string program, string[] arguments, int count)
    {
        await using var child = ChildProcess.Start(program, arguments);
        await child.WaitForLineAsync(line => line == "goaway", Limit);
        await server.Calls.Waiting($"{name}-goaway").DefaultTimeout();
        server.Calls.Release($"{name}-deadline");
        await server.Calls.Cancelled($"{name}-cancel").DefaultTimeout();
        await server.StopAsync(CancellationToken.None).DefaultTimeout();

        Assert.True(await child.WaitAsync(Limit) == 0, child.ToString());
        Assert.Equal(count, child.Lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }
}
