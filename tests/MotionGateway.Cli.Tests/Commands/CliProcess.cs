using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary>The built executable, run as a person runs it.</summary>
internal sealed class CliProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private CliProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Starts it in an empty environment of its own settings.</summary>
    public static CliProcess Start(string[] arguments, params (string Name, string? Value)[] environment) =>
        StartIn(Path.GetTempPath(), arguments, environment);

    /// <summary>Starts it in a directory, and in an empty environment of its own settings.</summary>
    public static CliProcess StartIn(string directory, string[] arguments, params (string Name, string? Value)[] environment)
    {
        // A job in the background of a script has Ctrl+C ignored, and so would what it starts.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "motiongateway.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MOTIONGATEWAY", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new CliProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments, params (string Name, string? Value)[] environment)
    {
        await using var cli = Start(arguments, environment);
        string output = await cli._process.StandardOutput.ReadToEndAsync().WaitAsync(Limit);
        return (await cli.WaitForExitAsync(), output, await cli._errors.WaitAsync(Limit));
    }

    /// <summary>The address that a service announces.</summary>
    public async Task<string> ReadUrlAsync()
    {
        const string Ready = "listening on ";
        string? line = await ReadLineAsync();
        return line?.StartsWith(Ready, StringComparison.Ordinal) == true ? line[Ready.Length..]
            : throw new InvalidOperationException($"It did not start: {line} {await _errors.WaitAsync(Limit)}");
    }

    /// <summary>The next line of standard output.</summary>
    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Limit);

    /// <summary>All of standard error, once it has ended.</summary>
    public async Task<string> ReadErrorsAsync() => await _errors.WaitAsync(Limit);

    /// <summary>Asks it to end.</summary>
    public void Signal(PosixSignal signal)
    {
        using var kill = Process.Start("kill", [signal == PosixSignal.SIGINT ? "-INT" : "-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
