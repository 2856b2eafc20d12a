namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Reads bodies of HTTP requests and answers that have to be whole in memory.</summary>
internal static class BoundedBody
{
    /// <summary>Four times what clients keep of an answer.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <exception cref="HttpRequestException">There is more than <see cref="MaxBytes"/>.</exception>
    public static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (body.Length + read > MaxBytes)
            {
                throw new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, FormattableString.Invariant($"a body of more than {MaxBytes} bytes"));
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}
