using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>The built executable, run as a person runs it.</summary>
internal static class Executable
{
    /// <summary>How long a command may take that says some seconds of speech.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private const string Ready = "listening on ";

    private static readonly Dictionary<string, string> Environment = new()
    {
        ["DOTNET_ENVIRONMENT"] = "Production",
        ["MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY"] = "local-key",
    };

    /// <summary>Where it was built.</summary>
    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "motiongateway.dll");

    /// <summary>Starts a command.</summary>
    public static ChildProcess Start(params string[] arguments) => Start(arguments, Environment);

    /// <summary>Starts a command with variables of its own.</summary>
    public static ChildProcess Start(string[] arguments, IReadOnlyDictionary<string, string> environment) =>
        ChildProcess.Start("dotnet", [Assembly, .. arguments], Path.GetTempPath(), environment);

    /// <summary>Starts a service and waits until it listens.</summary>
    public static async Task<(ChildProcess Process, Uri Url)> ServeAsync(
        string[] arguments, string? apiKey = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var variables = new Dictionary<string, string>(Environment);
        variables["MOTIONGATEWAY__GATEWAY__MOTIONSERVER__APIKEY"] = apiKey ?? "local-key";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        var process = Start(arguments, variables);
        try
        {
            return (process, new Uri((await process.WaitForLineAsync(line => line.StartsWith(Ready, StringComparison.Ordinal)))[Ready.Length..]));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>The last line of JSON that a command wrote.</summary>
    public static JsonElement Result(ChildProcess process)
    {
        using var document = JsonDocument.Parse(process.Lines.Last(line => line.StartsWith('{')));
        return document.RootElement.Clone();
    }
}
