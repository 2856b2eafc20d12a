using System.Net.WebSockets;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A viewer that connects again whenever its relay is lost, after the last payload that it has.</summary>
internal sealed class ReturningViewer(RunningServices services, string sessionId, string token, Uri? relay = null)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private volatile int _count;

    /// <summary>All payloads, in the order in which they came.</summary>
    public List<Payload> Payloads { get; } = [];

    /// <summary>How many there are at present.</summary>
    public int Count => _count;

    /// <summary>Times that the relay was lost in mid-feed.</summary>
    public int Losses { get; private set; }

    /// <summary>Views the session to its end.</summary>
    public async Task RunAsync()
    {
        while (Payloads.LastOrDefault()?.SessionEnded is null)
        {
            try
            {
                await ViewAsync();
            }
            catch (Exception loss) when (loss is WebSocketException or IOException)
            {
                // The relay is not there at present.
            }

            await Task.Delay(Pause);
        }
    }

    private async Task ViewAsync()
    {
        using var viewer = await services.ConnectAsync(sessionId, relay: relay);
        var last = Payloads.LastOrDefault();
        await viewer.StartAsync(start =>
        {
            start.ViewerToken = token;
            start.Position = new Position { Epoch = last?.Epoch ?? 1, Sequence = last?.Sequence ?? 0 };
        });
        int before = Count;
        try
        {
            while (await viewer.ReceiveAsync() is { } response)
            {
                if (response.Payload is { } payload)
                {
                    Payloads.Add(payload);
                    _count++;
                }

                Assert.False(response.Failure is { Retryable: false }, $"The feed failed for good: {response.Failure}");
            }
        }
        catch (Exception loss) when (loss is WebSocketException or IOException && Count > before)
        {
            Losses++;
        }
    }
}
