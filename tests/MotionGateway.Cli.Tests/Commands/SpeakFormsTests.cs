using System.Text;
using System.Text.Json;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Tests.Audio;
using MotionGateway.Cli.Tests.Configuration;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Commands;

/// <summary><c>speak</c> with speech in every form, and what is said of it.</summary>
[Trait("Category", "EndToEnd")]
[Collection(nameof(ProcessEnvironment))]
public sealed class SpeakFormsTests(RunningDemo demo) : IClassFixture<RunningDemo>, IDisposable
{
    // 0.2 s at 16 kHz, and the 5 keyframes of it.
    private const int Samples = 3200;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"motiongateway-{Guid.NewGuid():n}");

    public static TheoryData<string, ushort, ushort, ushort, uint> Wavs => new()
    {
        { "PCM of 16 bits", 1, 16, 1, 16000 },
        { "PCM of 16 bits, stereo", 1, 16, 2, 16000 },
        { "PCM of 24 bits", 1, 24, 1, 44100 },
        { "PCM of 8 bits", 1, 8, 1, 8000 },
        { "floating point", 3, 32, 2, 48000 },
        { "A-law", 6, 8, 1, 8000 },
        { "mu-law", 7, 8, 1, 11025 },
    };

    [Theory]
    [MemberData(nameof(Wavs))]
    public async Task Speak_WavOfEveryKind_IsHeardWhole(string kind, ushort encoding, ushort bits, ushort channels, uint rate)
    {
        int frames = (int)rate / 5;
        byte[] silence = new byte[frames * channels * bits / 8];
        await WriteAsync(new WavBytes { Encoding = encoding, Bits = bits, Channels = channels, Rate = rate, Samples = silence }.ToArray());

        var (opened, turn) = await SpeakAsync(_file);

        Assert.Equal(("completed", 5L), (turn.GetProperty("outcome").GetString(), turn.GetProperty("keyframes").GetInt64()));
        Assert.Equal(("wav", rate), (Text(opened, "audioFormat", "encoding"), opened.GetProperty("audioFormat").GetProperty("sampleRate").GetUInt32()));
        int delivered = opened.GetProperty("delivery").GetProperty("sampleRate").GetInt32();
        Assert.True(delivered >= rate, kind);
        Assert.Equal(delivered / 5, turn.GetProperty("samples").GetInt64());
    }

    [Theory]
    [InlineData("pcm_s16le", "1", 2)]
    [InlineData("pcm_f32le", "2", 8)]
    [InlineData("mulaw", "1", 1)]
    [InlineData("alaw", "2", 2)]
    public async Task Speak_RawSamples_AreWhatTheOptionsSay(string encoding, string channels, int bytesPerFrame)
    {
        await WriteAsync(new byte[Samples * bytesPerFrame]);

        var (opened, turn) = await SpeakAsync(_file, "--rate", "16000", "--encoding", encoding, "--channels", channels);

        Assert.Equal(("completed", (long)Samples), (turn.GetProperty("outcome").GetString(), turn.GetProperty("samples").GetInt64()));
        Assert.Equal(encoding, Text(opened, "audioFormat", "encoding"));
        Assert.Equal("pcm_s16le", Text(opened, "delivery", "audioEncoding"));
    }

    [Fact]
    public async Task Speak_OggOpusDeliveredAsOpus_IsHeardAndWatchedWhole()
    {
        await WriteAsync(OpusBytes.Encode(OpusBytes.Tone(0.5)));

        var (opened, turn) = await SpeakAsync(_file, "--deliver", "opus", "--turn-id", "story");

        Assert.Equal(OpusBytes.Rate / 2, turn.GetProperty("samples").GetInt64());
        Assert.Equal(("ogg_opus", "ogg_opus"), (Text(opened, "audioFormat", "encoding"), Text(opened, "delivery", "audioEncoding")));
        Assert.Equal(0, turn.GetProperty("audioWarnings").GetArrayLength());
        var (exitCode, output, errors) = await MainRun.RunAsync(
            "watch", opened.GetProperty("sessionId").GetString()!, "--from", "1:0", "--save", _file, "--gateway", demo.GatewayUrl);
        Assert.Equal((ExitCode.Ok, ""), (exitCode, errors));
        Assert.Contains("turn 1 at 48000 Hz, ogg_opus", output, StringComparison.Ordinal);
        await using var saved = File.OpenRead(_file);
        var speech = await SpeechInput.OpenAsync(saved, "saved", null, CancellationToken.None);
        Assert.Equal(OpusBytes.Rate, (await speech.DecodeAsync(OpusBytes.Rate, "saved", CancellationToken.None)).Length);
    }

    [Theory]
    [InlineData("wav", 500)]
    [InlineData("mulaw", 500)]
    [InlineData("opus", 1000)]
    public async Task Speak_InRealTime_IsNotSentBeforeItIsSpoken(string form, int leastMs)
    {
        await WriteAsync(form switch
        {
            "wav" => new WavBytes { Rate = 8000, Channels = 2, Samples = new byte[32_000] }.ToArray(),
            "mulaw" => new byte[8000],
            // A page lasts a second, and is sent when it begins to be spoken.
            _ => OpusBytes.Encode(OpusBytes.Tone(2.5)),
        });

        var (_, turn) = await SpeakAsync([_file, "--pace", "realtime", .. form == "mulaw" ? (string[])["--rate", "8000", "--encoding", form] : []]);

        Assert.InRange(turn.GetProperty("sealedMs").GetInt64(), leastMs, long.MaxValue);
    }

    [Fact]
    public async Task Speak_OggOpusFromAPipe_IsHeardWhole()
    {
        await WriteAsync(OpusBytes.Encode(OpusBytes.Tone(0.5)));
        string assembly = Path.Combine(AppContext.BaseDirectory, "motiongateway.dll");

        var lines = await ChildProcess.RunAsync(
            "bash", ["-euo", "pipefail", "-c", $"cat '{_file}' | dotnet '{assembly}' speak - --json --gateway {demo.GatewayUrl}"]);

        using var result = JsonDocument.Parse(lines.Last(line => line.StartsWith('{')));
        Assert.Equal(OpusBytes.Rate / 2, result.RootElement.GetProperty("turns")[0].GetProperty("samples").GetInt64());
    }

    [Fact]
    public async Task Speak_OptionsOfDelivery_ReachTheGateway()
    {
        await WriteAsync(new WavBytes { Samples = new byte[640] }.ToArray());

        var (opened, _) = await SpeakAsync(
            _file, "--audio-release", "at-once", "--max-lead-ms", "700", "--max-motion-wait-ms", "300", "--max-payload-ms", "40");

        var delivery = opened.GetProperty("delivery");
        Assert.Equal("at_once", delivery.GetProperty("audioRelease").GetString());
        Assert.Equal([700, 300, 40], Numbers(delivery, "maxLeadMs", "maxMotionWaitMs", "maxPayloadMs"));
    }

    [Fact]
    public async Task Speak_WhatSoundsWrong_IsToldInWords()
    {
        byte[] noise = new byte[Samples * 4 + 1];
        new Random(7).NextBytes(noise);
        await WriteAsync(noise);

        var (exitCode, output, errors) = await RunAsync(_file, "--rate", "16000");

        Assert.Equal((ExitCode.Ok, ""), (exitCode, errors));
        Assert.Contains("warning: the audio sounds like noise: is the encoding right?", output, StringComparison.Ordinal);
        Assert.Contains("warning: the audio ends within a sample", output, StringComparison.Ordinal);
        Assert.Contains("pcm_s16le 16000 Hz mono, delivered as pcm_s16le 16000 Hz", output, StringComparison.Ordinal);
        await WriteAsync(new WavBytes { Samples = new byte[Samples * 4] }.ToArray());
        var (_, turn) = await SpeakAsync(_file);
        Assert.Equal("silence", Assert.Single(turn.GetProperty("audioWarnings").EnumerateArray()).GetProperty("warning").GetString());
    }

    [Fact]
    public async Task Speak_WavCutShort_IsHeardAsFarAsItGoes()
    {
        await WriteAsync(new WavBytes { Samples = new byte[Samples * 2], DeclaredBytes = 1_000_000 }.ToArray());

        Assert.Equal(Samples, (await SpeakAsync(_file)).Turn.GetProperty("samples").GetInt64());
    }

    [Fact]
    public async Task Speak_FileThatBreaksInItsMiddle_TellsWhatTheGatewayFound()
    {
        byte[] opus = OpusBytes.Encode(OpusBytes.Tone(10));
        opus[opus.Length / 2] ^= 0xFF;
        await WriteAsync(opus);

        var (exitCode, output, errors) = await RunAsync(_file);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Contains("refused: AUDIO_FORMAT_MISMATCH: The speech holds a broken Ogg Opus stream.", output, StringComparison.Ordinal);
        Assert.Contains("The turn ended failed: AUDIO_FORMAT_MISMATCH", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Speak_IntoASessionOfAnotherForm_IsRefusedBeforeAnythingIsSent()
    {
        await WriteAsync(new WavBytes { Samples = new byte[Samples * 2] }.ToArray());
        var (exitCode, output, _) = await RunAsync(_file, "--keep", "--json");
        Assert.Equal(ExitCode.Ok, exitCode);
        using var result = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        string[] resume =
        [
            "--session", result.RootElement.GetProperty("sessionId").GetString()!,
            "--resume-token", result.RootElement.GetProperty("resumeToken").GetString()!,
        ];

        var usage = await RunAsync([_file, "--deliver", "opus", .. resume]);
        await WriteAsync(OpusBytes.Encode(OpusBytes.Tone(0.2)));
        var refused = await RunAsync([_file, .. resume]);
        await WriteAsync(new WavBytes { Samples = new byte[Samples * 2] }.ToArray());
        var taken = await RunAsync([_file, .. resume]);

        Assert.Equal((ExitCode.Usage, ""), (usage.ExitCode, usage.Output));
        Assert.Equal((ExitCode.Failure, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("The session takes wav 16000 Hz mono, and this is ogg_opus", refused.Errors, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Ok, ""), (taken.ExitCode, taken.Errors));
    }

    [Theory]
    [InlineData("", "is empty", ExitCode.Failure)]
    [InlineData("fLaC\0\0\0\"", "holds a FLAC file", ExitCode.Failure)]
    [InlineData("ID3\u0004\0\0\0\0\0\0", "holds an MP3 file", ExitCode.Failure)]
    [InlineData("OggS\0\u0002\0\0\0\0\0\0\0\0----\0\0\0\0----\u0001\u001E\u0001vorbis----------------------", "holds an Ogg Vorbis stream", ExitCode.Failure)]
    [InlineData("{\"error\": \"no such voice\"}", "holds JSON text", ExitCode.Failure)]
    [InlineData("hello, this is text", "is neither WAV nor Ogg Opus", ExitCode.Failure)]
    [InlineData(null, "There is no file", ExitCode.Usage)]
    public async Task Speak_WhatIsNoSpeech_IsToldAtOnceWithTheRemedy(string? content, string expected, int expectedCode)
    {
        await (content is null ? Task.CompletedTask : WriteAsync(Encoding.Latin1.GetBytes(content)));

        // Nobody listens there: it is told before anything is sent.
        var (exitCode, output, errors) = await MainRun.RunAsync("speak", _file, "--gateway", "http://127.0.0.1:1");

        Assert.Equal((expectedCode, ""), (exitCode, output));
        Assert.Contains(_file, errors, StringComparison.Ordinal);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--encoding mulaw", "--rate")]
    [InlineData("--channels 2", "--rate")]
    [InlineData("--rate 7999", "between 8000 and 48000")]
    [InlineData("--rate 16000 --channels 3", "'3' not recognized")]
    [InlineData("--rate 16000 --encoding mp3", "'mp3' not recognized")]
    [InlineData("--deliver flac", "'flac' not recognized")]
    [InlineData("--audio-release later", "'later' not recognized")]
    public async Task Speak_OptionsThatMakeNoSense_AreAUsageError(string options, string expected)
    {
        var (exitCode, output, errors) = await MainRun.RunAsync(["speak", "x.pcm", .. options.Split(' ')]);

        Assert.Equal((ExitCode.Usage, ""), (exitCode, output));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private static string? Text(JsonElement element, string part, string name) => element.GetProperty(part).GetProperty(name).GetString();

    private static int[] Numbers(JsonElement element, params string[] names) => [.. names.Select(name => element.GetProperty(name).GetInt32())];

    private Task WriteAsync(byte[] content) => File.WriteAllBytesAsync(_file, content);

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MainRun.RunAsync(["speak", .. arguments, "--gateway", demo.GatewayUrl]);

    private async Task<(JsonElement Opened, JsonElement Turn)> SpeakAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync([.. arguments, "--json"]);
        Assert.True(exitCode == ExitCode.Ok, errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        return (lines[0].GetProperty("opened"), lines[^1].GetProperty("turns")[0]);
    }
}
