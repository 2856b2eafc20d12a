namespace MotionGateway.Benchmarks;

/// <summary>What takes messages of sessions from a source and sends each to all viewers of its session, in a process of its own.</summary>
internal interface IFanOutSystem : IAsyncDisposable
{
    /// <summary>The process that is measured.</summary>
    ServiceProcess Process { get; }

    /// <summary>Connects a viewer of a session.</summary>
    /// <param name="session">Number of the session.</param>
    /// <param name="viewer">Number of the viewer within it.</param>
    /// <param name="onPayload">Is called for each payload, on the thread that read it.</param>
    Task<RawViewer> ConnectAsync(int session, int viewer, RawViewer.OnPayload onPayload);

    /// <summary>Gives the next message of a session to the system, by its sequence, from 1. One call at a time.</summary>
    void Publish(int session, long sequence);
}
