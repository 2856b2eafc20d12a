using System.Diagnostics;

namespace MotionGateway.MotionServer;

/// <summary>Whom spans and measurements are about: the region, and the server's address and port as the semantic conventions name them.</summary>
/// <param name="Region">Null for explicit URLs, which belong to none.</param>
/// <param name="Url">Only its host and port are told; null where there is none.</param>
internal readonly record struct Peer(string? Region, Uri? Url)
{
    /// <summary>Tags a span.</summary>
    public void Describe(Activity? activity)
    {
        if (activity is null)
        {
            return;
        }

        foreach ((string name, object? value) in Tags())
        {
            activity.SetTag(name, value);
        }
    }

    /// <summary>The tags; what is not known is left out.</summary>
    public TagList Tags()
    {
        TagList tags = [];
        if (Region is not null)
        {
            tags.Add(MotionServerTelemetry.RegionTag, Region);
        }

        if (Url is not null)
        {
            // Without the brackets of an IPv6 address.
            tags.Add("server.address", Url.IdnHost);
            tags.Add("server.port", Url.Port);
        }

        return tags;
    }
}
