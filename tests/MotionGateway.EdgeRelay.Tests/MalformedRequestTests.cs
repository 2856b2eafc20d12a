using System.Net.WebSockets;
using System.Text;
using Google.Protobuf;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class MalformedRequestTests
{
    public static TheoryData<string, ErrorReason> Faults => new()
    {
        { "garbage", ErrorReason.MalformedRequest },
        { "text", ErrorReason.MalformedRequest },
        { "oversize", ErrorReason.MalformedRequest },
        { "second start", ErrorReason.InvalidRequest },
        { "acknowledges what was not sent", ErrorReason.InvalidRequest },
        { "acknowledges nothing", ErrorReason.InvalidRequest },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Feed_ViewerBreaksTheProtocol_EndsAndOthersGoOn(string fault, ErrorReason reason)
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        session.Start("t1");
        using var bystander = await test.ViewAsync(start => start.ReaderId = "bystander");
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(permissions: ViewerPermissions.Talk));
        await viewer.ReceiveThroughAsync(1);
        await SendFaultAsync(viewer, fault);

        var failure = await viewer.ReceiveToEndAsync();
        await bystander.ReceiveThroughAsync(session.Audio("t1"));

        Assert.Equal(reason, failure?.Reason);
        Assert.False(failure?.Retryable);
        Assert.NotEmpty(failure!.Message);
        Assert.Equal(4000 + (int)reason, viewer.CloseCode);
        Assert.Equal(ErrorTable.GetName(reason), viewer.CloseText);
        Assert.Single(session.Subscriptions);
    }

    [Theory]
    [InlineData("long text")]
    [InlineData("odd audio")]
    [InlineData("empty event")]
    public async Task Feed_ViewerSendsAnEventThatIsNotValid_ToldAndGoesOn(string fault)
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var viewer = await test.ViewAsync(start => start.ViewerToken = test.Token(permissions: ViewerPermissions.Talk));
        await SendFaultAsync(viewer, fault);

        var refused = (await viewer.ReceiveUntilAsync(response => response.Refused is not null)).Refused;
        session.Start("t1");
        await viewer.ReceiveThroughAsync(1);

        Assert.Equal(ErrorReason.InvalidRequest, refused.Reason);
        Assert.NotEmpty(refused.Message);
        Assert.Empty(session.Events);
    }

    [Fact]
    public async Task Feed_GarbageInJson_Ends()
    {
        await using var test = await RelayUnderTest.StartAsync();
        foreach (string text in new[] { "{", "[]", "null", "\"x\"", "{\"start\": 5}", "{\"acknowledge\": {\"position\": {\"sequence\": \"x\"}}}" })
        {
            using var viewer = await test.ConnectAsync(json: true);
            await viewer.SendRawAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);
            var failure = await viewer.ReceiveToEndAsync();
            Assert.True(
                failure?.Reason is ErrorReason.MalformedRequest or ErrorReason.InvalidRequest, $"{text} was answered {failure}");
        }
    }

    [Fact]
    public async Task Feed_UnknownFieldsInJson_AreTolerated()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession().Say("hello");
        using var viewer = await test.ConnectAsync(json: true);
        string start = $$$"""{"start": {"viewerToken": "{{{test.Token()}}}", "newer": [1], "position": {"epoch": 1}}, "newest": {}}""";
        await viewer.SendRawAsync(Encoding.UTF8.GetBytes(start), WebSocketMessageType.Text);

        await viewer.ReceiveThroughAsync(1);

        Assert.Equal("hello", viewer.Payloads.Single().ViewerMessage.Text);
    }

    [Fact]
    public async Task Start_OfAnUnknownKind_IsRefusedAsByAGateway()
    {
        await using var test = await RelayUnderTest.StartAsync();
        test.AddSession();
        using var viewer = await test.ViewAsync(start => start.Start = (FeedStart)99);

        Assert.Equal(ErrorReason.InvalidRequest, viewer.Received[0].Failure?.Reason);
    }

    [Fact]
    public async Task Feed_FirstMessageIsNoStart_Ends()
    {
        await using var test = await RelayUnderTest.StartAsync();
        using var viewer = await test.ConnectAsync();
        await viewer.SendAsync(new SubscribeRequest { Heartbeat = new Heartbeat() });

        Assert.Equal(ErrorReason.InvalidRequest, (await viewer.ReceiveToEndAsync())?.Reason);
    }

    [Fact]
    public async Task Feed_NoStartInTime_Ends()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.StartTimeout = TimeSpan.FromMilliseconds(100));
        using var viewer = await test.ConnectAsync();

        Assert.Equal(ErrorReason.HeartbeatTimeout, (await viewer.ReceiveToEndAsync())?.Reason);
        Assert.Equal(4544, viewer.CloseCode);
    }

    private static Task SendFaultAsync(TestViewer viewer, string fault) => fault switch
    {
        "garbage" => viewer.SendRawAsync([0xFF, 0xFF, 0xFF, 1, 2, 3], WebSocketMessageType.Binary),
        "text" => viewer.SendRawAsync("{}"u8.ToArray(), WebSocketMessageType.Text),
        // Just above the limit: all of it has been sent when the relay can tell, and cuts off a viewer that is slow to close.
        "oversize" => viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = new string('x', 256 * 1024) } }),
        "second start" => viewer.StartAsync(),
        "acknowledges what was not sent" => viewer.AcknowledgeAsync(1, 99),
        "acknowledges nothing" => viewer.SendAsync(new SubscribeRequest { Acknowledge = new AcknowledgePayloads() }),
        "long text" => viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent { Text = new string('x', 20_000) } }),
        "odd audio" => viewer.SendAsync(new SubscribeRequest
        {
            ViewerEvent = new ViewerEvent
            {
                MicrophoneAudio = new MicrophoneAudio { SampleRate = 16000, Data = ByteString.CopyFrom(1, 2, 3) },
            },
        }),
        "empty event" => viewer.SendAsync(new SubscribeRequest { ViewerEvent = new ViewerEvent() }),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
