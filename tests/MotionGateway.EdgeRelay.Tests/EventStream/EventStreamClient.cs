using System.Globalization;
using System.Net;
using System.Text;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests.EventStream;

/// <summary>Reads server-sent events as the HTML standard tells a browser to.</summary>
internal sealed class EventStreamClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;
    private int? _retryMs;

    private EventStreamClient(HttpResponseMessage response, Stream body, HttpClient http)
    {
        _http = http;
        _response = response;
        _reader = new StreamReader(body, Encoding.UTF8);
    }

    public HttpStatusCode Status => _response.StatusCode;

    public string? ContentType => _response.Content.Headers.ContentType?.MediaType;

    public string? AllowedOrigin =>
        _response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;

    /// <summary>What a browser would send as <c>Last-Event-ID</c>.</summary>
    public string LastId { get; private set; } = "";

    public int? RetryMs => _retryMs;

    /// <summary>Comments that came in place of events.</summary>
    public int Comments { get; private set; }

    public static async Task<EventStreamClient> ConnectAsync(
        string address, string? token = null, string? lastId = null, string? origin = null)
    {
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("text/event-stream");
        AddHeader("Authorization", token is null ? null : $"Bearer {token}");
        AddHeader("Last-Event-ID", lastId);
        AddHeader("Origin", origin);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).DefaultTimeout();
        return new EventStreamClient(response, await response.Content.ReadAsStreamAsync(), http) { LastId = lastId ?? "" };

        void AddHeader(string name, string? value)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    /// <summary>Receives the next event; null when the stream has ended.</summary>
    public Task<ServerEvent?> ReceiveAsync() => ReadAsync().DefaultTimeout();

    public async Task<ServerEvent> ReceiveUntilAsync(Func<ServerEvent, bool> condition)
    {
        while (await ReceiveAsync() is { } received)
        {
            if (condition(received))
            {
                return received;
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }

    public async Task<List<ServerEvent>> ReceiveToEndAsync()
    {
        List<ServerEvent> all = [];
        while (await ReceiveAsync() is { } received)
        {
            all.Add(received);
        }

        return all;
    }

    public Task<string> ReadBodyAsync() => _reader.ReadToEndAsync().DefaultTimeout();

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
        _http.Dispose();
    }

    private async Task<ServerEvent?> ReadAsync()
    {
        string type = "message";
        string? data = null;
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    return new ServerEvent(type, LastId, data, _retryMs);
                }

                type = "message";
                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string field = colon < 0 ? line : line[..colon];
            string value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (field)
            {
                case "":
                    Comments++;
                    break;
                case "event":
                    type = value;
                    break;
                case "data":
                    data = data is null ? value : $"{data}\n{value}";
                    break;
                case "id":
                    LastId = value;
                    break;
                case "retry":
                    _retryMs = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
            }
        }

        return null;
    }
}
