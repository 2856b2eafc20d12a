using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace Grpc.Lite.Tests;

/// <summary>Sends requests that no gRPC client would send.</summary>
public sealed class RawHttp2Client(string address) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());

    /// <summary>A message with its frame header.</summary>
    public static byte[] Frame(byte[] payload, byte flag = 0, int? length = null)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>Posts a body and reads the whole response.</summary>
    public async Task<HttpResponseMessage> PostAsync(
        string path, byte[] body, string? contentType = "application/grpc", Version? version = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(address), path))
        {
            Version = version ?? HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await _http.SendAsync(request, CancellationToken.None);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    /// <summary>A header or trailer of a response, or null.</summary>
    public static string? Value(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailers) ? string.Join(",", trailers)
        : response.Headers.TryGetValues(name, out var headers) ? string.Join(",", headers)
        : null;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
