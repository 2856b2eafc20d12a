using System.Reflection;
using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>What a second of a session takes at a viewer's WebSocket: audio as Ogg Opus, beside the same as PCM.</summary>
internal sealed class Wire : IScenario
{
    private const int WavHeaderBytes = 44;

    public string Name => "wire";

    public string Description => "bytes a session-second at a viewer of the relay, audio as Ogg Opus; peer: as PCM at 16 kHz";

    public async Task<object> RunAsync(string executable)
    {
        var speech = ReadClip();
        using var deployment = await Deployment.StartAsync(executable);
        var pcm = await MeasureAsync(deployment, speech, AudioEncoding.PcmS16Le);
        var opus = await MeasureAsync(deployment, speech, AudioEncoding.OggOpus);
        return new
        {
            Name,
            Description,
            ClipSeconds = Math.Round(Seconds(speech), 2),
            OpusBytesPerSecond = opus.All,
            OpusAudioBytesPerSecond = opus.Audio,
            PcmBytesPerSecond = pcm.All,
            PcmAudioBytesPerSecond = pcm.Audio,
            MotionBytesPerSecond = pcm.All - pcm.Audio,
            Ratio = Math.Round((double)opus.All / pcm.All, 3),
        };
    }

    private static double Seconds(ByteString speech) => (double)speech.Length / sizeof(short) / Conversation.SampleRate;

    private static async Task<(long All, long Audio)> MeasureAsync(Deployment deployment, ByteString speech, AudioEncoding encoding)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long all = 0;
        long audio = 0;
        await using var conversation = await Conversation.OpenAsync(
            deployment,
            (in PayloadHeader payload, int length) =>
            {
                all += length;
                audio += payload.Kind == PayloadKind.Audio ? length : 0;
                if (payload.Kind == PayloadKind.TurnSealed)
                {
                    ended.TrySetResult();
                }
            },
            delivery => delivery.AudioEncoding = encoding);
        await conversation.SpeakAsync(speech, "clip", isLast: true);
        await ended.Task;
        return ((long)(all / Seconds(speech)), (long)(audio / Seconds(speech)));
    }

    private static ByteString ReadClip()
    {
        using var clip = Assembly.GetExecutingAssembly().GetManifestResourceStream("welcome.wav")!;
        clip.Position = WavHeaderBytes;
        return ByteString.FromStream(clip);
    }
}
