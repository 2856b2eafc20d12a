using System.Collections.Concurrent;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Which feed a reader's name stands for: a later one of the same name and identity takes its place, once it has begun.</summary>
internal sealed class ReaderDirectory
{
    private readonly ConcurrentDictionary<ReaderName, Feed> _feeds = new();

    /// <summary>The cursor of the feed that bears a name at present; null when there is none.</summary>
    public LogReader? Find(ReaderName name) => _feeds.TryGetValue(name, out var feed) ? feed.Reader : null;

    /// <summary>Adds a feed until the result is disposed, and ends the one whose place it takes.</summary>
    public IDisposable Add(ReaderName name, LogReader reader, ResponseLoop responses)
    {
        var feed = new Feed(reader, responses);
        _feeds.AddOrUpdate(name, feed, (_, older) =>
        {
            older.Responses.Fail(new GatewayException(ErrorReason.Superseded, "A later feed of the same reader took this one's place."));
            return feed;
        });
        return new Entry(this, name, feed);
    }

    private sealed record Feed(LogReader Reader, ResponseLoop Responses);

    private sealed class Entry(ReaderDirectory directory, ReaderName name, Feed feed) : IDisposable
    {
        public void Dispose() => directory._feeds.TryRemove(new(name, feed));
    }
}
