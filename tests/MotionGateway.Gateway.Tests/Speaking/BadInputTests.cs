using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

public sealed class BadInputTests : IAsyncLifetime
{
    private GatewayUnderTest _gateway = null!;
    private Speaker _bystander = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync();
        _bystander = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _bystander.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Speak_AudioBeforeOpen_IsRefused() => await AssertRefusedAsync(
        async () =>
        {
            var speaker = Speaker.Start(_gateway.Speech);
            await speaker.SendAudioAsync(new byte[320]);
            return speaker;
        },
        StatusCode.FailedPrecondition, ErrorReason.SessionNotOpen, "request");

    [Theory]
    [InlineData(0)]
    [InlineData(7_999)]
    [InlineData(48_001)]
    [InlineData(-1)]
    public async Task Speak_UnsupportedSampleRate_IsRefused(int sampleRate) => await AssertOpenRefusedAsync(
        open => open.AudioFormat.SampleRate = sampleRate, ErrorReason.UnsupportedSampleRate, "open.audio_format.sample_rate");

    [Fact]
    public async Task Speak_NoAudioFormat_IsRefused() => await AssertOpenRefusedAsync(
        open => open.AudioFormat = null, ErrorReason.InvalidRequest, "open.audio_format");

    [Fact]
    public async Task Speak_EmptyAvatarId_IsRefused() => await AssertOpenRefusedAsync(
        open => open.AvatarId = "", ErrorReason.InvalidRequest, "open.avatar_id");

    [Fact]
    public async Task Speak_AppThatIsNotTheGateways_IsRefused() => await AssertRefusedAsync(
        async () =>
        {
            var speaker = Speaker.Start(_gateway.Speech);
            var format = new AudioFormat { SampleRate = 16000 };
            await speaker.SendAsync(new SpeakRequest
            {
                Open = new OpenSession { AvatarId = "avatar-1", AudioFormat = format, App = "another-app" },
            });
            return speaker;
        },
        StatusCode.PermissionDenied, ErrorReason.AppNotFound, "open.app");

    [Theory]
    [InlineData("RIFF\x24\x09\0\0WAVEfmt ", 4)]
    [InlineData("RIFF\x24\x09\0\0WAVEfmt ", 1)]
    [InlineData("OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01\x01", 3)]
    [InlineData("fLaC\0\0\0\x22", 4)]
    [InlineData("ID3\x04\0\0\0\0\0\x0a", 5)]
    public async Task Speak_EncodedAudio_IsRefusedAndTheCallGoesOn(string magic, int chunkBytes)
    {
        byte[] file = [.. System.Text.Encoding.ASCII.GetBytes(magic), .. new byte[40]];
        await AssertRefusedWithinAsync(
            async speaker =>
            {
                for (int i = 0; i + chunkBytes <= file.Length; i += chunkBytes)
                {
                    await speaker.SendAudioAsync(file[i..(i + chunkBytes)], "bad");
                }
            },
            ErrorReason.AudioFormatMismatch, "audio.data");
    }

    [Fact]
    public async Task Speak_RequestsThatAreNone_AreRefusedAndTheCallGoesOn()
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech);
        var format = new AudioFormat { SampleRate = 16000 };
        SpeakRequest[] requests =
        [
            new() { Open = new OpenSession { AvatarId = "avatar-1", AudioFormat = format } },
            new() { Resume = new ResumeSession { SessionId = speaker.SessionId, ResumeToken = speaker.Opened.ResumeToken } },
            new(),
            new() { Interrupt = new Interrupt { Scope = (InterruptScope)9 } },
        ];
        foreach (var request in requests)
        {
            await speaker.SendAsync(request);
            var refused = (await speaker.WaitForAsync(response => response.Refused is not null)).Refused;
            Assert.Equal((speaker.Sent, ErrorReason.InvalidRequest, ""), (refused.Request, refused.Reason, refused.TurnId));
        }

        await speaker.SayAsync(Speech.Create(16000, 800), "next");
        Assert.Equal(TurnOutcome.Completed, (await speaker.TurnEndedAsync("next")).Outcome);
    }

    [Fact]
    public async Task Speak_OversizeChunk_IsRefusedAndTheCallGoesOn() => await AssertRefusedWithinAsync(
        speaker => speaker.SendAudioAsync(new byte[speaker.Opened.Limits.MaxChunkBytes + 2], "bad"),
        ErrorReason.ChunkTooLarge, "audio.data");

    [Fact]
    public async Task Speak_AudioBeyondTheCredit_IsRefusedWhereTheCallerAskedForThat() => await AssertRefusedWithinAsync(
        async speaker =>
        {
            // Payloads are released 10 s ahead at the most: the rest stays unacknowledged.
            var chunk = Speech.Create(16000, 100_000);
            for (long sent = 0; sent <= speaker.Opened.Limits.AudioCreditBytes + (10 * 32_000); sent += chunk.Length)
            {
                await speaker.SendAudioAsync(chunk, "bad");
            }
        },
        ErrorReason.AudioCreditExceeded, "audio.data", CreditPolicy.Refuse);

    [Fact]
    public async Task Speak_ResumeWithAWrongToken_IsRefused() => await AssertRefusedAsync(
        async () =>
        {
            var speaker = Speaker.Start(_gateway.Speech);
            await speaker.SendAsync(new SpeakRequest
            {
                Resume = new ResumeSession { SessionId = _bystander.Opened.SessionId, ResumeToken = "guess" },
            });
            return speaker;
        },
        StatusCode.PermissionDenied, ErrorReason.ResumeTokenInvalid, "resume.resume_token");

    [Fact]
    public async Task SessionService_UnknownSession_IsNotFound()
    {
        var fault = await Assert.ThrowsAsync<RpcException>(
            async () => await _gateway.Sessions.GetSessionAsync(new GetSessionRequest { SessionId = "s-none" }));

        AssertFailure(fault, StatusCode.NotFound, ErrorReason.SessionNotFound, "session_id");
    }

    [Theory]
    [InlineData("missing-avatar", StatusCode.NotFound, ErrorReason.MotionServerAvatarNotFound)]
    [InlineData("fault-upgrade-status-401", StatusCode.Unavailable, ErrorReason.MotionServerSessionTokenExpired)]
    [InlineData("fault-server-error-4003@handshake", StatusCode.ResourceExhausted, ErrorReason.MotionServerConcurrencyLimit)]
    public async Task Speak_MotionServerRefuses_SaysWhy(string avatarId, StatusCode status, ErrorReason reason)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(
            () => Speaker.OpenAsync(_gateway.Speech, open => open.AvatarId = avatarId));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((status, reason), (fault.StatusCode, failure.Reason));
        await AssertBystanderUnharmedAsync();
    }

    [Fact]
    public async Task Speak_MotionServerRefusesTheToken_SaysWhy()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.MotionServer.ApiKey = "wrong-key");

        var fault = await Assert.ThrowsAsync<RpcException>(() => Speaker.OpenAsync(gateway.Speech));

        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.MotionServerSessionTokenInvalid, failure.Reason);
        Assert.DoesNotContain("wrong-key", fault.ToString(), StringComparison.Ordinal);
    }

    private Task AssertOpenRefusedAsync(Action<OpenSession> configure, ErrorReason reason, string field) => AssertRefusedAsync(
        async () =>
        {
            var open = new OpenSession { AvatarId = "avatar-1", AudioFormat = new AudioFormat { SampleRate = 16000 } };
            configure(open);
            var speaker = Speaker.Start(_gateway.Speech);
            await speaker.SendAsync(new SpeakRequest { Open = open });
            return speaker;
        },
        StatusCode.InvalidArgument, reason, field);

    private async Task AssertRefusedAsync(Func<Task<Speaker>> act, StatusCode status, ErrorReason reason, string field)
    {
        using var speaker = await act();
        var fault = await Assert.ThrowsAsync<RpcException>(() => speaker.WaitForAsync(_ => false));

        AssertFailure(fault, status, reason, field);
        await AssertBystanderUnharmedAsync();
    }

    // What is refused is told, with the turn that it has cost; the call goes on, and what comes next is spoken.
    private async Task AssertRefusedWithinAsync(
        Func<Speaker, Task> act, ErrorReason reason, string field, CreditPolicy policy = CreditPolicy.Wait)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.Delivery = new Delivery { CreditPolicy = policy });
        await act(speaker);
        var refused = (await speaker.WaitForAsync(response => response.Refused is not null)).Refused;
        await speaker.SendAsync(new SpeakRequest { Interrupt = new Interrupt() });
        await speaker.SayAsync(Speech.Create(16000, 800), "next");
        var next = await speaker.WaitForAsync(response => response.Payload is { TurnEnded: not null, TurnId: "next" });

        Assert.Equal((reason, field, "bad"), (refused.Reason, refused.Field, refused.TurnId));
        Assert.True(refused.Request > 1);
        Assert.NotEmpty(refused.Message);
        Assert.Equal(TurnOutcome.Completed, next.Payload.TurnEnded.Outcome);
        await AssertBystanderUnharmedAsync();
    }

    private static void AssertFailure(RpcException fault, StatusCode status, ErrorReason reason, string field)
    {
        Assert.True(RpcErrors.TryRead(fault, out var failure), fault.ToString());
        Assert.Equal((status, reason, field), (fault.StatusCode, failure.Reason, failure.Field));
    }

    private async Task AssertBystanderUnharmedAsync()
    {
        await _bystander.SayAsync(Speech.Create(16000, 800));
        var ended = await _bystander.WaitForAsync(r => r.Payload?.TurnEnded is not null);
        Assert.Equal(TurnOutcome.Completed, ended.Payload.TurnEnded.Outcome);
    }
}
