using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json;
using MotionGateway.Protocol;

namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>The two host modes, as their clients use them.</summary>
public sealed class HostFeedTests
{
    [Fact]
    public async Task Json_TwoTurns_EachHasItsMotionBeforeItsEnd()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.PublishedFeedMargin = TimeSpan.Zero);
        var session = test.AddSession();
        foreach (string turnId in new[] { "t1", "t2" })
        {
            session.Start(turnId);
            session.Audio(turnId, 640);
        }

        using var client = await PublishedClient.ConnectAsync(test, $"/d/{test.Token()}/host?voice=any");
        await client.ReceiveAsync();
        foreach (string turnId in new[] { "t1", "t2" })
        {
            // Short, since the second waits until the first has been heard.
            session.Motion(turnId, 0, 1, last: true);
            session.Seal(turnId);
            session.End(turnId);
            await client.ReceiveUntilAsync(message => message.TryGetProperty("end", out var end) && end.GetBoolean());
        }

        Assert.Equal(
            ["audio", "motion", "audio", "audio", "motion", "audio"],
            client.Received.Select(PublishedClient.TypeOf));
        Assert.Equal(640, client.Received[0].GetProperty("data").GetBytesFromBase64().Length);
        Assert.Equal(300, client.Received[1].GetProperty("data")[0].GetBytesFromBase64().Length);
        Assert.Empty(client.Received[2].GetProperty("data").GetBytesFromBase64());
    }

    [Fact]
    public async Task Json_ClientInterrupts_WhatWaitsIsDroppedWithoutAnEnd()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        string token = test.Token(permissions: ViewerPermissions.Interrupt);
        session.Start("t1");
        session.Audio("t1", 3200);
        using var client = await PublishedClient.ConnectAsync(test, $"/d/{token}/host");
        await client.ReceiveAsync();
        await client.SendAsync(new { type = "interrupt" });
        await RelayUnderTest.UntilAsync(() => session.Events.Count == 1, "the interrupt had come");
        session.Audio("t1", 3200);
        session.Interrupt("t1");
        session.Start("t2");
        session.Audio("t2", 1600);
        session.Seal("t2");
        await client.ReceiveUntilAsync(message => message.GetProperty("end").GetBoolean());

        Assert.Equal(
            [(3200, false), (1600, false), (0, true)],
            client.Received.Select(message => (message.GetProperty("data").GetBytesFromBase64().Length, message.GetProperty("end").GetBoolean())));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Binary_OneClip_BeginsWithItsMetadataAndEndsWithTheClose(bool isRaw)
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        using var client = await PublishedClient.ConnectAsync(test, $"/d/{test.Token()}/host/{(isRaw ? "raw" : "binary")}");
        await client.SendAsync(new { action = "start", avatar_id = "avatar", sample_rate = 16000 });
        var first = (await client.ReceiveRawAsync())!.Value;
        session.Start("t1");
        session.Audio("t1", 3200);
        session.Audio("t1", new byte[1600], last: true);
        session.Motion("t1", 0, 3, last: true);
        session.Start("t2");

        List<byte[]> frames = [];
        while (await client.ReceiveRawAsync() is { } message)
        {
            Assert.Equal(WebSocketMessageType.Binary, message.Type);
            frames.Add(message.Bytes);
        }

        AssertMetadata(first, isRaw);
        Assert.Equal([(1, 0), (1, 1), (2, 1)], frames.Select(frame => (frame[0], frame[1])));
        Assert.Equal([3200, 1600], frames.Take(2).Select(frame => frame.Length - 2));
        var envelope = frames[2].AsSpan(2);
        if (!isRaw)
        {
            Assert.Equal(1u, BinaryPrimitives.ReadUInt32BigEndian(envelope));
            Assert.Equal(300u, BinaryPrimitives.ReadUInt32BigEndian(envelope[4..]));
            envelope = envelope[8..];
        }

        Assert.Equal(300, envelope.Length);
        Assert.Equal(1000, client.CloseCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Binary_TokenOpensNothing_IsToldByAnError(bool isRaw)
    {
        await using var test = await RelayUnderTest.StartAsync();
        using var client = await PublishedClient.ConnectAsync(test, $"/d/nonsense/host/{(isRaw ? "raw" : "binary")}");
        await client.SendAsync(new { action = "start" });

        var told = (await client.ReceiveRawAsync())!.Value;

        Assert.Equal(isRaw ? WebSocketMessageType.Text : WebSocketMessageType.Binary, told.Type);
        Assert.Equal(isRaw ? (byte)'{' : (byte)4, told.Bytes[0]);
        var json = JsonDocument.Parse(told.Bytes.AsMemory(isRaw ? 0 : 2)).RootElement;
        Assert.NotEmpty(json.GetProperty("error").GetString()!);
        Assert.Null(await client.ReceiveRawAsync());
        Assert.Equal(4024, client.CloseCode);
    }

    [Fact]
    public async Task Binary_ClientNeverStarts_IsNotWaitedForLongerThanForOthers()
    {
        await using var test = await RelayUnderTest.StartAsync(options => options.StartTimeout = TimeSpan.FromMilliseconds(100));
        test.AddSession();
        using var client = await PublishedClient.ConnectAsync(test, $"/d/{test.Token()}/host/binary");

        Assert.Equal(4, (await client.ReceiveRawAsync())!.Value.Bytes[0]);
        Assert.Null(await client.ReceiveRawAsync());
    }

    private static void AssertMetadata((WebSocketMessageType Type, byte[] Bytes) message, bool isRaw)
    {
        Assert.Equal(isRaw ? WebSocketMessageType.Text : WebSocketMessageType.Binary, message.Type);
        if (!isRaw)
        {
            Assert.Equal((3, 0), (message.Bytes[0], message.Bytes[1]));
        }

        var metadata = JsonDocument.Parse(message.Bytes.AsMemory(isRaw ? 0 : 2)).RootElement;
        Assert.Equal(16000, metadata.GetProperty("sample_rate").GetInt32());
        Assert.Equal(1, metadata.GetProperty("channels").GetInt32());
        Assert.Equal("avatar", metadata.GetProperty("avatar_id").GetString());
        Assert.NotEmpty(metadata.GetProperty("connection_id").GetString()!);
    }
}
