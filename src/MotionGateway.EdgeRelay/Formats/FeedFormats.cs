namespace MotionGateway.EdgeRelay;

/// <summary>The formats that the relay speaks.</summary>
internal static class FeedFormats
{
    /// <summary>All of them; what an entry is kept as is found by the instance, so that there is one of each.</summary>
    public static IReadOnlyList<IFeedFormat> All { get; } = [new ProtobufFormat(), new ProtobufJsonFormat()];

    /// <summary>The first one that the viewer offers and the relay speaks; null when there is none.</summary>
    public static IFeedFormat? Choose(IEnumerable<string> names) =>
        names.Select(name => All.FirstOrDefault(format => format.Name == name)).FirstOrDefault(format => format is not null);
}
