using System.Globalization;
using MotionGateway.Testing;

namespace MotionGateway.OggOpus.Tests;

/// <summary>The bundled clip in every form, decoded by the reference tool.</summary>
[Trait("Category", "Interop")]
public sealed class OpusdecTests
{
    private const string Remedy = "apt-get install opus-tools";

    public static TheoryData<int, int, OpusApplication, int> Forms
    {
        get
        {
            // Applications and bitrates take turns over the matrix, so that each meets several rates and frames.
            TheoryData<int, int, OpusApplication, int> forms = [];
            int[] bitrates = [0, 12_000, 24_000, 64_000, 512_000, 500, 32_000];
            int index = 0;
            foreach (int rate in OpusSampleRates.Supported)
            {
                foreach (int milliseconds in (int[])[10, 20, 40, 60])
                {
                    forms.Add(rate, milliseconds, (OpusApplication)(index % 3), bitrates[index % bitrates.Length]);
                    index++;
                }
            }

            return forms;
        }
    }

    [RequiresToolTheory("opusdec", Remedy)]
    [MemberData(nameof(Forms))]
    public async Task Encode_TheClip_IsDecodedByOpusdec(int rate, int milliseconds, OpusApplication application, int bitrate)
    {
        var clip = Signal.ClipAt(rate);
        var ogg = Streams.Encode(
            new() { SampleRate = rate, FrameDuration = TimeSpan.FromMilliseconds(milliseconds), Application = application, Bitrate = bitrate },
            clip,
            cut: 1277);
        var directory = Directory.CreateTempSubdirectory("opusdec-");
        try
        {
            var decoded = Signal.ToSamples(await DecodeAsync(directory.FullName, ogg, rate));
            int frame = rate * milliseconds / 1000;
            Assert.InRange(decoded.Length, clip.Length - frame, clip.Length + frame);
            int common = Math.Min(decoded.Length, clip.Length);
            if (bitrate is 0 or >= 24_000)
            {
                double correlation = Signal.Correlation(clip.AsSpan(0, common), decoded.AsSpan(0, common));
                Assert.True(correlation > 0.8, $"{correlation:0.000}");
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<byte[]> DecodeAsync(string directory, byte[] ogg, int rate)
    {
        var (input, pcm) = (Path.Combine(directory, "clip.opus"), Path.Combine(directory, "clip.raw"));
        await File.WriteAllBytesAsync(input, ogg);

        // Quiet, the tool only says what is wrong with the stream: holes, missing pages, bad packets.
        var lines = await ChildProcess.RunAsync(
            "opusdec", ["--quiet", "--no-dither", "--rate", rate.ToString(CultureInfo.InvariantCulture), input, pcm]);
        Assert.Empty(lines);
        return await File.ReadAllBytesAsync(pcm);
    }
}
