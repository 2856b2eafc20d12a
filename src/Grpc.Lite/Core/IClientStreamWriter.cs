namespace Grpc.Core;

/// <summary>The stream of requests of a client call.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Ends the stream of requests.</summary>
    Task CompleteAsync();
}
