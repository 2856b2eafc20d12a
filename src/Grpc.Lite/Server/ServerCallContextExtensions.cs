using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>Reaches the HTTP request behind a call.</summary>
public static class ServerCallContextExtensions
{
    // A test's own context may carry an HttpContext under this key.
    private const string HttpContextKey = "__HttpContext";

    /// <summary>The HTTP request of a call.</summary>
    /// <param name="serverCallContext">The call.</param>
    /// <exception cref="InvalidOperationException">The call has none.</exception>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        return (serverCallContext as HttpContextServerCallContext)?.HttpContext
            ?? (serverCallContext.UserState.TryGetValue(HttpContextKey, out var value) ? value as HttpContext : null)
            ?? throw new InvalidOperationException("Could not get HttpContext from ServerCallContext.");
    }
}
