namespace MotionGateway.Cli.Hosting;

/// <summary>The threads that carry out the process's work, and what is known of it.</summary>
internal interface IWorkerPool
{
    /// <summary>Pieces of work that wait for a thread.</summary>
    long Waiting { get; }

    /// <summary>Pieces of work that have been done so far.</summary>
    long Done { get; }

    /// <summary>Processor time that the process has used so far.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>Sets how many threads work. Where more of them are blocked the pool adds some by itself, in its own time.</summary>
    void Use(int workers);
}
