using System.Collections.Concurrent;
using System.Diagnostics;

namespace MotionGateway.Testing;

/// <summary>A program that a test runs beside itself: its output is kept, and disposal ends it with all that it started.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly Task[] _readers;

    private ChildProcess(Process process)
    {
        _process = process;
        _readers = [ReadAsync(process.StandardOutput), ReadAsync(process.StandardError)];
    }

    /// <summary>The lines of both outputs so far, in the order in which they came.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>The process's number.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a program.</summary>
    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="workingDirectory">Where it runs; null for the test's own directory.</param>
    /// <param name="environment">Variables to set in addition.</param>
    /// <param name="isTyped">Whether the test types its input; else it has the test's own.</param>
    public static ChildProcess Start(
        string fileName,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string>? environment = null,
        bool isTyped = false)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            RedirectStandardInput = isTyped,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{fileName} did not start."));
    }

    /// <summary>Runs a program to its end and gives its output; another exit code than 0 fails the test.</summary>
    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="workingDirectory">Where it runs; null for the test's own directory.</param>
    /// <param name="environment">Variables to set in addition.</param>
    /// <param name="limit">How long it may take; null for a minute.</param>
    public static async Task<IReadOnlyCollection<string>> RunAsync(
        string fileName,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? limit = null)
    {
        await using var child = Start(fileName, arguments, workingDirectory, environment);
        var exitCode = await child.WaitAsync(limit);
        Xunit.Assert.True(exitCode == 0, $"{fileName} ended with {exitCode}:{Environment.NewLine}{child}");
        return child.Lines;
    }

    /// <summary>Types a line.</summary>
    public Task TypeAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Ends its input.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits for a line of its output.</summary>
    /// <param name="condition">Which line.</param>
    /// <param name="limit">How long; null for the usual limit.</param>
    /// <exception cref="InvalidOperationException">It ended without one; the message has its output.</exception>
    /// <exception cref="TimeoutException">None came in time.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> condition, TimeSpan? limit = null)
    {
        string? found = null;
        bool IsDecided()
        {
            bool hasEnded = Array.TrueForAll(_readers, reader => reader.IsCompleted);
            found = _lines.FirstOrDefault(condition);
            return found is not null || hasEnded;
        }

        await Eventually.TrueAsync(IsDecided, limit);
        return found ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} ended:{Environment.NewLine}{this}");
    }

    /// <summary>Waits for the end of the program.</summary>
    /// <param name="limit">How long it may take; null for a minute.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not end; the message has its output.</exception>
    public async Task<int> WaitAsync(TimeSpan? limit = null)
    {
        using var source = new CancellationTokenSource(limit ?? DefaultLimit);
        try
        {
            await _process.WaitForExitAsync(source.Token);
            await Task.WhenAll(_readers).WaitAsync(source.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end:{Environment.NewLine}{this}", exception);
        }

        return _process.ExitCode;
    }

    /// <summary>Kills the program and all that it started.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The output so far.</summary>
    public override string ToString() => string.Join(Environment.NewLine, _lines);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await Task.WhenAll(_readers).DefaultTimeout();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
