namespace Grpc.Core;

/// <summary>The stream of responses of a server method.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
