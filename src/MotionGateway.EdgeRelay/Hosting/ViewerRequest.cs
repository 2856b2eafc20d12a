using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>What an HTTP request of a viewer says about who makes it.</summary>
internal static class ViewerRequest
{
    private const string Scheme = "Bearer ";
    private const string TokenField = "authorization";

    /// <summary>The viewer token in the header, else the ticket in the address; empty when there is none.</summary>
    public static string ReadToken(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header[Scheme.Length..].Trim()
            : request.Query["ticket"].ToString();
    }

    /// <summary>Verifies it.</summary>
    /// <exception cref="GatewayException">It does not open the session, or cannot be verified at present.</exception>
    public static async ValueTask<ViewerIdentity> VerifyAsync(HttpContext context, string sessionId, ViewerKeys keys) =>
        await keys.VerifyAsync(ReadToken(context.Request), sessionId, TokenField, context.RequestAborted);

    /// <summary>Opens a session for the moment of a request, whose token has been verified.</summary>
    /// <returns>The session's feed, and what the gateway says about it.</returns>
    /// <exception cref="GatewayException">There is no such session, or it cannot be followed at present.</exception>
    public static async Task<(SessionFeed Feed, FeedStarted Session)> VisitAsync(
        HttpContext context, string sessionId, ViewerServices services)
    {
        var feed = services.Directory.Visit(sessionId);
        try
        {
            return (feed, await feed.Opened.WaitAsync(services.Options.StartTimeout, services.TimeProvider, context.RequestAborted));
        }
        catch (GatewayException failure) when (failure.Reason == ErrorReason.SessionNotFound)
        {
            // Whether there is such a session is told no better than whether the token opens it.
            throw ViewerTokens.Invalid(TokenField);
        }
        catch (TimeoutException)
        {
            throw GatewayFailures.Unavailable();
        }
    }

    /// <summary>Reads a body that may not be long.</summary>
    /// <exception cref="GatewayException">It is longer, or does not come whole and in time.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context, int maxBytes)
    {
        using var body = new MemoryStream();
        byte[] buffer = new byte[4096];
        int read;
        try
        {
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                body.Write(buffer, 0, read);
                if (body.Length > maxBytes)
                {
                    throw new GatewayException(ErrorReason.ChunkTooLarge, $"The body has at most {maxBytes} bytes here.");
                }
            }
        }
        catch (IOException)
        {
            // Else the server would log whatever anybody sends as an error of the relay's.
            throw new GatewayException(ErrorReason.MalformedRequest, "The body did not come whole and in time.");
        }

        return body.ToArray();
    }
}
