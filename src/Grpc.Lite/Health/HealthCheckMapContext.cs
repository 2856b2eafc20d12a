namespace Grpc.AspNetCore.HealthChecks;

/// <summary>A health check that a predicate of <see cref="ServiceMappingCollection.Map"/> decides about.</summary>
public sealed class HealthCheckMapContext
{
    /// <summary>Describes a health check.</summary>
    /// <param name="name">The name of its registration.</param>
    /// <param name="tags">The tags of its registration.</param>
    public HealthCheckMapContext(string name, IEnumerable<string> tags)
    {
        Name = name;
        Tags = tags;
    }

    /// <summary>The name of its registration.</summary>
    public string Name { get; }

    /// <summary>The tags of its registration.</summary>
    public IEnumerable<string> Tags { get; }
}
