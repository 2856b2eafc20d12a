using System.ComponentModel;
using System.Diagnostics;
using MotionGateway.Cli.Audio;

namespace MotionGateway.Cli.Demo.Agent;

/// <summary>Speaks by the program <c>espeak-ng</c>.</summary>
internal sealed class EspeakVoice(string program) : IVoice
{
    private const string Name = "espeak-ng";
    private const int MaxBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The voice of this machine; null where the program is in no directory of <c>PATH</c>.</summary>
    /// <param name="path">Directories, as in the variable <c>PATH</c>.</param>
    public static EspeakVoice? Find(string? path)
    {
        string file = OperatingSystem.IsWindows() ? $"{Name}.exe" : Name;
        string? found = (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, file)).FirstOrDefault(File.Exists);
        return found is null ? null : new EspeakVoice(found);
    }

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>> SpeakAsync(string text, int sampleRate, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var wav = await RunAsync(text, limit.Token);
            var speech = await SpeechInput.OpenAsync(wav, Name, null, limit.Token);
            return await speech.DecodeAsync(sampleRate, Name, limit.Token);
        }
        catch (Exception failure) when (failure is AudioFormatException or Win32Exception or IOException)
        {
            throw new CommandException($"{Name} did not speak: {failure.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"{Name} took longer than {Limit.TotalSeconds:0} s.");
        }
    }

    // The text goes through a pipe: arguments are seen by all users of a machine, and a dash at the start would be an option.
    private async Task<MemoryStream> RunAsync(string text, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, ["--stdin", "--stdout"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        try
        {
            var reading = ReadAsync(process.StandardOutput.BaseStream, cancellationToken);
            await process.StandardInput.WriteAsync(text.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            return await reading;
        }
        finally
        {
            // It has ended, or nobody wants to hear the rest.
            process.Kill();
        }
    }

    private static async Task<MemoryStream> ReadAsync(Stream output, CancellationToken cancellationToken)
    {
        var wav = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while (wav.Length < MaxBytes && (read = await output.ReadAsync(buffer, cancellationToken)) > 0)
        {
            wav.Write(buffer, 0, read);
        }

        wav.Position = 0;
        return wav;
    }
}
