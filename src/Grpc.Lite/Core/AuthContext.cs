namespace Grpc.Core;

/// <summary>What the connection's own authentication says about a caller. Always unauthenticated here: ask the HttpContext.</summary>
public class AuthContext
{
    /// <summary>Creates a context.</summary>
    /// <param name="peerIdentityPropertyName">The property that identifies the peer, or null.</param>
    /// <param name="properties">All properties.</param>
    public AuthContext(string? peerIdentityPropertyName, Dictionary<string, List<AuthProperty>> properties)
    {
        PeerIdentityPropertyName = peerIdentityPropertyName;
        Properties = properties.Values.SelectMany(values => values).ToArray();
    }

    /// <summary>Whether the peer is known.</summary>
    public bool IsPeerAuthenticated => PeerIdentityPropertyName is not null;

    /// <summary>The property that identifies the peer, or null.</summary>
    public string? PeerIdentityPropertyName { get; }

    /// <summary>All properties.</summary>
    public IEnumerable<AuthProperty> Properties { get; }
}
