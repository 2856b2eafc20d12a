namespace Grpc;

/// <summary>Header and content type names of gRPC over HTTP/2.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";

    public const string Identity = "identity";
    public const string Gzip = "gzip";
    public const string SupportedEncodings = "identity,gzip";

    /// <summary>Whether a content type is gRPC's: alone, with a message format (<c>+proto</c>) or with parameters.</summary>
    public static bool IsGrpcContentType(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>Whether a header belongs to the protocol and so does not show in metadata.</summary>
    public static bool IsProtocolHeader(string name) =>
        name.StartsWith(':') || name.ToLowerInvariant() is Encoding or AcceptEncoding or Timeout or Status or Message
            or "content-type" or "content-encoding" or "te" or "host" or "accept-encoding";
}
