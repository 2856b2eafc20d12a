using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>What must hold at every reader, at whatever hop.</summary>
internal static class FeedAssert
{
    /// <summary>Every sequence after the start came once, in order, or was declared void or left out.</summary>
    public static void Contiguous(IReadOnlyList<SubscribeResponse> received)
    {
        long last = received.Single(response => response.Started is not null).Started.Position.Sequence;
        foreach (var response in received)
        {
            if (response.Skipped is { } skipped)
            {
                Assert.Equal(last + 1, skipped.Range.From);
                last = skipped.Range.Through;
            }
            else if (response.Payload is { } payload)
            {
                var discarded = payload.TurnEnded?.Discarded;
                bool isDeclared = discarded is not null && discarded.From <= last + 1 && discarded.Through >= payload.Sequence - 1;
                Assert.True(payload.Sequence == last + 1 || (payload.Sequence > last && isDeclared), $"{payload.Sequence} came after {last}.");
                last = payload.Sequence;
            }
        }
    }

    /// <summary>The turn was interrupted once, with this range, and nothing of it follows.</summary>
    public static void Fenced(IEnumerable<Payload> payloads, string turnId, SequenceRange discarded)
    {
        var all = payloads.Where(payload => payload.TurnId == turnId).ToList();
        Assert.Single(all, payload => payload.TurnEnded is not null);
        Assert.Equal(TurnOutcome.Interrupted, all[^1].TurnEnded?.Outcome);
        Assert.Equal(discarded, all[^1].TurnEnded.Discarded);
    }

    /// <summary>The payloads among responses.</summary>
    public static IEnumerable<Payload> Payloads(this IEnumerable<SubscribeResponse> responses) =>
        responses.Where(response => response.Payload is not null).Select(response => response.Payload);

    /// <summary>The speech in a turn's payloads.</summary>
    public static byte[] Audio(this IEnumerable<Payload> payloads) =>
        [.. payloads.Where(payload => payload.Audio is not null).SelectMany(payload => payload.Audio.Data)];
}
