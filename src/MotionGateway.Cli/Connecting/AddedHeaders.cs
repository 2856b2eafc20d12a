namespace MotionGateway.Cli.Connecting;

/// <summary>Adds headers to each request.</summary>
internal sealed class AddedHeaders(IReadOnlyList<Header> headers, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var header in headers)
        {
            header.TryAddTo(request);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
