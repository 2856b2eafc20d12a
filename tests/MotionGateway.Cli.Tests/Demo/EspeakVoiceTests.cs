using System.Diagnostics;
using MotionGateway.Cli.Demo.Agent;
using MotionGateway.Cli.Tests.Audio;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Demo;

/// <summary>The program is a script here, which behaves as it is documented to: text from standard input, a WAV on standard output.</summary>
public sealed class EspeakVoiceTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task SpeakAsync_ProgramThatSpeaks_GivesItsSamplesAtTheRateAskedFor()
    {
        byte[] spoken = Voices.Voice(1);
        await File.WriteAllBytesAsync(Path.Combine(_directory.FullName, "spoken.wav"), new WavBytes { Samples = spoken }.ToArray());
        var voice = Install($"cat > '{_directory.FullName}/text'; cat '{_directory.FullName}/spoken.wav'");

        var samples = await voice.SpeakAsync("-v is no option; it's text\n", Voices.SampleRate, CancellationToken.None);
        var faster = await voice.SpeakAsync("again", 48000, CancellationToken.None);

        Assert.Equal(spoken, samples.ToArray());
        Assert.Equal(spoken.Length * 3, faster.Length, 300.0);
        Assert.Equal("again", await File.ReadAllTextAsync(Path.Combine(_directory.FullName, "text")));
    }

    [Theory]
    [InlineData("cat > /dev/null")]
    [InlineData("cat > /dev/null; echo it is broken")]
    [InlineData("exec 0<&-; exit 1")]
    public async Task SpeakAsync_ProgramThatDoesNot_SaysSo(string script)
    {
        var voice = Install(script);

        var failure = await Assert.ThrowsAnyAsync<CommandException>(
            () => voice.SpeakAsync(new string('a', 500), Voices.SampleRate, CancellationToken.None));

        Assert.Contains("espeak-ng", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SpeakAsync_GivenUp_EndsTheProgram()
    {
        string marker = Path.Combine(_directory.FullName, "pid");
        var voice = Install($"echo $$ > '{marker}.new'; mv '{marker}.new' '{marker}'; exec sleep 600");
        using var giveUp = new CancellationTokenSource();
        var speaking = voice.SpeakAsync("text", Voices.SampleRate, giveUp.Token);
        await Eventually.TrueAsync(() => File.Exists(marker));

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => speaking);
        int pid = int.Parse(await File.ReadAllTextAsync(marker), System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.TrueAsync(() => !File.Exists($"/proc/{pid}/cmdline") || File.ReadAllText($"/proc/{pid}/cmdline").Length == 0);
    }

    [Fact]
    public void Find_NotOnThePath_IsNone() => Assert.Null(EspeakVoice.Find(Path.GetTempPath()));

    // Put there by another process: what any process has open for writing cannot be run, and each one that a test starts meanwhile has
    // this one's open files for a moment.
    private EspeakVoice Install(string script)
    {
        string text = Path.Combine(_directory.FullName, "script");
        File.WriteAllText(text, $"#!/bin/sh\n{script}\n");
        using var install = Process.Start("install", ["-m", "700", text, Path.Combine(_directory.FullName, "espeak-ng")]);
        install.WaitForExit();
        return EspeakVoice.Find($"/nowhere{Path.PathSeparator}{_directory.FullName}")!;
    }
}
