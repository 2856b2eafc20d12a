using System.Diagnostics;
using System.Globalization;

namespace MotionGateway.Benchmarks;

/// <summary>One service of the product as a process, and what it costs.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;
    private readonly Dictionary<string, long> _wakeUps = [];
    private readonly EventHandler _onExit;

    public ServiceProcess(string executable, string command, params string[] options)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[executable, command, "--log-level=warning", .. options])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;

        // A benchmark that is stopped half way leaves nothing behind that would burden the next one.
        _onExit = (_, _) => _process.Kill();
        AppDomain.CurrentDomain.ProcessExit += _onExit;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, line) => Console.Error.WriteLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The product's executable as it was built with this one.</summary>
    public static string OwnExecutable { get; } = Path.Combine(AppContext.BaseDirectory, "motiongateway.dll");

    /// <summary>Processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory that are resident.</summary>
    public long ResidentBytes => ReadNumber($"/proc/{_process.Id}/status", "VmRSS:") * 1024;

    /// <summary>
    /// Counts how often its threads have gone to sleep and been woken: their voluntary context switches. Those of threads that have ended
    /// since are kept as they were last seen.
    /// </summary>
    public long CountWakeUps()
    {
        foreach (string thread in Directory.GetDirectories($"/proc/{_process.Id}/task"))
        {
            try
            {
                _wakeUps[thread] = ReadNumber($"{thread}/status", "voluntary_ctxt_switches:");
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return _wakeUps.Values.Sum();
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= _onExit;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static long ReadNumber(string file, string field)
    {
        string line = File.ReadLines(file).First(text => text.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
