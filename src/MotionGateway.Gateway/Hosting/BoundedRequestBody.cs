using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>
/// The body of a call, as the gRPC server reads it: it takes nothing before a message is whole, and asks for more. Before more
/// of a large one is let in, the connection must have room for it; a message that was begun must be finished in time.
/// </summary>
internal sealed class BoundedRequestBody(PipeReader body, RequestBudget budget, TimeSpan timeout, TimeProvider timeProvider)
    : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    // Of a message of gRPC: a flag, and the length of what follows.
    private const int HeaderBytes = 5;

    private ReadOnlySequence<byte> _read;
    private long? _begunAt;
    private int _wanted;
    private RateLimitLease? _room;

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>Whether a message has begun to come and is not whole.</summary>
    private bool IsUnfinished => _wanted > 0;

    private bool NeedsRoom => _wanted > RequestBudget.FreeBytes && _room is null;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (IsUnfinished)
        {
            return ReadOnAsync(cancellationToken);
        }

        var reading = body.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Keep(reading.Result)) : KeepAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        bool hasRead = body.TryRead(out result);
        if (hasRead)
        {
            Keep(result);
        }

        return hasRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var rest = _read.Slice(consumed);
        bool isNew = rest.Length < _read.Length;
        _read = default;
        int wanted = Wanted(rest);
        if (isNew || wanted == 0)
        {
            Release();
            _begunAt = null;
        }

        _wanted = wanted;

        // What counts as examined makes room for more in the stream's window: not before there is room for the message.
        body.AdvanceTo(consumed, NeedsRoom ? consumed : examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        Release();
        body.Complete(exception);
    }

    public void Dispose() => Release();

    /// <summary>The bytes of the message that is begun; 0 when what is there is whole.</summary>
    private static int Wanted(in ReadOnlySequence<byte> rest)
    {
        if (rest.Length is 0 or < HeaderBytes)
        {
            return rest.IsEmpty ? 0 : HeaderBytes;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        rest.Slice(0, HeaderBytes).CopyTo(header);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);

        // What is longer than a request may be is refused as soon as its header is there.
        return length > GatewayTransport.MaxRequestBytes || rest.Length >= HeaderBytes + length ? 0 : HeaderBytes + (int)length;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> KeepAsync(ValueTask<ReadResult> reading) => Keep(await reading);

    private async ValueTask<ReadResult> ReadOnAsync(CancellationToken cancellationToken)
    {
        // A message that nobody reads for a while is not late.
        _begunAt ??= timeProvider.GetTimestamp();
        var left = timeout - timeProvider.GetElapsedTime(_begunAt.Value);
        using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (NeedsRoom)
            {
                _room = await budget.TakeAsync(_wanted, either.Token);
            }

            return Keep(await body.ReadAsync(either.Token));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw RpcErrors.Create(new Failure(
                ErrorReason.HeartbeatTimeout, $"A request was begun and not finished in {timeout.TotalSeconds:0.#} s: call again."));
        }
    }

    private ReadResult Keep(ReadResult result)
    {
        _read = result.Buffer;
        return result;
    }

    private void Release()
    {
        _room?.Dispose();
        _room = null;
    }
}
