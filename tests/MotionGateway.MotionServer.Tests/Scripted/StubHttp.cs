using System.Net;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>HTTP without a network: a test's own answers.</summary>
internal sealed class StubHttp(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private int _requests;

    public StubHttp(Func<HttpResponseMessage> answer)
        : this((_, _) => Task.FromResult(answer()))
    {
    }

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public HttpMessageInvoker Invoker() => new(this);

    public static HttpResponseMessage Answer(string body, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(body) };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        return answer(request, cancellationToken);
    }
}
