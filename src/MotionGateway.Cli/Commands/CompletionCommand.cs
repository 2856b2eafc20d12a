using System.CommandLine;

namespace MotionGateway.Cli.Commands;

/// <summary><c>completion</c>: a script that makes a shell complete commands and options.</summary>
internal static class CompletionCommand
{
    private const string Explanation =
        "For bash:   motiongateway completion bash > ~/.local/share/bash-completion/completions/motiongateway\n"
        + "For zsh:    motiongateway completion zsh > _motiongateway, in a directory of $fpath";

    // The program itself tells what may follow: it is given the line and where the cursor is.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _motiongateway() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(motiongateway "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _motiongateway motiongateway
            """,
        ["zsh"] = """
            #compdef motiongateway
            _motiongateway() {
              local line="${(j: :)words[1,CURRENT]}"
              local -a suggestions
              suggestions=("${(@f)$(motiongateway "[suggest:${#line}]" "$line" 2>/dev/null)}")
              compadd -- ${suggestions:#} || _files
            }
            if [[ $funcstack[1] == _motiongateway ]]; then _motiongateway; else compdef _motiongateway motiongateway; fi
            """,
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Output.ExplainedCommand("completion", "Print a script that lets a shell complete commands and options.", Explanation) { shell };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(Scripts[parsed.GetRequiredValue(shell)]));
        return command;
    }
}
