using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>A client message about one request: audio, or a control that holds the request's id only.</summary>
internal readonly ref struct RequestMessage(MessageType type, int member, string requestId)
{
    /// <summary>The envelope's type.</summary>
    public MessageType Type { get; } = type;

    /// <summary>The envelope's member that holds the content.</summary>
    public int Member { get; } = member;

    /// <summary>Field 1 of every content.</summary>
    public string RequestId { get; } = requestId;

    /// <summary>Audio only: the request's last chunk.</summary>
    public bool IsLast { get; init; }

    /// <summary>Audio only: the chunk.</summary>
    public ReadOnlySpan<byte> Audio { get; init; }

    /// <summary>Audio only: the trace that the request belongs to; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Audio only: vendors' part of the trace.</summary>
    public string? TraceState { get; init; }
}
