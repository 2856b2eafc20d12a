using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Testing;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>Requests beside feeds are bounded as feeds are: by address and by origin, before anything is spent on them.</summary>
public sealed class RequestBoundsTests : IDisposable
{
    // A body that waits to be asked for waits until it is.
    private readonly HttpClient _http = new(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan });

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("/v1/sessions/session-1/tickets", true)]
    [InlineData("/d/{token}/api/config", true)]
    [InlineData("/v1/sessions/session-1/viewer-events", false)]
    public async Task Requests_OfOneAddressFasterThanTheRate_AreToldToWait(string path, bool isRated)
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.ConnectionsPerSecondPerAddress = 1, new FakeTimeProvider());
        test.AddSession();
        List<HttpStatusCode> answers = [];
        for (int i = 0; i < 4; i++)
        {
            using var answer = await PostAsync(test, path, "192.0.2.1");
            answers.Add(answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        using var other = await PostAsync(test, path, "192.0.2.2");

        // Twice the rate passes at once. Events have bounds of their own, by viewer.
        Assert.Equal(isRated ? 2 : 0, answers.Count(status => status == HttpStatusCode.TooManyRequests));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, answers[1]);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, other.StatusCode);
    }

    [Fact]
    public async Task Request_WhoseBodyNeverComes_HoldsAPlaceOfItsAddress()
    {
        // The server ends a body that does not come by itself, which a busy machine would not leave time for.
        await using var test = await RelayUnderTest.StartAsync(
            options => options.MaxConnectionsPerAddress = 1,
            extend: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MinRequestBodyDataRate = null));
        test.AddSession();
        const string path = "/v1/sessions/session-1/viewer-events";
        using var endless = new HeldContent();
        using var request = CreateRequest(test, path, "192.0.2.1", endless);
        request.Headers.ExpectContinue = true;
        using var stop = new CancellationTokenSource();
        var held = _http.SendAsync(request, stop.Token);
        await endless.Begun.DefaultTimeout();
        using var refused = await PostAsync(test, path, "192.0.2.1");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        using var other = await PostAsync(test, path, "192.0.2.2");
        Assert.Equal(HttpStatusCode.Accepted, other.StatusCode);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held).DefaultTimeout();
    }

    [Theory]
    [InlineData("/v1/sessions/session-1/tickets")]
    [InlineData("/v1/sessions/session-1/viewer-events")]
    [InlineData("/d/{token}/api/config")]
    public async Task Request_OfAPageOfAnOriginThatIsNotAllowed_DoesNothing(string path)
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.AllowedOrigins.Add("https://app.example"));
        var session = test.AddSession();
        using var refused = await PostAsync(test, path, "192.0.2.1", "https://elsewhere.example");
        using var allowed = await PostAsync(test, path, "192.0.2.1", "https://app.example");
        var told = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("NOT_PERMITTED", told.GetProperty("reason").GetString());
        Assert.True(allowed.IsSuccessStatusCode);
        Assert.InRange(session.Events.Count, 0, 1);
    }

    [Fact]
    public async Task Request_WhoseBodyIsBroken_IsToldSoAndNoErrorOfTheRelays()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        using var viewer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await viewer.ConnectAsync(IPAddress.Loopback, new Uri(test.Address).Port);
        string head = $"POST /v1/sessions/session-1/viewer-events?ticket={test.Token()} HTTP/1.1\r\nHost: localhost\r\n";
        await viewer.SendAsync(Encoding.ASCII.GetBytes(head + "Transfer-Encoding: chunked\r\n\r\nno length\r\n"));
        using var answer = new StreamReader(new NetworkStream(viewer), Encoding.ASCII);

        // That nothing was logged as an error is seen at the relay's end.
        Assert.Contains("MALFORMED_REQUEST", await answer.ReadToEndAsync().DefaultTimeout(), StringComparison.Ordinal);
    }

    // A viewer of server-sent events has nothing to say.
    [Fact]
    public async Task EventStream_WhoseViewerSendsOnAndOn_IsNotKept()
    {
        const int smallest = 16 * 1024;
        const int most = 400 * 1024;
        await using var test = await RelayUnderTest.StartAsync(extend: builder => builder.Services.Configure<SocketTransportOptions>(
            sockets => sockets.CreateBoundListenSocket = endpoint =>
            {
                var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                socket.ReceiveBufferSize = smallest;
                return socket;
            }));
        test.AddSession();
        using var viewer = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = smallest };
        await viewer.ConnectAsync(IPAddress.Loopback, new Uri(test.Address).Port);
        string request = $"GET /v1/sessions/session-1/events?ticket={test.Token()} HTTP/1.1\r\nHost: localhost\r\n\r\n";
        await viewer.SendAsync(Encoding.ASCII.GetBytes(request));
        Assert.NotEqual(0, await viewer.ReceiveAsync(new byte[1024]).DefaultTimeout());

        long sent = 0;
        using var stuck = new CancellationTokenSource();
        try
        {
            while (sent <= most)
            {
                // Nothing tells that no more will be taken.
                stuck.CancelAfter(TimeSpan.FromSeconds(1));
                sent += await viewer.SendAsync(new byte[smallest / 2], stuck.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // As it is to be.
        }

        Assert.InRange(sent, smallest, most);
    }

    private static HttpRequestMessage CreateRequest(RelayUnderTest test, string path, string address, HttpContent content, string? origin = null)
    {
        string token = test.Token(permissions: ViewerPermissions.Interrupt);
        var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(test.Address + path.Replace("{token}", token, StringComparison.Ordinal)))
        {
            Content = content,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("X-Forwarded-For", address);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return request;
    }

    private async Task<HttpResponseMessage> PostAsync(RelayUnderTest test, string path, string address, string? origin = null)
    {
        using var content = new StringContent("""{"interrupt": {}}""");
        using var request = CreateRequest(test, path, address, content, origin);
        return await _http.SendAsync(request).DefaultTimeout();
    }

    /// <summary>A body that begins and does not end.</summary>
    private sealed class HeldContent : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("{"u8.ToArray(), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            _begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
