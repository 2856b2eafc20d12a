using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests.Budget;

/// <summary>
/// Sessions with a viewer each that are spoken to one chunk at a time: the next is sent when the viewer has the one before. So nothing is
/// served together with anything else, and each chunk costs what it costs alone, however busy the machine is.
/// </summary>
internal sealed class SpokenChunks : IDisposable
{
    public const int ChunkMs = 40;

    private const int SampleRate = 16_000;
    private const string Turn = "turn";

    private readonly List<(Speaker Speaker, TestViewer Viewer)> _sessions = [];

    public static async Task<SpokenChunks> OpenAsync(MeasuredServices services, int sessions)
    {
        var spoken = new SpokenChunks();
        for (int i = 0; i < sessions; i++)
        {
            var speaker = await Speaker.OpenAsync(services.Speech, open =>
            {
                open.AudioFormat.SampleRate = SampleRate;
                open.Delivery = new Delivery { AudioRelease = AudioRelease.AtOnce };
                open.WithoutPayloads = true;
            });
            var viewer = await TestViewer.ConnectAsync(
                new UriBuilder(services.RelayUrl) { Scheme = "ws", Path = $"/v1/sessions/{speaker.SessionId}/feed" }.Uri, json: false, acknowledge: true);
            await viewer.StartAsync(start => start.ViewerToken = speaker.Opened.ViewerToken);
            await viewer.ReceiveUntilAsync(response => response.Started is not null);
            spoken._sessions.Add((speaker, viewer));
        }

        return spoken;
    }

    /// <summary>Speaks a turn of so many chunks in each session, one session after the other, until its viewer has all of it.</summary>
    public async Task SpeakAsync(int chunks)
    {
        byte[] chunk = new byte[SampleRate * ChunkMs / 1000 * sizeof(short)];
        new Random(1).NextBytes(chunk);
        foreach (var (speaker, viewer) in _sessions)
        {
            var acknowledged = speaker.AcknowledgedAsync(Turn, (long)chunks * chunk.Length);
            bool hasAllMotion = false;
            for (int i = 1; i <= chunks; i++)
            {
                await speaker.SendAudioAsync(chunk, Turn, end: i == chunks);
                long samples = (long)i * SampleRate * ChunkMs / 1000;
                await viewer.ReceiveUntilAsync(response =>
                {
                    hasAllMotion |= IsEndOfMotion(response);
                    return response.Payload?.Audio is { } audio && audio.FirstSample + audio.SampleCount >= samples;
                });
            }

            if (!hasAllMotion)
            {
                await viewer.ReceiveUntilAsync(IsEndOfMotion);
            }

            await acknowledged;
        }
    }

    public void Dispose()
    {
        foreach (var (speaker, viewer) in _sessions)
        {
            viewer.Dispose();
            speaker.Dispose();
        }
    }

    // Where the last motion is not known as such when it is sent, the turn's seal tells.
    private static bool IsEndOfMotion(SubscribeResponse response) => response.Payload is { Motion.Last: true } or { TurnSealed: not null };
}
