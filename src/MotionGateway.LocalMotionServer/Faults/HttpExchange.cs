using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.LocalMotion.Tokens;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>One HTTP request that a fault strikes, and the ways to answer it badly.</summary>
internal sealed class HttpExchange(HttpContext context, SessionTokenStore tokens, LocalMotionServerOptions options, CancellationToken stopping)
{
    /// <summary>How long a refusal with <c>Retry-After</c> asks to wait.</summary>
    public static readonly TimeSpan AskedPause = TimeSpan.FromSeconds(7);

    // Beyond the 1 MiB that clients keep of a body.
    private const int OversizeBytes = 1280 * 1024;

    public SessionTokenStore Tokens => tokens;

    public IHeaderDictionary ResponseHeaders => context.Response.Headers;

    /// <summary>The service's form of a refusal: an <c>errors</c> array.</summary>
    public Task RefuseWithErrorsAsync(int status, string code = "refused", string? detail = null)
    {
        var error = new ApiError("fault", status, code, "Refused", detail ?? FormattableString.Invariant($"The answer was to be {status}."));
        return AnswerAsync(status, new ApiErrorBody([error]), ApiJson.Default.ApiErrorBody);
    }

    public Task AnswerAsync<T>(int status, T body, JsonTypeInfo<T> type) => ApiError.WriteJsonAsync(context, status, body, type);

    public async Task AnswerAsync(int status, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The service's form of a refused upgrade.</summary>
    public Task AnswerMessageAsync(int status, string message) => Refusals.WriteMessageAsync(context, status, message);

    public Task AnswerTextAsync(int status, string text) => AnswerAsync(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    /// <summary>More text than a client should keep; most clients stop reading before the end.</summary>
    public async Task AnswerOversizeAsync(int status, string beginning = "")
    {
        byte[] body = new byte[OversizeBytes];
        body.AsSpan().Fill((byte)' ');
        Encoding.UTF8.GetBytes(beginning, body);
        try
        {
            await AnswerAsync(status, "text/plain; charset=utf-8", body);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has read as much as it wanted.
        }
    }

    /// <summary>Says when to come again.</summary>
    public void AskForPause() => context.Response.Headers.RetryAfter = FormattableString.Invariant($"{AskedPause.TotalSeconds:0}");

    /// <summary>Answers like a redirect, to a place where the request would be granted.</summary>
    public Task RedirectAsync(string path)
    {
        context.Response.Headers.Location = path;
        return AnswerTextAsync(StatusCodes.Status307TemporaryRedirect, "Moved.");
    }

    /// <summary>Waits as long as slow answers take.</summary>
    public async Task DelayAsync()
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        await Task.Delay(options.FaultDelay, options.TimeProvider, until.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Never answers.</summary>
    public async Task HangAsync()
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        await Task.Delay(Timeout.InfiniteTimeSpan, until.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Reset();
    }

    /// <summary>Begins an answer and never goes on with it.</summary>
    public async Task HangInBodyAsync(int status)
    {
        await BeginBodyAsync(status);
        await HangAsync();
    }

    /// <summary>Begins an answer and cuts the connection.</summary>
    public async Task CutInBodyAsync(int status)
    {
        await BeginBodyAsync(status);
        Reset();
    }

    /// <summary>Cuts the TCP connection.</summary>
    public void Reset() => context.Abort();

    /// <summary>Upgrades the connection with these headers, and says nothing over it until the client has gone, or had time enough to.</summary>
    public async Task SwitchProtocolsAsync(Action<IHeaderDictionary> setHeaders)
    {
        context.Response.Headers.Upgrade = "websocket";
        setHeaders(context.Response.Headers);
        using var limit = new CancellationTokenSource(options.HandshakeTimeout, options.TimeProvider);
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted, limit.Token);
        await using Stream stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        byte[] buffer = new byte[1024];
        try
        {
            while (await stream.ReadAsync(buffer, until.Token) > 0)
            {
                // What the client says is of no interest here.
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            Reset();
        }
    }

    public string RequestHeader(string name) => context.Request.Headers[name].ToString();

    private async Task BeginBodyAsync(int status)
    {
        ReadOnlyMemory<byte> beginning = "{\"sessionToken\":\"x"u8.ToArray();
        context.Response.ContentLength = beginning.Length * 2;
        await AnswerAsync(status, "application/json", beginning);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
