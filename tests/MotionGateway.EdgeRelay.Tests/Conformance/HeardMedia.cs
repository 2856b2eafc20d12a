using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>Compares what clients were sent with what the session's log holds.</summary>
internal static class HeardMedia
{
    public static void AssertWhole(SessionUnderTest session, string[] turns, params FeedClient[] clients) =>
        AssertHas(turns.SelectMany(session.Said), clients);

    /// <summary>All of it has come to these clients once, in its order, and nothing else.</summary>
    public static void AssertHas(IEnumerable<Payload> payloads, params FeedClient[] clients)
    {
        var expected = payloads.ToList();
        Assert.All(clients, client => client.AssertWellFormed(goesOn: client != clients[0]));
        Assert.Equal(expected.SelectMany(payload => payload.Audio?.Data.ToByteArray() ?? []).ToArray(), Media(FeedSign.Audio, clients));
        Assert.Equal(expected.SelectMany(payload => payload.Motion?.Envelope.ToByteArray() ?? []).ToArray(), Media(FeedSign.Motion, clients));
    }

    public static void AssertBegins(SessionUnderTest session, string turnId, byte[] audio) =>
        Assert.Equal(Said(session, [turnId], FeedSign.Audio)[..audio.Length], audio);

    public static byte[] Said(SessionUnderTest session, string[] turns, FeedSign sign) =>
    [
        .. turns.SelectMany(session.Said).SelectMany(payload =>
            (sign == FeedSign.Audio ? payload.Audio?.Data : payload.Motion?.Envelope)?.ToByteArray() ?? []),
    ];

    public static byte[] Media(FeedSign sign, params FeedClient[] clients) =>
        [.. clients.SelectMany(client => client.Received).Where(had => had.Sign == sign).SelectMany(had => had.Data)];

    public static int Count(FeedClient client, string turnId, FeedSign sign) =>
        client.Received.Count(had => had.Sign == sign && had.TurnId == turnId);
}
