using System.Globalization;

namespace MotionGateway.Benchmarks;

/// <summary>Time of all processors of the machine, in ticks of the kernel.</summary>
/// <param name="Busy">Spent on any work.</param>
/// <param name="All">All of it.</param>
internal readonly record struct MachineTime(long Busy, long All)
{
    private const int Idle = 3;
    private const int WaitsForDisk = 4;
    private const int Counted = 8;

    public static MachineTime Read()
    {
        // "cpu", then user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in user already.
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long[] ticks = [.. fields.Skip(1).Take(Counted).Select(field => long.Parse(field, CultureInfo.InvariantCulture))];
        return new MachineTime(ticks.Sum() - ticks[Idle] - ticks[WaitsForDisk], ticks.Sum());
    }

    /// <summary>Share of the machine that was busy since then, in percent.</summary>
    public double PercentSince(MachineTime since) => Math.Round(100.0 * (Busy - since.Busy) / (All - since.All), 1);
}
