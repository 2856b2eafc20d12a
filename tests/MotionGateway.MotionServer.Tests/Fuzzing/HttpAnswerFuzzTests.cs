using System.Net;
using System.Net.Sockets;
using System.Text;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Fuzzing;

/// <summary>Answers of a console and an ingress that have lost their mind, as HTTP and below it: a token comes out, or a typed failure.</summary>
public sealed class HttpAnswerFuzzTests
{
    // Every so many answers one goes over a real socket, spoiled from its status line on.
    private const int SocketEvery = 10;

    private static readonly int[] Statuses = [200, 200, 200, 200, 200, 200, 201, 204, 301, 400, 401, 402, 403, 404, 408, 409, 429, 500, 502, 503, 504, 599];

    private static readonly string[] Bodies =
    [
        """{"sessionToken":"token-1"}""",
        """{"session_token":"token-2","expireAt":123}""",
        """{"errors":[{"id":"1","status":403,"code":"forbidden","title":"Forbidden","detail":"The app is suspended."}]}""",
        """{"errors":[{"status":"402","code":4001,"title":null,"detail":["session denied"]}],"sessionToken":"t"}""",
        """{"message":"Invalid session token"}""",
        "Avatar not found",
        "<html><body>Bad gateway</body></html>",
        """{"sessionToken":"\ud800"}""",
        "",
    ];

    private static readonly string[] Headers =
        ["Retry-After: 5", "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT", "Retry-After: -1", "Content-Type: text/html; charset=x-none", "Location: http://127.0.0.1:1/"];

    [Fact]
    [Trait("Category", "Fuzz")]
    public Task Answers_AThousand_GiveATokenOrATypedFailure() => RunAsync(1_000);

    [Fact]
    [Trait("Category", "Long")]
    public Task Answers_AHundredThousand_GiveATokenOrATypedFailure() => RunAsync(100_000);

    private static async Task RunAsync(int answers)
    {
        int seed = TestSeed.GivenOrChance();
        int tokens = 0;
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        for (int run = 0; run < answers; run++)
        {
            Random random = TestSeed.Of(seed, run);
            byte[] answer = Answer(random, out HttpResponseMessage response);
            try
            {
                bool isToken = run % SocketEvery == 0
                    ? await OverSocketAsync(listener, answer).DefaultTimeout()
                    : await OverHandlerAsync(response).DefaultTimeout();
                tokens += isToken ? 1 : 0;
            }
            catch (Exception exception)
            {
                Assert.Fail($"MOTIONGATEWAY_SEED={seed} fails at answer {run}: {exception}\n{Encoding.Latin1.GetString(answer)}");
            }
        }

        Assert.InRange(tokens, answers / 100, answers / 2);
    }

    private static async Task<bool> OverHandlerAsync(HttpResponseMessage response)
    {
        using FixedAnswer handler = new(response);
        using HttpMessageInvoker http = new(handler);
        await using MotionServerClient client = new(Options(new Uri("http://127.0.0.1:9")), http);
        return await TryAsync(client);
    }

    private static async Task<bool> OverSocketAsync(TcpListener listener, byte[] answer)
    {
        Task serving = ServeAsync(listener, answer);
        await using MotionServerClient client = new(Options(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}")));
        bool isToken = await TryAsync(client);
        await serving;
        return isToken;
    }

    private static MotionServerOptions Options(Uri url) => new()
    {
        AppId = "app",
        ApiKey = "key",
        ConsoleUrl = url,
        IngressUrl = url,
        StepTimeout = TimeSpan.FromSeconds(5),
    };

    private static async Task<bool> TryAsync(MotionServerClient client)
    {
        try
        {
            SessionToken token = await client.FetchTokenAsync();
            Assert.NotEmpty(token.Value);
            return true;
        }
        catch (MotionServerException failure)
        {
            Assert.Equal(MotionServerPhase.SessionToken, failure.Phase);
            Assert.NotNull(failure.Code.ToStableName());
            Assert.DoesNotContain('\n', failure.Message);
            return false;
        }
    }

    private static async Task ServeAsync(TcpListener listener, byte[] answer)
    {
        using TcpClient peer = await listener.AcceptTcpClientAsync();
        NetworkStream stream = peer.GetStream();
        byte[] request = new byte[4096];
        int length = 0;
        // The request's end: its body is one small JSON object.
        while (!Encoding.ASCII.GetString(request, 0, length).EndsWith('}'))
        {
            int read = await stream.ReadAsync(request.AsMemory(length));
            if (read == 0)
            {
                return;
            }

            length += read;
        }

        await stream.WriteAsync(answer);
    }

    private static byte[] Answer(Random random, out HttpResponseMessage response)
    {
        Mutator mutator = new(random);
        int status = Statuses[random.Next(Statuses.Length)];
        byte[] body = Encoding.UTF8.GetBytes(Bodies[random.Next(Bodies.Length)]);
        if (random.Next(2) == 0)
        {
            body = mutator.Mutate(body);
        }

        string header = Headers[random.Next(Headers.Length)];
        response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(body) };
        int colon = header.IndexOf(':', StringComparison.Ordinal);
        _ = response.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 2)..])
            || response.Content.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 2)..]);
        byte[] head = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Status\r\nContent-Length: {body.Length}\r\n{header}\r\nConnection: close\r\n\r\n");
        return [.. mutator.Mutate(head), .. body];
    }

    private sealed class FixedAnswer(HttpResponseMessage response) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(response);
    }
}
