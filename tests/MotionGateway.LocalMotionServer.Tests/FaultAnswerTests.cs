using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

/// <summary>What faults put on the wire: the words of refusals, and the sizes of what is too large.</summary>
public sealed class FaultAnswerTests : IAsyncLifetime
{
    private const int Rate = 8000;
    private const int OversizeBody = 1280 * 1024;
    private const int OversizeMessage = 5 * 1024 * 1024;

    // What a message holds beside what makes it too large.
    private const int Rest = 4096;

    private LocalMotionServer _server = null!;

    public static TheoryData<string> OversizeTokens => Oversize(FaultStage.Token);

    public static TheoryData<string> OversizeUpgrades => Oversize(FaultStage.Upgrade);

    public static TheoryData<string> OversizeTurns => Oversize(FaultStage.Turn);

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("fault-token-error-4001", "4001", "nothing left")]
    [InlineData("fault-token-error-avatar-not-found", "13", "avatar not found")]
    [InlineData("fault-token-error-invalid-argument", "INVALID_ARGUMENT", "the request cannot be used")]
    [InlineData("fault-token-error-invalid-argument-egress", "INVALID_ARGUMENT", "the egress cannot be used")]
    [InlineData("fault-token-error-unauthenticated", "UNAUTHENTICATED", "the credentials are not accepted")]
    [InlineData("fault-token-error-unavailable", "UNAVAILABLE", "nobody there")]
    public async Task TokenFault_OfAReason_AnswersTheCodeAndTheText(string key, string code, string text)
    {
        using HttpResponseMessage response = await RawClient.PostTokenAsync(_server, key);
        JsonElement error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0];
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal((code, text), (error.GetProperty("code").GetString(), error.GetProperty("detail").GetString()));
    }

    [Fact]
    public void Oversize_OfEachStage_IsCovered() => Assert.Equal(
        [(FaultStage.Token, 13), (FaultStage.Upgrade, 12), (FaultStage.Handshake, 1), (FaultStage.Turn, 3)],
        FaultCatalog.All.Where(IsOversize).CountBy(fault => fault.Stage).Select(stage => (stage.Key, stage.Value)));

    [Theory]
    [MemberData(nameof(OversizeTokens))]
    public async Task TokenFault_ThatIsOversize_HasABodyOfMoreThanAMebibyte(string key)
    {
        using HttpResponseMessage response = await RawClient.PostTokenAsync(_server, key);
        Assert.Equal(OversizeBody, (await response.Content.ReadAsByteArrayAsync()).Length);
    }

    [Theory]
    [MemberData(nameof(OversizeUpgrades))]
    public async Task UpgradeFault_ThatIsOversize_HasABodyOfMoreThanAMebibyte(string avatarId)
    {
        using var http = new HttpClient { Timeout = TaskTimeoutExtensions.Limit };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.BaseAddress, $"/v2/driveningress/websocket?id={avatarId}"));
        request.Headers.Add("X-App-ID", LocalMotionServerOptions.DefaultAppId);
        request.Headers.Add("X-Session-Key", await RawClient.TokenAsync(_server));
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        using HttpResponseMessage response = await http.SendAsync(request);
        Assert.Equal(OversizeBody, (await response.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task HandshakeFault_ThatIsOversize_IsAConfirmationOfFiveMebibytes()
    {
        using RawClient client = await RawClient.ConnectAsync(_server, "fault-handshake-oversize", await RawClient.TokenAsync(_server));
        var configuration = new ClientConfigureSession { SampleRate = Rate };
        await client.SendAsync(new Message { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = configuration });
        byte[] answer = (await client.ReceiveRawAsync())!;

        Assert.InRange(answer.Length, OversizeMessage, OversizeMessage + Rest);
        Assert.NotNull(Message.Parser.ParseFrom(answer).ServerConfirmSession);
    }

    [Theory]
    [MemberData(nameof(OversizeTurns))]
    public async Task TurnFault_ThatIsOversize_IsMotionOfFiveMebibytes(string avatarId)
    {
        using RawClient client = await RawClient.OpenAsync(_server, avatarId, Rate);
        await client.SendAudioAsync("turn", Speech.Silence(5 * Rate), end: true);
        byte[] message;
        do
        {
            message = await client.ReceiveRawAsync() ?? throw new InvalidOperationException("Closed.");
        }
        while (Message.Parser.ParseFrom(message).ServerResponseAnimation.ReqId == "turn");

        Assert.InRange(message.Length, OversizeMessage, OversizeMessage + Rest);
    }

    private static TheoryData<string> Oversize(FaultStage stage) =>
        [.. FaultCatalog.All.Where(fault => fault.Stage == stage && IsOversize(fault)).Select(fault => fault.Name)];

    private static bool IsOversize(Fault fault) => fault.Name.Contains("oversize", StringComparison.Ordinal);
}
