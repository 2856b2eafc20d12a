namespace MotionGateway.Cli.Tests.Commands;

/// <summary>The executable's own entry point, run in this process. Its tests share the console: they run one at a time.</summary>
internal static class MainRun
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (output, errors) = (Console.Out, Console.Error);
        using var newOutput = new StringWriter();
        using var newErrors = new StringWriter();
        Console.SetOut(newOutput);
        Console.SetError(newErrors);
        try
        {
            object? exitCode = await Task.Run(() => typeof(CommandLine).Assembly.EntryPoint!.Invoke(null, [arguments])).WaitAsync(Limit);
            return ((int)exitCode!, newOutput.ToString(), newErrors.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }
}
