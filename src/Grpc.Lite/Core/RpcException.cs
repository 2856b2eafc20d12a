namespace Grpc.Core;

/// <summary>
/// A call that did not end with <see cref="StatusCode.OK"/>. A server method throws it to choose the status, a client
/// receives it.
/// </summary>
public class RpcException : Exception
{
    /// <summary>Creates the exception for a status.</summary>
    /// <param name="status">The status of the call.</param>
    public RpcException(Status status)
        : this(status, Metadata.Empty)
    {
    }

    /// <summary>Creates the exception for a status.</summary>
    /// <param name="status">The status of the call.</param>
    /// <param name="message">The exception's own text; it does not go to the peer.</param>
    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message)
    {
    }

    /// <summary>Creates the exception for a status with trailers.</summary>
    /// <param name="status">The status of the call.</param>
    /// <param name="trailers">The trailing metadata.</param>
    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString())
    {
    }

    /// <summary>Creates the exception for a status with trailers.</summary>
    /// <param name="status">The status of the call.</param>
    /// <param name="trailers">The trailing metadata.</param>
    /// <param name="message">The exception's own text; it does not go to the peer.</param>
    public RpcException(Status status, Metadata trailers, string message)
        : base(message, status.DebugException)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        Status = status;
        Trailers = trailers;
    }

    /// <summary>The status of the call.</summary>
    public Status Status { get; }

    /// <summary>The code of <see cref="Status"/>.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>The trailing metadata of the call.</summary>
    public Metadata Trailers { get; }
}
