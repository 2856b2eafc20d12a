using System.CommandLine;
using MotionGateway.Cli.Commands;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    [Fact]
    public void Create_Commands_AreThoseOfTheDocumentation() =>
        Assert.Equal(
            ["demo", "gateway", "relay", "motion-server", "speak", "watch", "sessions", "check", "bench", "config", "completion", "help"],
            CommandLine.Create().Subcommands.Select(command => command.Name));

    [Fact]
    public void Create_EveryCommandAndOption_IsDescribed()
    {
        foreach (var command in All(CommandLine.Create()))
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), command.Name);
            Assert.All(command.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{command.Name} {option.Name}"));
            Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrWhiteSpace(argument.Description), argument.Name));
        }
    }

    [Theory]
    [InlineData("1:42", 1u, 42L)]
    [InlineData("3:0", 3u, 0L)]
    public void ToStart_Position_IsUnderstood(string from, uint epoch, long sequence) =>
        Assert.Equal(new Position { Epoch = epoch, Sequence = sequence }, WatchCommand.ToStart(from, "s", "").Position);

    [Fact]
    public void ToStart_Rules_AreUnderstood()
    {
        Assert.Equal(FeedStart.Live, WatchCommand.ToStart("live", "s", "").Rule);
        Assert.Equal(FeedStart.CurrentTurn, WatchCommand.ToStart("current", "s", "").Rule);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1:")]
    [InlineData("-1:2")]
    [InlineData("now")]
    public void ToStart_AnythingElse_IsAUsageError(string from) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => WatchCommand.ToStart(from, "s", "")).ExitCode);

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
