using System.Runtime.InteropServices;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary>A settings file that is changed under a service that runs.</summary>
[Trait("Category", "EndToEnd")]
public sealed class ServiceReloadTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-service-reload-");

    [Fact]
    public async Task Relay_OriginsInItsFileAreChanged_AppliesThemAndSaysSo()
    {
        await WriteAsync("https://old.example");
        await using var relay = CliProcess.StartIn(_directory.FullName, ["relay", "--urls", "http://127.0.0.1:0"]);
        using var http = new HttpClient { BaseAddress = new Uri(await relay.ReadUrlAsync()) };
        Assert.Equal((true, false), (await IsAllowedAsync("https://old.example"), await IsAllowedAsync("https://new.example")));

        await WriteAsync("https://new.example");

        await Eventually.TrueAsync(() => IsAllowedAsync("https://new.example").GetAwaiter().GetResult());
        Assert.False(await IsAllowedAsync("https://old.example"));
        relay.Signal(PosixSignal.SIGTERM);
        Assert.Equal(ExitCode.Ok, await relay.WaitForExitAsync());
        Assert.Contains("apply from now on: Relay:AllowedOrigins", await relay.ReadErrorsAsync(), StringComparison.Ordinal);

        async Task<bool> IsAllowedAsync(string origin)
        {
            using var get = new HttpRequestMessage(HttpMethod.Get, "/v1/sessions/x/feed");
            get.Headers.Add("Origin", origin);
            using var answer = await http.SendAsync(get);
            return answer.Headers.Contains("Access-Control-Allow-Origin");
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private Task WriteAsync(string origin) => File.WriteAllTextAsync(
        Path.Combine(_directory.FullName, "appsettings.json"), $$"""{ "MotionGateway": { "Relay": { "AllowedOrigins": ["{{origin}}"] } } }""");
}
