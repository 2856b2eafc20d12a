using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>Runs a call around its method: checks the request, lifts Kestrel's limits, turns the outcome into a status.</summary>
internal sealed class ServerCallRunner(IOptions<GrpcServiceOptions> options, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<ServerCallRunner>();

    /// <summary>Runs a call.</summary>
    /// <param name="httpContext">The request.</param>
    /// <param name="invoke">Reads the request, runs the method and writes its response.</param>
    public async Task RunAsync(HttpContext httpContext, Func<HttpContextServerCallContext, Task> invoke)
    {
        if (!IsGrpcRequest(httpContext))
        {
            return;
        }

        LiftLimits(httpContext);
        httpContext.Response.ContentType = GrpcHeaders.ContentType;
        httpContext.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.SupportedEncodings;
        await using var call = new HttpContextServerCallContext(httpContext, options.Value);
        call.StartDeadline();
        try
        {
            await invoke(call);
            call.End(call.Status);
        }
        catch (Exception exception)
        {
            Fail(call, exception);
        }
    }

    private static bool IsGrpcRequest(HttpContext httpContext)
    {
        if (!GrpcHeaders.IsGrpcContentType(httpContext.Request.ContentType))
        {
            httpContext.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        if (!HttpProtocol.IsHttp2(httpContext.Request.Protocol) && !HttpProtocol.IsHttp3(httpContext.Request.Protocol))
        {
            httpContext.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            httpContext.Response.Headers.Upgrade = "HTTP/2";
            return false;
        }

        return true;
    }

    private static void LiftLimits(HttpContext httpContext)
    {
        // A stream may be idle as long as its application likes: the rate limit would end the whole connection.
        if (httpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // Messages are limited one by one; the sum of a stream is not.
        if (httpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    private void Fail(HttpContextServerCallContext call, Exception exception)
    {
        switch (exception)
        {
            case RpcException rpc:
                ServerCallLog.Refused(_logger, call.Method, rpc.StatusCode, rpc);
                call.End(rpc.Status, rpc.Trailers);
                break;
            case OperationCanceledException when call.CancellationToken.IsCancellationRequested:
            // The reset of a stream can reach a pending read before the cancellation token.
            case IOException:
                ServerCallLog.Cancelled(_logger, call.Method, exception);
                call.End(new Status(StatusCode.Cancelled, "The call was cancelled."));
                break;
            default:
                ServerCallLog.Failed(_logger, call.Method, exception);
                var detail = options.Value.EnableDetailedErrors == true
                    ? $"Exception was thrown by handler. {exception.GetType().Name}: {exception.Message}"
                    : "Exception was thrown by handler.";
                call.End(new Status(StatusCode.Unknown, detail));
                break;
        }
    }
}
