namespace Grpc.Core;

/// <summary>Binds a client call to a server call. Neither this subset nor ASP.NET Core's gRPC server creates one.</summary>
public abstract class ContextPropagationToken
{
    internal ContextPropagationToken()
    {
    }
}
