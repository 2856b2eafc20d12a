using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary><c>health</c>, where what it is asked for is not ready.</summary>
[Trait("Category", "EndToEnd")]
public sealed class HealthCommandTests
{
    // Nobody listens there: it is reserved.
    private const string Nobody = "http://127.0.0.1:1";

    [Theory]
    [InlineData]
    [InlineData("--gateway", Nobody, "--relay", Nobody)]
    public async Task Health_NotOneService_IsRefused(params string[] arguments)
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync(["health", .. arguments]);

        Assert.Equal(2, exitCode);
        Assert.Contains("--gateway URL, or --relay URL", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_RelayThatNeverReachedItsGateway_TellsWhatItSays()
    {
        await using var relay = CliProcess.Start(["relay", "--urls", "http://127.0.0.1:0", "--gateway", Nobody]);
        string url = await relay.ReadUrlAsync();
        var (exitCode, output, errors) = await CliProcess.RunAsync(["health", "--relay", url, "--json"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("\"reason\":\"NOT_READY\"", output, StringComparison.Ordinal);
        Assert.Contains("not ready, and answers 503", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--gateway", "The gateway cannot be reached")]
    [InlineData("--relay", "127.0.0.1:1")]
    public async Task Health_NobodyThere_Fails(string service, string said)
    {
        var (exitCode, _, errors) = await CliProcess.RunAsync(["health", service, Nobody]);

        Assert.Equal(1, exitCode);
        Assert.Contains(said, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_ToldToWait_AsksUntilItIsReady()
    {
        int asked = 0;
        await using var relay = await StartRelayAsync(() => ++asked < 3 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        var (exitCode, output, _) = await CliProcess.RunAsync(["health", "--relay", relay.Urls.Single(), "--wait", "5m"]);

        Assert.Equal((0, 3), (exitCode, asked));
        Assert.Contains("is ready", output, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartRelayAsync(Func<int> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var relay = builder.Build();
        relay.Run(context =>
        {
            context.Response.StatusCode = answer();
            return Task.CompletedTask;
        });
        await relay.StartAsync().DefaultTimeout();
        return relay;
    }
}
