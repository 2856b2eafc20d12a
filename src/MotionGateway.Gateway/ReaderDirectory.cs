using System.Collections.Concurrent;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Which feed a reader's name stands for: a later one of the same name and identity takes its place.</summary>
internal sealed class ReaderDirectory
{
    private readonly ConcurrentDictionary<(string SessionId, string Identity, string ReaderId), ResponseLoop> _readers = new();

    /// <summary>Adds a feed until the result is disposed, and ends the one whose place it takes.</summary>
    public IDisposable Add(string sessionId, string identity, string readerId, ResponseLoop responses)
    {
        var key = (sessionId, identity, readerId);
        _readers.AddOrUpdate(key, responses, (_, older) =>
        {
            older.Fail(new GatewayException(ErrorReason.Superseded, "A later feed of the same reader took this one's place."));
            return responses;
        });
        return new Entry(this, key, responses);
    }

    private sealed class Entry(
        ReaderDirectory directory, (string SessionId, string Identity, string ReaderId) key, ResponseLoop responses) : IDisposable
    {
        public void Dispose() => directory._readers.TryRemove(new(key, responses));
    }
}
