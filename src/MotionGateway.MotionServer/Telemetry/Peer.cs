using System.Diagnostics;

namespace MotionGateway.MotionServer;

/// <summary>Whom spans and measurements are about: the region, and the server's address and port as the semantic conventions name them. What is null is left out.</summary>
internal readonly record struct Peer(string? Region, Uri? Url)
{
    /// <summary>Tags a span.</summary>
    public void Describe(Activity? activity)
    {
        foreach ((string name, object? value) in activity is null ? default : Tags())
        {
            activity!.SetTag(name, value);
        }
    }

    /// <summary>The tags; what is not known is left out.</summary>
    public TagList Tags()
    {
        TagList tags = Region is null ? [] : new() { { MotionServerTelemetry.RegionTag, Region } };
        if (Url is not null)
        {
            // Without the brackets of an IPv6 address.
            tags.Add("server.address", Url.IdnHost);
            tags.Add("server.port", Url.Port);
        }

        return tags;
    }
}
