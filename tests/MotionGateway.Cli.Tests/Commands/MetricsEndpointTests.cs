using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary>The address at which a service answers Prometheus.</summary>
[Trait("Category", "EndToEnd")]
public sealed class MetricsEndpointTests
{
    private static readonly (string, string?) Development = ("DOTNET_ENVIRONMENT", "Development");

    [Theory]
    [InlineData("gateway", "Gateway:MetricsUrl", "motiongateway_session_limit", null)]
    [InlineData("relay", "Relay:MetricsUrl", "motiongateway_relay_feeds", "http://127.0.0.1:1")]
    public async Task MetricsUrl_WithAndWithoutOtlp_IsToldAndAnswers(string command, string setting, string metric, string? otlp)
    {
        await using var service = CliProcess.Start(
            [command, "--urls", "http://127.0.0.1:0", "--set", $"{setting}=http://127.0.0.1:0"],
            Development, ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp));
        string told = (await service.ReadLineAsync())!;
        await service.ReadUrlAsync();

        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri(told["metrics at ".Length..]));
        using var elsewhere = await http.GetAsync(new Uri(new Uri(told["metrics at ".Length..]), "/"));

        Assert.Contains($"# TYPE {metric} gauge\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"service_name=\"motiongateway-{command}\"", metrics, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    [Fact]
    public async Task MetricsUrl_Json_IsToldAsAnObject()
    {
        await using var service = CliProcess.Start(
            ["relay", "--urls", "http://127.0.0.1:0", "--json", "--set", "Relay:MetricsUrl=http://127.0.0.1:0"], Development);

        using var told = JsonDocument.Parse((await service.ReadLineAsync())!);
        using var ready = JsonDocument.Parse((await service.ReadLineAsync())!);

        Assert.Equal("relay", told.RootElement.GetProperty("service").GetString());
        Assert.Matches("^http://127.0.0.1:[0-9]+/metrics$", told.RootElement.GetProperty("metrics").GetString());
        Assert.NotEmpty(ready.RootElement.GetProperty("listening").EnumerateArray());
    }

    [Fact]
    public async Task MetricsUrl_AddressThatIsTaken_EndsTheServiceAndNamesIt()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string url = $"http://{other.LocalEndpoint}";

        var (exitCode, output, errors) = await CliProcess.RunAsync(
            ["relay", "--urls", "http://127.0.0.1:0", "--set", $"Relay:MetricsUrl={url}"], Development);

        Assert.Equal((ExitCode.Failure, ""), (exitCode, output));
        Assert.Contains($"The metrics endpoint cannot listen on {url}", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway", "Gateway:MetricsUrl")]
    [InlineData("relay", "Relay:MetricsUrl")]
    public async Task MetricsUrl_EveryInterfaceByAName_IsRefused(string command, string setting)
    {
        var (exitCode, output, errors) = await CliProcess.RunAsync(
            [command, "--urls", "http://127.0.0.1:0", "--set", $"{setting}=http://*:9464"], Development);

        Assert.Equal((ExitCode.Usage, ""), (exitCode, output));
        Assert.Contains($"{setting} must be http at an IP address", errors, StringComparison.Ordinal);
    }
}
