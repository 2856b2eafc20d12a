using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>Finds the status of a call: in headers, in trailers, in an HTTP status, in an exception.</summary>
internal static class ResponseStatus
{
    /// <summary>The status that a response's headers decide already: it is no gRPC response, or there are no messages.</summary>
    /// <returns>The status, or null when the messages are to be read.</returns>
    public static Status? OfHeaders(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return TryRead(response.Headers) ?? new Status(
                OfHttpStatus(response.StatusCode), string.Create(CultureInfo.InvariantCulture, $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}"));
        }

        var contentType = response.Content.Headers.ContentType?.ToString();
        return GrpcHeaders.IsGrpcContentType(contentType)
            ? TryRead(response.Headers)
            : new Status(StatusCode.Cancelled, $"Bad gRPC response. Invalid content-type value: {contentType}");
    }

    /// <summary>The status after the last message.</summary>
    public static Status OfTrailers(HttpResponseMessage response) =>
        TryRead(response.TrailingHeaders) ?? TryRead(response.Headers) ?? new Status(StatusCode.Cancelled, "No grpc-status found on response.");

    /// <summary>The status of a call that failed without one.</summary>
    public static Status OfException(string action, Exception exception) => exception switch
    {
        RpcException rpc => rpc.Status,
        OperationCanceledException => new Status(StatusCode.Cancelled, "Call canceled by the client.", exception),
        _ => new Status(CodeOf(exception), $"{action} {Describe(exception)}", exception),
    };

    private static StatusCode CodeOf(Exception exception)
    {
        var code = StatusCode.Internal;
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (current is HttpProtocolException protocol)
            {
                return OfHttp2Error(protocol.ErrorCode);
            }

            if (current is SocketException or IOException or HttpRequestException)
            {
                code = StatusCode.Unavailable;
            }
        }

        return code;
    }

    private static string Describe(Exception exception) => exception.InnerException is { } inner
        ? $"{exception.GetType().Name}: {exception.Message} {Describe(inner)}"
        : $"{exception.GetType().Name}: {exception.Message}";

    private static Status? TryRead(HttpResponseHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues(GrpcHeaders.Status, out var values))
        {
            return null;
        }

        var value = values.ToString();
        var detail = headers.NonValidated.TryGetValues(GrpcHeaders.Message, out var messages) ? messages.ToString() : null;
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? new Status((StatusCode)code, MetadataHeaders.DecodeMessage(detail))
            : new Status(StatusCode.Cancelled, $"Unexpected grpc-status value: {value}");
    }

    // https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
    private static StatusCode OfHttpStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.RequestHeaderFieldsTooLarge => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    // The error codes of RST_STREAM and GOAWAY, RFC 9113 section 7, as gRPC's HTTP/2 mapping wants them.
    private static StatusCode OfHttp2Error(long errorCode) => errorCode switch
    {
        1 => StatusCode.Unavailable, // PROTOCOL_ERROR: also what SocketsHttpHandler says when a keep-alive ping got no answer
        7 => StatusCode.Unavailable, // REFUSED_STREAM
        8 => StatusCode.Cancelled, // CANCEL
        11 => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        12 => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => StatusCode.Internal,
    };
}
