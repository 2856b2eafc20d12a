using System.Globalization;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>Failures as the answers of HTTP: a status, and in JSON the reason, the field at fault and what to do.</summary>
internal static class HttpFailure
{
    public static Task WriteAsync(HttpContext context, GatewayException exception)
    {
        var failure = Failure.From(exception);
        context.Response.StatusCode = GetStatus(failure.Reason);
        context.Response.Headers.CacheControl = "no-store";
        if (failure.EffectiveRetryAfter is { } pause)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return context.Response.WriteAsJsonAsync(
            new
            {
                reason = ErrorTable.GetName(failure.Reason),
                field = failure.Field ?? "",
                message = failure.Message,
                retryable = ErrorTable.Get(failure.Reason).IsRetryable,
            },
            context.RequestAborted);
    }

    private static int GetStatus(ErrorReason reason) => reason switch
    {
        ErrorReason.ViewerTokenInvalid or ErrorReason.ViewerTokenExpired => StatusCodes.Status401Unauthorized,
        ErrorReason.NotPermitted => StatusCodes.Status403Forbidden,
        ErrorReason.NoEgress => StatusCodes.Status409Conflict,
        ErrorReason.SessionClosed => StatusCodes.Status410Gone,
        ErrorReason.ChunkTooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorReason.ReaderLimit or ErrorReason.AppLimit => StatusCodes.Status429TooManyRequests,
        ErrorReason.Internal => StatusCodes.Status500InternalServerError,
        _ => ErrorTable.Get(reason).IsRetryable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status400BadRequest,
    };
}
