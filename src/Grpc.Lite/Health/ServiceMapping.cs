namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Which health checks decide about the state of a service.</summary>
public sealed class ServiceMapping
{
    /// <summary>Maps health checks to a service.</summary>
    /// <param name="name">The service's name; empty for the server as a whole.</param>
    /// <param name="predicate">Whether a check decides.</param>
    public ServiceMapping(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(predicate);
        Name = name;
        HealthCheckPredicate = predicate;
    }

    /// <summary>The service's name.</summary>
    public string Name { get; }

    internal Func<HealthCheckMapContext, bool> HealthCheckPredicate { get; }
}
