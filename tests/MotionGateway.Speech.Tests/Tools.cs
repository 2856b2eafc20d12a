using System.Globalization;
using MotionGateway.Testing;

namespace MotionGateway.Speech.Tests;

/// <summary>The reference tools.</summary>
internal static class Tools
{
    public const string SoxRemedy = "apt-get install sox";
    public const string OpusRemedy = "apt-get install opus-tools";

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Runs sox on a file of bytes and gives the bytes that it wrote.</summary>
    /// <param name="input">The input's bytes.</param>
    /// <param name="inputOptions">Options before the input, such as its form.</param>
    /// <param name="outputOptions">Options before the output.</param>
    /// <param name="effects">Effects.</param>
    public static async Task<byte[]> SoxAsync(byte[] input, string[] inputOptions, string[] outputOptions, params string[] effects)
    {
        using var folder = new Folder();
        await File.WriteAllBytesAsync(folder.PathTo("in"), input);
        await ChildProcess.RunAsync(
            "sox", ["-D", .. inputOptions, folder.PathTo("in"), .. outputOptions, folder.PathTo("out"), .. effects]);
        return await File.ReadAllBytesAsync(folder.PathTo("out"));
    }

    /// <summary>Decodes by opusdec, which must have nothing to say, unless it is told of a hole.</summary>
    public static async Task<short[]> OpusdecAsync(byte[] ogg, bool mayHaveHole = false)
    {
        using var folder = new Folder();
        await File.WriteAllBytesAsync(folder.PathTo("in.opus"), ogg);
        var lines = await ChildProcess.RunAsync("opusdec", ["--quiet", "--no-dither", "--rate", "48000", folder.PathTo("in.opus"), folder.PathTo("out.raw")]);
        Assert.All(lines, line => Assert.True(mayHaveHole && line.Contains("hole", StringComparison.OrdinalIgnoreCase), line));
        return Sounds.Samples(await File.ReadAllBytesAsync(folder.PathTo("out.raw")));
    }

    /// <summary>Encodes 16-bit PCM at 48 kHz by opusenc.</summary>
    public static async Task<byte[]> OpusencAsync(byte[] pcm, int channels, params string[] options)
    {
        using var folder = new Folder();
        await File.WriteAllBytesAsync(folder.PathTo("in.raw"), pcm);
        await ChildProcess.RunAsync(
            "opusenc",
            ["--quiet", "--raw", "--raw-rate", "48000", "--raw-chan", Text(channels), .. options, folder.PathTo("in.raw"), folder.PathTo("out.opus")]);
        return await File.ReadAllBytesAsync(folder.PathTo("out.opus"));
    }

    private sealed class Folder : IDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("speech-");

        public string PathTo(string name) => Path.Combine(_directory.FullName, name);

        public void Dispose() => _directory.Delete(recursive: true);
    }
}
