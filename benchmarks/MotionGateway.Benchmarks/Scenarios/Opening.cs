using System.Diagnostics;

namespace MotionGateway.Benchmarks;

/// <summary>
/// How many sessions a gateway opens a second, each closed as soon as it is open, and what one costs. Peer: a bare gRPC server that connects
/// to the same Motion Server for each stream, and does nothing else.
/// </summary>
internal sealed class Opening : IScenario
{
    private const int AtATime = 20;

    // As many as may come to a gateway that has just been started in place of another.
    private const int First = 1000;

    // Compiling is over by then, for the most part.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    public string Name => "open";

    public string Description =>
        $"sessions opened and closed at once, {AtATime} at a time, each with its connection to the Motion Server: the first {First} of a new process, "
        + "and when its code is compiled; peer: a bare gRPC server that connects likewise";

    public async Task<object> RunAsync(string executable)
    {
        var peer = await MeasurePeerAsync();
        using var deployment = await Deployment.StartAsync(executable);
        var subject = await MeasureAsync(new OpenLoad(deployment.Speech), deployment.Gateway);
        return new
        {
            Name,
            Description,
            AtATime,
            subject.OpensPerSecond,
            Subject = subject,
            Peer = peer,
            Ratio = Math.Round(subject.OpensPerSecond / peer.OpensPerSecond, 3),
            CpuRatio = Math.Round(subject.CpuMsPerOpen / peer.CpuMsPerOpen, 3),
        };
    }

    private static async Task<Result> MeasurePeerAsync()
    {
        using var motionServer = await LocalMotionServerProcess.StartAsync();
        using var bare = await BareOpening.StartAsync(motionServer.Port);
        return await MeasureAsync(new OpenLoad(bare.Speech), bare.Process);
    }

    private static async Task<Result> MeasureAsync(OpenLoad load, ServiceProcess server)
    {
        var coldFrom = server.ProcessorTime;
        long since = Stopwatch.GetTimestamp();
        await load.RunAsync(AtATime, First);
        double coldPerSecond = First / Stopwatch.GetElapsedTime(since).TotalSeconds;
        double coldMs = (server.ProcessorTime - coldFrom).TotalMilliseconds / First;
        using var stopping = new CancellationTokenSource();
        var running = load.RunAsync(AtATime, int.MaxValue, stopping.Token);
        await Task.Delay(WarmUp);
        load.Forget();
        var processorFrom = server.ProcessorTime;
        using var own = Process.GetCurrentProcess();
        var ownFrom = own.TotalProcessorTime;
        since = Stopwatch.GetTimestamp();
        await Task.Delay(Measured);
        var times = load.Times.ToList();
        double seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        double processorMs = (server.ProcessorTime - processorFrom).TotalMilliseconds;
        own.Refresh();
        double ownMs = (own.TotalProcessorTime - ownFrom).TotalMilliseconds;
        await stopping.CancelAsync();
        await running;
        return new Result(
            Math.Round(times.Count / seconds, 1), Math.Round(processorMs / times.Count, 3), Math.Round(ownMs / times.Count, 3), Percentiles.Of(times),
            Math.Round(coldPerSecond, 1), Math.Round(coldMs, 3));
    }

    /// <summary>What one server did.</summary>
    /// <param name="OpensPerSecond">Sessions opened and closed.</param>
    /// <param name="CpuMsPerOpen">Processor time of its process for one, its closing included.</param>
    /// <param name="LoadCpuMsPerOpen">The same of the callers, which share the processors.</param>
    /// <param name="OpenMs">From the call's begin to <c>opened</c>.</param>
    /// <param name="ColdOpensPerSecond">The first sessions of the process.</param>
    /// <param name="ColdCpuMsPerOpen">Processor time of its process for one of them: most of it is compiling.</param>
    private sealed record Result(
        double OpensPerSecond, double CpuMsPerOpen, double LoadCpuMsPerOpen, Percentiles OpenMs, double ColdOpensPerSecond, double ColdCpuMsPerOpen);
}
