using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Commands;

[Trait("Category", "EndToEnd")]
public sealed class CompletionTests
{
    [Theory]
    [InlineData("motiongateway sess", "sessions")]
    [InlineData("motiongateway sessions cl", "close")]
    [InlineData("motiongateway sessions list --state d", "detached")]
    [InlineData("motiongateway help wa", "watch")]
    [InlineData("motiongateway speak --encoding mu", "mulaw")]
    [InlineData("motiongateway speak --deliver o", "opus")]
    public async Task Bash_WordThatBegins_IsCompleted(string line, string expected)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "motiongateway.dll");
        string script = $$"""
            motiongateway() { dotnet '{{assembly}}' "$@"; }
            source <(motiongateway completion bash)
            COMP_LINE='{{line}}'
            COMP_POINT=${#COMP_LINE}
            COMP_WORDS=({{line}})
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _motiongateway
            printf '%s\n' "${COMPREPLY[@]}"
            """;

        Assert.Equal([expected], await ChildProcess.RunAsync("bash", ["-euo", "pipefail", "-c", script]));
    }

    [Fact]
    public async Task Script_OfZsh_AsksTheProgram()
    {
        var (exitCode, output, _) = await CliProcess.RunAsync(["completion", "zsh"]);

        Assert.Equal(0, exitCode);
        Assert.Contains("motiongateway \"[suggest:", output, StringComparison.Ordinal);
    }
}
