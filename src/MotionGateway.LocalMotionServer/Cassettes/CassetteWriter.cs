using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>
/// Writes a cassette, line by line, each with one write to the operating system: if the process is killed, all but the last line
/// are whole. The queue in front of the file is short; when it is full, whoever records waits.
/// </summary>
internal sealed class CassetteWriter : IAsyncDisposable
{
    private const int QueuedEntries = 32;

    private readonly Channel<CassetteEntry> _entries = Channel.CreateBounded<CassetteEntry>(new BoundedChannelOptions(QueuedEntries) { SingleReader = true });
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _begin;
    private readonly Task _writing;

    private CassetteWriter(FileStream file, TimeProvider time, ILogger logger)
    {
        _file = file;
        _time = time;
        _logger = logger;
        _begin = time.GetTimestamp();
        _writing = WriteAllAsync();
    }

    /// <summary>Milliseconds since the recording began, to a tenth.</summary>
    public double Now => Math.Round(_time.GetElapsedTime(_begin).TotalMilliseconds, 1);

    /// <summary>Creates the file and writes its first line.</summary>
    /// <exception cref="CassetteException">The file exists or cannot be created.</exception>
    public static CassetteWriter Create(string path, TimeProvider time, ILogger logger)
    {
        FileStream? file = null;
        try
        {
            // Without a buffer: what is written is with the operating system.
            file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, useAsync: true);
            file.Write(Line(new CassetteHeader { Format = CassetteHeader.FormatName, Version = CassetteHeader.CurrentVersion, Created = time.GetUtcNow() }));
            return new CassetteWriter(file, time, logger);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            string problem = File.Exists(path)
                ? "the file is there already; move it away or record to another one."
                : $"the cassette cannot be written ({failure.Message}).";
            throw new CassetteException(path, null, problem, failure);
        }
    }

    /// <summary>Takes an entry, waiting for room. After the end of the recording it is dropped.</summary>
    public async ValueTask AddAsync(CassetteEntry entry)
    {
        while (!_entries.Writer.TryWrite(entry) && await _entries.Writer.WaitToWriteAsync())
        {
            // Somebody else took the room.
        }
    }

    /// <summary>Writes what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        await _writing;
        await _file.DisposeAsync();
    }

    private static byte[] Line(CassetteHeader header) => [.. JsonSerializer.SerializeToUtf8Bytes(header, CassetteJson.Default.CassetteHeader), (byte)'\n'];

    private static byte[] Line(CassetteEntry entry) => [.. JsonSerializer.SerializeToUtf8Bytes(entry, CassetteJson.Default.CassetteEntry), (byte)'\n'];

    private async Task WriteAllAsync()
    {
        bool failed = false;
        await foreach (CassetteEntry entry in _entries.Reader.ReadAllAsync())
        {
            try
            {
                // What has failed once stays incomplete: going on would leave a hole that nobody sees.
                if (!failed)
                {
                    await _file.WriteAsync(Line(entry));
                }
            }
            catch (Exception failure)
            {
                failed = true;
                // Whoever records must not wait for a file that nothing is written to.
                _entries.Writer.TryComplete();
                CassetteLog.WriteFailed(_logger, _file.Name, failure.Message);
            }
        }
    }
}
