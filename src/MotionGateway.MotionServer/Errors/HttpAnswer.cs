using System.Net;
using System.Text;

namespace MotionGateway.MotionServer;

/// <summary>An HTTP answer that was not what was hoped for, with as much of its body as is kept.</summary>
internal sealed record HttpAnswer(int Status, string Body, bool IsWhole, TimeSpan? RetryAfter)
{
    /// <summary>Bytes of a body that are read and kept.</summary>
    public const int MaxBodyBytes = 1024 * 1024;

    private const int ReadBytes = 16 * 1024;

    public bool IsOk => Status == (int)HttpStatusCode.OK;

    /// <summary>Reads an answer. Bytes that are no UTF-8 are replaced: the body is for looking at.</summary>
    public static async Task<HttpAnswer> ReadAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        using MemoryStream body = new();
        byte[] buffer = new byte[ReadBytes];
        bool isWhole = false;
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            // One byte beyond the limit tells a body that fits from one that does not.
            while (body.Length <= MaxBodyBytes)
            {
                int read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    isWhole = true;
                    break;
                }

                body.Write(buffer, 0, (int)Math.Min(read, MaxBodyBytes + 1 - body.Length));
            }
        }

        string text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)Math.Min(body.Length, MaxBodyBytes));
        return new HttpAnswer((int)response.StatusCode, text, isWhole, PauseOf(response, time));
    }

    private static TimeSpan? PauseOf(HttpResponseMessage response, TimeProvider time)
    {
        TimeSpan? pause = response.Headers.RetryAfter switch
        {
            { Delta: TimeSpan delta } => delta,
            { Date: DateTimeOffset date } => date - time.GetUtcNow(),
            _ => null,
        };
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }
}
