using System.Text;
using Microsoft.AspNetCore.Http;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.LocalMotion.Tokens;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>The faults that take more than a line.</summary>
internal static class FaultActions
{
    /// <summary>No protobuf: wire type 7 does not exist.</summary>
    public static readonly byte[] Garbage = [0x0F, 0xFF, 0xFF, 0xFF];

    public static Task AnswerOkWithErrorsAsync(HttpContext context, SessionTokenStore tokens, CancellationToken cancellationToken)
    {
        var error = new ApiError("fault", 403, "forbidden", "Forbidden", "The app is suspended.");
        return ApiError.WriteJsonAsync(context, StatusCodes.Status200OK, new ApiErrorBody([error]), ApiJson.Default.ApiErrorBody);
    }

    public static async Task AnswerGarbageAsync(HttpContext context, SessionTokenStore tokens, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/html";
        await context.Response.Body.WriteAsync("<html>This is no JSON.</html>"u8.ToArray(), cancellationToken);
    }

    public static async Task AnswerEmptyObjectAsync(HttpContext context, SessionTokenStore tokens, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("{}"), cancellationToken);
    }

    public static Task AnswerExpiredTokenAsync(HttpContext context, SessionTokenStore tokens, CancellationToken cancellationToken)
    {
        string token = tokens.Issue(tokens.Now - TimeSpan.FromSeconds(1));
        return ApiError.WriteJsonAsync(context, StatusCodes.Status200OK, new TokenAnswer(token, token), ApiJson.Default.TokenAnswer);
    }

    public static async Task NeverAnswerAsync(HttpContext context, SessionTokenStore tokens, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }

    /// <summary>
    /// Lets a turn begin and then does something else, once a connection. A turn of one message is cut in half first, so that its
    /// end never comes.
    /// </summary>
    public static TurnFault AfterFirstMotion(HandshakeFault then) => async (connection, animation, cancellationToken) =>
    {
        if (connection.FaultHasStruck)
        {
            return;
        }

        connection.FaultHasStruck = true;
        if (animation.End)
        {
            animation.End = false;
            var keyframes = animation.Animation.Keyframes;
            for (int kept = (keyframes.Count + 1) / 2; keyframes.Count > kept;)
            {
                keyframes.RemoveAt(keyframes.Count - 1);
            }
        }

        await connection.SendMotionAsync(animation, cancellationToken);
        await then(connection, cancellationToken);
    };

    public static async ValueTask SendEmptyEndAsync(IngressConnection connection, ServerResponseAnimation animation, CancellationToken cancellationToken)
    {
        if (animation.End)
        {
            animation.Animation = new FlameAnimation();
            await connection.SendMotionAsync(animation, cancellationToken);
        }
    }
}
