namespace MotionGateway.Benchmarks;

/// <summary>What a process has used up to a moment.</summary>
/// <param name="Processor">Processor time.</param>
/// <param name="WakeUps">How often its threads were woken.</param>
internal readonly record struct ProcessUse(TimeSpan Processor, long WakeUps)
{
    public static ProcessUse Of(ServiceProcess process) => new(process.ProcessorTime, process.CountWakeUps());
}
