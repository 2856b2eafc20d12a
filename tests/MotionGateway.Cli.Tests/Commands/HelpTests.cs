using System.CommandLine;
using MotionGateway.Cli.Tests.Configuration;

namespace MotionGateway.Cli.Tests.Commands;

[Collection(nameof(ProcessEnvironment))]
public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. Paths(CommandLine.Create(), "")];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_BehindEveryCommand_ShowsItsUsage(string command)
    {
        string[] path = Words(command);

        var (exitCode, output, errors) = await MainRun.RunAsync([.. path, "--help"]);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
        Assert.Equal((0, output, ""), await MainRun.RunAsync([.. path, "-h"]));
        Assert.Equal((0, output, ""), await MainRun.RunAsync(["help", .. path]));
    }

    [Theory]
    [InlineData("gateway", "config sample gateway")]
    [InlineData("speak", "espeak-ng --stdout")]
    [InlineData("speak", "MOTIONGATEWAY_GATEWAY")]
    [InlineData("speak", "alaw|mulaw|pcm_f32le|pcm_s16le")]
    [InlineData("speak", "opus|pcm")]
    [InlineData("demo", "opus|pcm")]
    [InlineData("demo", "Ctrl+C")]
    public async Task Help_OfACommand_HasItsNotes(string command, string note) =>
        Assert.Contains(note, (await MainRun.RunAsync(command, "--help")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Help_BehindWhatIsWrong_IsHelpAllTheSame()
    {
        var (exitCode, output, _) = await MainRun.RunAsync("sessions", "close", "--lifetime", "x", "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("Close a session.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_WithoutACommand_ListsAll()
    {
        var (exitCode, output, _) = await MainRun.RunAsync("help");

        Assert.Equal(0, exitCode);
        Assert.All(CommandLine.Create().Subcommands, command => Assert.Contains($"  {command.Name} ", output, StringComparison.Ordinal));
        Assert.Equal(output, (await MainRun.RunAsync()).Output);
    }

    [Theory]
    [InlineData("help spek", "did you mean 'speak'?")]
    [InlineData("help sessions clos", "did you mean 'close'?")]
    [InlineData("help speak loudly", "'speak' has no further commands")]
    public async Task Help_OfAMisspeltCommand_SuggestsTheRightOne(string line, string expected)
    {
        var (exitCode, _, errors) = await MainRun.RunAsync(Words(line));

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("speak", "motiongateway speak --help")]
    [InlineData("sessions token", "motiongateway sessions token --help")]
    public async Task Run_WithoutARequiredArgument_NamesTheHelpThatWorks(string line, string help)
    {
        var (exitCode, output, errors) = await MainRun.RunAsync(Words(line));

        Assert.Equal((ExitCode.Usage, ""), (exitCode, output));
        Assert.Contains(help, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_IsThatOfTheBuild()
    {
        var (exitCode, output, _) = await CliProcess.RunAsync(["--version"]);

        Assert.Equal(0, exitCode);
        Assert.StartsWith(typeof(CommandLine).Assembly.GetName().Version!.ToString(3), output, StringComparison.Ordinal);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Paths(Command command, string path) =>
        command.Subcommands.SelectMany(sub => Paths(sub, $"{path} {sub.Name}")).Prepend(path);
}
