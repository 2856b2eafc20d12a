using System.Net;
using System.Net.Http.Headers;

namespace Grpc.Net.Client;

/// <summary>The body of a streaming request: lends the HTTP stream to a writer until that has completed.</summary>
internal sealed class RequestStreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Continues synchronously, so that the end of the stream is on its way when the writer's CompleteAsync returns.
    private readonly TaskCompletionSource _completion = new();

    public RequestStreamContent() => Headers.ContentType = new MediaTypeHeaderValue(GrpcHeaders.ContentType);

    /// <summary>The HTTP stream, when there is a connection.</summary>
    public Task<Stream> Stream => _stream.Task;

    /// <summary>Ends the body.</summary>
    public void Complete() => _completion.TrySetResult();

    /// <summary>Gives the body up because the call has ended.</summary>
    public void Abort()
    {
        _stream.TrySetCanceled();
        _completion.TrySetCanceled();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Without this the request's headers would wait for the first message.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (!_stream.TrySetResult(stream))
        {
            throw new IOException("A streaming request cannot be sent twice.");
        }

        await _completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
