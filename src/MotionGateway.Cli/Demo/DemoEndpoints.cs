using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using MotionGateway.Cli.Audio;

namespace MotionGateway.Cli.Demo;

/// <summary>What the demo adds to its relay, so that a page needs no token of its own: <c>GET /demo</c> and <c>POST /demo/say</c>.</summary>
internal sealed class DemoEndpoints(DemoClip clip)
{
    private const string Name = "The body";
    private const int MaxBodyBytes = 20 * 1024 * 1024;

    // Set once the session is there; requests that come before are answered 503.
    private volatile DemoSession? _session;

    /// <summary>The session that is shown.</summary>
    public DemoSession? Session
    {
        get => _session;
        set => _session = value;
    }

    /// <summary>Adds the endpoints.</summary>
    public void Map(WebApplication app)
    {
        app.MapGet("/demo", (RequestDelegate)ShowAsync);
        app.MapPost("/demo/say", (RequestDelegate)SayAsync);
    }

    private static Task AnswerAsync(HttpContext context, int status, object body)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(body, context.RequestAborted);
    }

    // Pages of other sites may neither read the token nor make the avatar talk, by whatever name they reach this machine.
    private static bool IsOwnPage(HttpRequest request)
    {
        bool isLocal = request.Host.Host is "localhost" or "127.0.0.1" or "[::1]";
        string origin = request.Headers.Origin.ToString();
        return isLocal && (origin.Length == 0 || origin == $"{request.Scheme}://{request.Host}");
    }

    private async Task ShowAsync(HttpContext context)
    {
        if (!IsOwnPage(context.Request))
        {
            await AnswerAsync(context, StatusCodes.Status403Forbidden, new { error = "Only the demo's own page may ask this." });
        }
        else if (Session is not { } session)
        {
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, new { error = "The demo is still starting: ask again." });
        }
        else
        {
            await AnswerAsync(context, StatusCodes.Status200OK, new
            {
                sessionId = session.SessionId,
                viewerToken = await session.CreateViewerTokenAsync(context.RequestAborted),
                clip = new { name = clip.Name, durationMs = (long)clip.Duration.TotalMilliseconds },
            });
        }
    }

    private async Task SayAsync(HttpContext context)
    {
        if (!IsOwnPage(context.Request))
        {
            await AnswerAsync(context, StatusCodes.Status403Forbidden, new { error = "Only the demo's own page may ask this." });
            return;
        }

        if (Session is not { } session)
        {
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, new { error = "The demo is still starting: ask again." });
            return;
        }

        try
        {
            var samples = await ReadSpeechAsync(context, session.SampleRate);
            await (await session.BeginAsync(samples, context.RequestAborted) is { } turnId
                ? AnswerAsync(context, StatusCodes.Status202Accepted, new { turnId })
                : AnswerAsync(context, StatusCodes.Status429TooManyRequests, new { error = "Many turns wait to be heard: wait for one to end." }));
        }
        catch (AudioFormatException failure)
        {
            await AnswerAsync(context, StatusCodes.Status400BadRequest, new { error = failure.Message });
        }
        catch (CommandException failure)
        {
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, new { error = failure.Message });
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadSpeechAsync(HttpContext context, int sampleRate)
    {
        using var body = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBodyBytes)
            {
                throw new AudioFormatException($"The body is larger than {MaxBodyBytes} bytes: say it in parts.");
            }
        }

        if (body.Length == 0)
        {
            return clip.Samples;
        }

        body.Position = 0;
        var speech = await SpeechInput.OpenAsync(body, Name, null, context.RequestAborted);
        var samples = await speech.DecodeAsync(sampleRate, Name, context.RequestAborted);
        return !samples.IsEmpty ? samples : throw new AudioFormatException($"{Name} holds no samples.");
    }
}
