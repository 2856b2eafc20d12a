using System.Text.RegularExpressions;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Samples;

/// <summary>A sample in clients/samples, run as its page says: stubs are generated, then it speaks.</summary>
/// <param name="Name">Its folder.</param>
internal sealed partial record Sample(string Name)
{
    private string Page => $"clients/samples/{Name}/README.md:";

    private IEnumerable<string> Commands =>
        from command in DocumentedCommand.All
        where command.Mode == "sample" && command.Place.StartsWith(Page, StringComparison.Ordinal)
        select command.Text;

    /// <summary>Runs it to its end, and gives the lines of the last of its page's blocks.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="wavFile">What it speaks, in place of the clip that its page names.</param>
    /// <param name="variables">Further variables.</param>
    public async Task<IReadOnlyCollection<string>> SpeakAsync(Uri gateway, string wavFile, params (string Name, string Value)[] variables)
    {
        var environment = EnvironmentOf(gateway, variables);
        IReadOnlyCollection<string> lines = [];
        foreach (string text in Commands)
        {
            string commands = DocumentedShell.At(_ => DocumentedShell.Origin(gateway), WelcomeClip().Replace(text, wavFile));
            lines = await DocumentedShell.RunAsync(commands, environment);
        }

        return lines;
    }

    /// <summary>Starts it; the test types its input.</summary>
    public ChildProcess Start(Uri gateway, Uri relay) => DocumentedShell.Start(
        Commands.Single(), EnvironmentOf(gateway, ("MOTIONGATEWAY_RELAY", DocumentedShell.Origin(relay)), ("PYTHONUNBUFFERED", "1")), isTyped: true);

    private static Dictionary<string, string> EnvironmentOf(Uri gateway, params (string Name, string Value)[] variables)
    {
        var environment = DocumentedShell.Environment();
        environment["MOTIONGATEWAY_GATEWAY"] = DocumentedShell.Origin(gateway);
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        return environment;
    }

    [GeneratedRegex(@"(\.\./)*src/MotionGateway\.Cli/Assets/welcome\.wav")]
    private static partial Regex WelcomeClip();
}
