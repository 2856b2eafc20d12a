using System.Runtime.CompilerServices;

namespace MotionGateway.MotionServer;

/// <summary>
/// A connection's stream that remembers the last two bytes read. A WebSocket of the runtime reports a close frame without a code as code 1000; only its bytes tell the
/// two apart.
/// </summary>
internal sealed class LastBytesStream(Stream stream) : Stream
{
    // A close frame of a server: final, and with no content.
    private const int EmptyCloseFrame = 0x8800;

    private int _last;

    /// <summary>Whether what was read last is a close frame that has no code. Nothing follows a close frame.</summary>
    public bool EndsWithEmptyClose => Volatile.Read(ref _last) == EmptyCloseFrame;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Remember(buffer.AsSpan(offset, stream.Read(buffer, offset, count)));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int length = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Remember(buffer.Span[..length]);
    }

    public override void Write(byte[] buffer, int offset, int count) => stream.Write(buffer, offset, count);
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => stream.WriteAsync(buffer, cancellationToken);
    public override void Flush() => stream.Flush();
    public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Remember(ReadOnlySpan<byte> read)
    {
        foreach (byte value in read[Math.Max(0, read.Length - sizeof(short))..])
        {
            Volatile.Write(ref _last, ((_last << 8) | value) & ushort.MaxValue);
        }

        return read.Length;
    }
}
