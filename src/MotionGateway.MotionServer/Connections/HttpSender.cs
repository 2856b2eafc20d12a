namespace MotionGateway.MotionServer;

/// <summary>Sends HTTP requests and returns as soon as the answer's headers are there.</summary>
internal static class HttpSender
{
    // An HttpClient would otherwise read the body first, and that of an upgraded connection never ends.
    public static Task<HttpResponseMessage> SendForHeadersAsync(this HttpMessageInvoker http, HttpRequestMessage request, CancellationToken cancellationToken) =>
        http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : http.SendAsync(request, cancellationToken);
}
