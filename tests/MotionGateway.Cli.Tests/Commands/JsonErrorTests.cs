using System.Text.Json;
using MotionGateway.Cli.Tests.Configuration;

namespace MotionGateway.Cli.Tests.Commands;

[Collection(nameof(ProcessEnvironment))]
public sealed class JsonErrorTests
{
    [Fact]
    public async Task Json_GatewayThatIsNotThere_IsToldByReason()
    {
        var (exitCode, error) = await FailAsync("sessions", "list", "--json", "--gateway", "http://127.0.0.1:1");

        Assert.Equal((ExitCode.Failure, "UNAVAILABLE"), (exitCode, error.GetProperty("reason").GetString()));
        Assert.Contains("--gateway", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("speak", "--json")]
    [InlineData("speak", "x.wav", "--pace", "slow", "--json")]
    [InlineData("spek", "--json")]
    public async Task Json_WrongCommandLine_IsAUsageError(params string[] arguments)
    {
        var (exitCode, error) = await FailAsync(arguments);

        Assert.Equal((ExitCode.Usage, "USAGE_WRONG"), (exitCode, error.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Json_WrongSettings_AreToldOneByOne()
    {
        var (exitCode, error) = await FailAsync("relay", "--set", "Relay:MaxViewers=0", "--set", "Relay:Urls=https://127.0.0.1:0", "--json");

        Assert.Equal((ExitCode.Usage, "CONFIGURATION_WRONG"), (exitCode, error.GetProperty("reason").GetString()));
        Assert.Equal(2, error.GetProperty("problems").GetArrayLength());
    }

    private static async Task<(int ExitCode, JsonElement Error)> FailAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await MainRun.RunAsync(arguments);
        using var answer = JsonDocument.Parse(output);
        var error = answer.RootElement.GetProperty("error").Clone();
        Assert.Contains(error.GetProperty("message").GetString()!.Split('\n')[0], errors, StringComparison.Ordinal);
        return (exitCode, error);
    }
}
