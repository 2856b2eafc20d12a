using MotionGateway.LocalMotion.Faults;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Faults;

/// <summary>What each fault of a session puts on the wire, read by a client that knows no library.</summary>
public sealed class WireFaultTests : IAsyncLifetime
{
    private const int Rate = 8000;

    // A turn of 1 s, which is cut in half where the fault needs a middle, and the next one of 0.2 s.
    private const string Halves = "motion one 13, motion one 12 end";
    private const string Turn = "motion one 25 end";
    private const string Next = "motion two 5 end";

    private LocalMotionServer _server = null!;

    /// <summary>The fault, what the server says up to there and from there on.</summary>
    public static TheoryData<string, string> Sessions => new()
    {
        { "server-error-4010@handshake", "error 4010, close 4010" },
        { "server-error-0@handshake", "error 0, close" },
        { "server-error-4503@any", "confirm, error 4503, close 4503" },
        { "server-error-4010@first-audio", "confirm, error 4010 one, close 4010" },
        { "server-error-4001@motion", "confirm, motion one 13, error 4001 one, close 4001" },
        { "server-error-3@motion", "confirm, motion one 13, error 3 one, close 4000" },
        { "server-error-4002@end", $"confirm, {Halves}, error 4002 one, close 4002" },
        { "server-error-alone-4010@handshake", "error 4010" },
        { "server-error-alone-0@any", $"confirm, error 0, {Turn}, {Next}" },
        { "server-error-alone-4503@first-audio", $"confirm, error 4503 one, {Next}" },
        { "server-error-alone-4010@motion", $"confirm, motion one 13, error 4010 one, {Next}" },
        { "server-error-alone-4503@end", $"confirm, {Halves}, error 4503 one, {Next}" },
        { "server-text-no-audio@handshake", "error 13, close 1000" },
        { "server-text-avatar@motion", "confirm, motion one 13, error 13 one, close 4000" },
        { "server-text-argument-of-egress@any", "confirm, error 3, close 4000" },
        { "close-4001@handshake", "close 4001" },
        { "close-none@any", "confirm, close" },
        { "close-4503@first-audio", "confirm, close 4503" },
        { "close-4999@motion", "confirm, motion one 13, close 4999" },
        { "close-1000@end", $"confirm, {Halves}, close 1000" },
        { "reset@handshake", "cut" },
        { "reset@any", "confirm, cut" },
        { "reset@first-audio", "confirm, cut" },
        { "reset@motion", "confirm, motion one 13, cut" },
        { "reset@end", $"confirm, {Halves}, cut" },
        { "confirmation-without-id", "confirm without id" },
        { "confirmation-truncated", "garbage" },
        { "confirmation-too-long", "confirm 5 MiB" },
        { "confirmation-unknown-field", $"confirm unknown field, {Turn}, {Next}" },
        { "confirmation-twice", $"confirm, confirm, {Turn}, {Next}" },
        { "first-message-motion", "motion nobodys-request 1" },
        { "first-message-unknown-type", "type 99" },
        { "first-message-empty", "empty" },
        { "first-message-garbage", "garbage" },
        { "first-message-text", "text" },
        { "stray-garbage@motion", $"confirm, motion one 13, garbage, motion one 12 end, {Next}" },
        { "stray-text@any", $"confirm, text, {Turn}, {Next}" },
        { "stray-truncated@first-audio", $"confirm, garbage, {Turn}, {Next}" },
        { "stray-unknown-type@end", $"confirm, {Halves}, type 99, {Next}" },
        { "stray-empty-motion@motion", $"confirm, motion one 13, motion one 0, motion one 12 end, {Next}" },
        { "stray-nobodys-motion@any", $"confirm, motion nobodys-request 5, {Turn}, {Next}" },
        { "stray-confirmation@motion", $"confirm, motion one 13, confirm, motion one 12 end, {Next}" },
        { "too-long-message@motion", $"confirm, motion one 13, motion nobodys-request 1 5 MiB, motion one 12 end, {Next}" },
        { "frame-compressed@motion", "confirm, motion one 13, rsv4 motion one 1" },
        { "frame-compressed@handshake", "rsv4 confirm" },
        { "frame-masked@motion", "confirm, motion one 13, masked motion one 1" },
        { "frame-masked@any", "confirm, masked motion nobodys-request 1" },
        { "frame-reserved-opcode@handshake", "opcode 3 confirm" },
        { "frame-long-ping@motion", "confirm, motion one 13, ping of 126" },
        { "frame-stray-continuation@motion", "confirm, motion one 13, continuation motion one 1" },
        { "close-frame-no-utf8@motion", "confirm, motion one 13, close 4503 no UTF-8" },
        { "close-frame-one-byte@handshake", "close of one byte" },
        { "close-frame-forbidden-code@any", "confirm, close 1006" },
        { "half-frame@handshake", "half" },
        { "half-frame@motion", "confirm, motion one 13, half" },
        { "cut-frame@any", "confirm, half, cut" },
        { "cut-frame@motion", "confirm, motion one 13, half, cut" },
        { "fragments", $"fragments: confirm, {Turn}, {Next}" },
        { "fragmented-motion", $"confirm, fragments: motion one 13, fragments: motion one 12 end, {Next}" },
        { "ping-flood@any", $"confirm, 10000 pings, {Turn}, {Next}" },
        { "ping-flood@motion", $"confirm, motion one 13, 10000 pings, motion one 12 end, {Next}" },
        { "stall-request@motion", $"confirm, motion one 13, {Next}" },
        { "stall-request@first-audio", $"confirm, {Next}" },
        { "unknown-field", $"confirm, motion one 13 unknown field, motion one 12 end unknown field, {Next}" },
        { "empty-end", $"confirm, motion one 13, motion one 12, motion one 0 end, {Next}" },
        { "twice-ended", $"confirm, motion one 13, motion one 12 end, motion one 12 end, {Next}" },
        { "duplicate-motion", $"confirm, motion one 13, {Halves}, {Next}" },
        { "reordered-motion", $"confirm, motion one 12, motion one 13 end, {Next}" },
        { "missing-motion", $"confirm, motion one 12 end, {Next}" },
        { "truncated-motion", $"confirm, garbage, motion one 12 end, {Next}" },
        { "no-end", $"confirm, motion one 13, motion one 12, {Next}" },
        { "early-end", $"confirm, motion one 13 end, {Next}" },
        { "no-motion", $"confirm, motion one 0 end, {Next}" },
        { "no-answer", $"confirm, {Next}" },
        { "fewer-keyframes-2", $"confirm, motion one 13, motion one 10 end, {Next}" },
        { "more-keyframes-4", $"confirm, motion one 13, motion one 16 end, {Next}" },
    };

    /// <summary>With a second request begun before the first is through.</summary>
    public static TheoryData<string, string> Overlaps => new()
    {
        { "server-error-4503@two-requests", "confirm, error 4503 two, close 4503" },
        { "server-error-alone-4010@two-requests", $"confirm, error 4010 two, {Turn}" },
        { "close-4503@two-requests", "confirm, close 4503" },
        { "reset@two-requests", "confirm, cut" },
        { "stall-request@two-requests", $"confirm, {Turn}" },
    };

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Segments = MotionSegments.Recorded });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Sessions))]
    public async Task Session_StruckByTheFault_IsToldThisAndNothingElse(string fault, string said)
    {
        using WireClient client = await OpenAsync(fault);
        await SayAsync(client, "one", 1, end: true);
        await SayAsync(client, "two", 0.2, end: true);

        Assert.Equal(said, await ReadAsync(client, said));
    }

    [Theory]
    [MemberData(nameof(Overlaps))]
    public async Task Session_WithTwoRequestsUnderWay_IsToldThisAndNothingElse(string fault, string said)
    {
        using WireClient client = await OpenAsync(fault);
        await SayAsync(client, "one", 1, end: false);
        await SayAsync(client, "two", 0.2, end: true);
        await SayAsync(client, "one", 0, end: true);

        Assert.Equal(said, await ReadAsync(client, said));
    }

    [Fact]
    public async Task Session_StalledForGood_IsToldNoMoreOfAnyRequest()
    {
        using WireClient client = await OpenAsync("stall-connection@motion");
        await SayAsync(client, "one", 1, end: true);
        await SayAsync(client, "two", 0.2, end: true);
        // Both have been made by then.
        await Eventually.TrueAsync(() => _server.Counters.RequestsFinished == 2);

        Assert.Equal("confirm, motion one 13", await ReadAsync(client, "confirm, motion one 13"));
    }

    [Fact]
    public void Behaviours_OfASession_AreAllCovered()
    {
        // Those that are late or deaf stand in tests of their own, by the clock.
        string[] elsewhere = ["no-confirmation", "confirmation-slow", "slow-motion", "deaf-to-audio", "deaf-to-close"];
        IEnumerable<string> covered = Sessions.Concat(Overlaps).Select(row => FaultCatalog.Find($"fault-{row[0]}")!.Behaviour.Name);
        IEnumerable<string> all = FaultCatalog.Behaviours.Where(behaviour => behaviour.Points[0] >= FaultPoint.Handshake).Select(behaviour => behaviour.Name);

        Assert.Equal(all.Order(), covered.Concat(elsewhere).Distinct().Order());
    }

    private static async Task SayAsync(WireClient client, string requestId, double seconds, bool end)
    {
        try
        {
            await client.SendAudioAsync(requestId, Speech.Babble((int)(seconds * Rate), Rate), end);
        }
        catch (IOException)
        {
            // The server has cut the connection; what it said before that can be read.
        }
    }

    private static async Task<string> ReadAsync(WireClient client, string expected)
    {
        // What never comes is waited for as long as it takes to be sure of it on loopback.
        client.Patience = expected.EndsWith("half", StringComparison.Ordinal) ? TimeSpan.FromSeconds(1) : client.Patience;
        // A comma stands within one word of the transcript too.
        int words = expected.Split(", ").Length - (expected.Contains("pings, ", StringComparison.Ordinal) ? 1 : 0) - (expected.EndsWith("half, cut", StringComparison.Ordinal) ? 1 : 0);
        return string.Join(", ", await new WireTranscript(client).ReadAsync(words));
    }

    private async Task<WireClient> OpenAsync(string fault)
    {
        WireClient client = await WireClient.OpenAsync(_server, $"fault-{fault}");
        await client.SendAsync(new Message { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = new ClientConfigureSession { SampleRate = Rate } });
        return client;
    }
}
