using System.Buffers;
using System.Net;
using System.Text;

namespace MotionGateway.MotionServer;

/// <summary>An HTTP answer that was not what was hoped for, with as much of its body as is kept.</summary>
internal sealed record HttpAnswer(int Status, string Body, bool IsWhole, TimeSpan? RetryAfter)
{
    /// <summary>Bytes of a body that are read and kept.</summary>
    public const int MaxBodyBytes = 1024 * 1024;

    private const int UsualBodyBytes = 4 * 1024;

    /// <summary>Whether the status is 200.</summary>
    public bool IsOk => Status == (int)HttpStatusCode.OK;

    /// <summary>Reads an answer. Bytes that are no UTF-8 are replaced: the body is for looking at.</summary>
    public static async Task<HttpAnswer> ReadAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        // A token's answer is short: room for the longest is taken only by what is long.
        byte[] body = ArrayPool<byte>.Shared.Rent(UsualBodyBytes);
        int length = 0;
        try
        {
            // One byte beyond the limit tells a body that fits from one that does not.
            while (length <= MaxBodyBytes)
            {
                if (length == body.Length)
                {
                    body = Grow(body);
                }

                int read = await stream.ReadAsync(body.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            string text = Encoding.UTF8.GetString(body, 0, Math.Min(length, MaxBodyBytes));
            return new HttpAnswer((int)response.StatusCode, text, length <= MaxBodyBytes, PauseOf(response, time));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    private static byte[] Grow(byte[] smaller)
    {
        byte[] body = ArrayPool<byte>.Shared.Rent(smaller.Length * 2);
        smaller.CopyTo(body, 0);
        ArrayPool<byte>.Shared.Return(smaller);
        return body;
    }

    private static TimeSpan? PauseOf(HttpResponseMessage response, TimeProvider time)
    {
        TimeSpan? pause = response.Headers.RetryAfter is { } after ? after.Delta ?? (after.Date - time.GetUtcNow()) : null;
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }
}

/// <summary>Sends HTTP requests and returns as soon as the answer's headers are there.</summary>
internal static class HttpSender
{
    // An HttpClient would otherwise read the body first, and that of an upgraded connection never ends.
    public static Task<HttpResponseMessage> SendForHeadersAsync(this HttpMessageInvoker http, HttpRequestMessage request, CancellationToken cancellationToken) =>
        http is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : http.SendAsync(request, cancellationToken);
}
