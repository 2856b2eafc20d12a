using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>The bundled clip: real speech, 16 kHz.</summary>
internal static class Clip
{
    public const int SampleRate = 16000;

    /// <summary>The file.</summary>
    public static string FilePath => RepositoryRoot.PathTo("src", "MotionGateway.Cli", "Assets", "welcome.wav");

    /// <summary>Its samples, from the start or from <paramref name="fromSecond"/>.</summary>
    public static byte[] Read(double seconds = double.MaxValue, double fromSecond = 0)
    {
        byte[] wav = File.ReadAllBytes(FilePath);
        int data = wav.AsSpan().IndexOf("data"u8) + 8;
        int from = data + ((int)(fromSecond * SampleRate) * sizeof(short));
        return wav[from..(int)Math.Min(wav.Length, from + (seconds * SampleRate * sizeof(short)))];
    }

    /// <summary>Over and over: a turn that still plays when a test on a slow machine comes to what it does to it.</summary>
    public static byte[] ReadLong()
    {
        const int seconds = 40;
        byte[] clip = Read();
        return [.. Enumerable.Repeat(clip, (seconds * SampleRate * sizeof(short) / clip.Length) + 1).SelectMany(part => part).Take(seconds * SampleRate * sizeof(short))];
    }

    /// <summary>Keyframes of so many bytes of speech.</summary>
    public static long CountKeyframes(long bytes) => Math.Max(1, bytes / sizeof(short) * 25 / SampleRate);
}
