using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using MotionGateway.Cli.Tests.Audio;
using MotionGateway.Cli.Tests.Commands;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Connecting;

[Trait("Category", "EndToEnd")]
public sealed class TlsTests(TlsServices services) : IClassFixture<TlsServices>, IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"motiongateway-{Guid.NewGuid():n}.wav");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task SpeakAndWatch_ByCertificates_AreServedByGatewayAndRelay()
    {
        await File.WriteAllBytesAsync(_file, new WavBytes { Samples = new byte[3200] }.ToArray());
        await using var speak = CliProcess.Start(["speak", _file, "--hold", "--json"], services.Environment);
        using var opened = JsonDocument.Parse((await speak.ReadLineAsync())!);
        string session = opened.RootElement.GetProperty("opened").GetProperty("sessionId").GetString()!;
        string page = opened.RootElement.GetProperty("opened").GetProperty("page").GetString()!;
        Assert.StartsWith($"{services.RelayUrl}/#session={session}&token=", page, StringComparison.Ordinal);

        string token = page[(page.IndexOf("token=", StringComparison.Ordinal) + "token=".Length)..];
        string relay = services.RelayUrl.Replace("https", "wss", StringComparison.Ordinal);
        await using var watch = CliProcess.Start(
            ["watch", session, "--relay", relay, "--cacert", services.Authority.RootFile, "--raw"], ("MOTIONGATEWAY_VIEWER_TOKEN", token));
        Assert.Contains(session, await watch.ReadLineAsync(), StringComparison.Ordinal);

        var (exitCode, output, errors) = await CliProcess.RunAsync(["sessions", "list", "--json"], services.Environment);
        Assert.True(exitCode == ExitCode.Ok, errors);
        Assert.Contains(session, output, StringComparison.Ordinal);
        speak.Signal(PosixSignal.SIGINT);
        Assert.Equal(ExitCode.Interrupted, await speak.WaitForExitAsync());
    }

    [Fact]
    public async Task Sessions_WithoutTheAuthority_NamesTheOption() =>
        await AssertRefusedAsync("--cacert", ["sessions", "list", "--gateway", services.GatewayUrl]);

    [Fact]
    public async Task Sessions_WithoutACertificate_NamesTheOptions() => await AssertRefusedAsync(
        "--cert and --key", ["sessions", "list", "--gateway", services.GatewayUrl, "--cacert", services.Authority.RootFile]);

    [Fact]
    public async Task Sessions_HttpsWhereNoTlsIs_SaysSo() =>
        await AssertRefusedAsync("write http://", ["sessions", "list", "--gateway", services.PlainUrl.Replace("http", "https", StringComparison.Ordinal)]);

    [Fact]
    public async Task Sessions_HttpWhereTlsIs_SaysSo() =>
        await AssertRefusedAsync("https://", ["sessions", "list", "--gateway", services.GatewayUrl.Replace("https", "http", StringComparison.Ordinal)]);

    // A gateway would not start with the second.
    [Theory]
    [InlineData("gateway.example", 60, "for another name")]
    [InlineData(null, -1, "has ended")]
    public async Task Sessions_CertificateThatIsNotGood_SaysWhy(string? host, int minutes, string told)
    {
        var files = services.Authority.IssueServer(host: host, end: DateTimeOffset.UtcNow.AddMinutes(minutes));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(X509Certificate2.CreateFromPemFile(files.Certificate, files.Key))));
        await using var server = builder.Build();
        await server.StartAsync().DefaultTimeout();

        await AssertRefusedAsync(told, ["sessions", "list", "--gateway", server.Urls.First(), "--cacert", services.Authority.RootFile]);
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("relay")]
    public async Task Watch_WithoutTheAuthority_EndsAtOnceAndNamesTheOption(string by) => await AssertRefusedAsync(
        "--cacert", ["watch", "session-1", "--gateway", services.GatewayUrl, "--token", "t", .. by == "relay" ? ["--relay", services.RelayUrl] : (string[])[]]);

    [Theory]
    [InlineData("--cacert", "/nowhere/ca.pem")]
    [InlineData("--cert", "/nowhere/client.pem")]
    [InlineData("--key", "/nowhere/client.key")]
    [InlineData("--api-key-file", "/nowhere/key")]
    [InlineData("--header", "no header")]
    [InlineData("--header", "content-type: text/plain")]
    public async Task Sessions_OptionThatCannotBeUsed_IsAUsageError(string option, string value)
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync(["sessions", "list", option, value]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.StartsWith($"error: {option}", errors, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(string told, string[] arguments)
    {
        var (exitCode, output, errors) = await CliProcess.RunAsync(arguments);

        Assert.Equal((ExitCode.Failure, ""), (exitCode, output));
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
