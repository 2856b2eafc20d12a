namespace Grpc.AspNetCore.Server;

/// <summary>Options of all gRPC services of a server.</summary>
public class GrpcServiceOptions
{
    internal const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>The longest message to send, in bytes. Default and null: no limit. Beyond it the call fails with RESOURCE_EXHAUSTED.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>The longest message to receive, in bytes. Default 4 MiB; null: no limit. Beyond it the call fails with RESOURCE_EXHAUSTED.</summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxReceiveMessageSize;

    /// <summary>Whether callers are told the exceptions of service methods. Default and null: no.</summary>
    public bool? EnableDetailedErrors { get; set; }
}
