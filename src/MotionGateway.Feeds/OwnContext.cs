namespace MotionGateway.Feeds;

/// <summary>
/// The ambient context (log scope, trace) in which something does what no call waits for: its own, and not that of the call which
/// happened to begin it.
/// </summary>
public sealed class OwnContext
{
    private readonly ExecutionContext _context;

    private OwnContext(ExecutionContext context) => _context = context;

    /// <summary>The context of whoever asks: to be kept by what lives longer than any call.</summary>
    public static OwnContext Capture() => new(CaptureFlow());

    /// <summary>This context, with what a method puts into it, such as a log scope.</summary>
    public OwnContext With(Action enter) => new(Run(() =>
    {
        enter();
        return CaptureFlow();
    }));

    /// <summary>Begins something in this context: what it starts stays in it.</summary>
    public T Run<T>(Func<T> begin)
    {
        T begun = default!;
        ExecutionContext.Run(_context, _ => begun = begin(), null);
        return begun;
    }

    private static ExecutionContext CaptureFlow() =>
        ExecutionContext.Capture() ?? throw new InvalidOperationException("The flow of the execution context is suppressed.");
}
