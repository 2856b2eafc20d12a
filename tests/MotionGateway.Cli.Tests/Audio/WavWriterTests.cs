using MotionGateway.Cli.Audio;

namespace MotionGateway.Cli.Tests.Audio;

public sealed class WavWriterTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"motiongateway-{Guid.NewGuid():n}.wav");

    [Fact]
    public async Task Dispose_AfterSamples_LeavesAFileThatIsRead()
    {
        using (var writer = new WavWriter(_path) { SampleRate = 24000 })
        {
            writer.Write([1, 2]);
            writer.Write([3, 4, 5, 6]);
            writer.Dispose();
        }

        await using var stream = File.OpenRead(_path);
        var speech = await SpeechInput.OpenAsync(stream, "saved", null, CancellationToken.None);
        Assert.Equal(24000, speech.SampleRate);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await speech.DecodeAsync(24000, "saved", CancellationToken.None)).ToArray());
    }

    [Fact]
    public void File_BySoxOrAnyOther_IsPlainPcm()
    {
        using (var writer = new WavWriter(_path) { SampleRate = 16000 })
        {
            writer.Write([1, 2, 3, 4]);
        }

        // As the reader's own tests write it, which follow the format's description.
        Assert.Equal(new WavBytes { Rate = 16000, Samples = [1, 2, 3, 4] }.ToArray()[8..], File.ReadAllBytes(_path)[8..]);
        Assert.Equal(File.ReadAllBytes(_path).Length - 8, BitConverter.ToInt32(File.ReadAllBytes(_path), 4));
    }

    public void Dispose() => File.Delete(_path);
}
