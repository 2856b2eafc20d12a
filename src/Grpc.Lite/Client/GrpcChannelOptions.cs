using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>Options of a <see cref="GrpcChannel"/>.</summary>
public sealed class GrpcChannelOptions
{
    internal const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>The longest message to send, in bytes. Default and null: no limit. Beyond it a write fails with RESOURCE_EXHAUSTED.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>The longest message to receive, in bytes. Default 4 MiB; null: no limit. Beyond it the call fails with RESOURCE_EXHAUSTED.</summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxReceiveMessageSize;

    /// <summary>Takes the channel's log. Default and null: no log.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Makes the HTTP requests. Default and null: a <see cref="SocketsHttpHandler"/> of the channel's own. Not together with <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Makes the HTTP requests. Default and null: a <see cref="SocketsHttpHandler"/> of the channel's own. Not together with <see cref="HttpClient"/>.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether the channel disposes <see cref="HttpClient"/> or <see cref="HttpHandler"/> with itself. Default: no.</summary>
    public bool DisposeHttpClient { get; set; }
}
