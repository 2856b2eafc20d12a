namespace Grpc.Core;

/// <summary>What a <see cref="ContextPropagationToken"/> passes on.</summary>
public class ContextPropagationOptions
{
    /// <summary>The default: deadline and cancellation.</summary>
    public static readonly ContextPropagationOptions Default = new();

    /// <summary>Creates options.</summary>
    /// <param name="propagateDeadline">Whether the deadline is passed on.</param>
    /// <param name="propagateCancellation">Whether cancellation is passed on.</param>
    public ContextPropagationOptions(bool propagateDeadline = true, bool propagateCancellation = true)
    {
        IsPropagateDeadline = propagateDeadline;
        IsPropagateCancellation = propagateCancellation;
    }

    /// <summary>Whether the deadline is passed on.</summary>
    public bool IsPropagateDeadline { get; }

    /// <summary>Whether cancellation is passed on.</summary>
    public bool IsPropagateCancellation { get; }
}
