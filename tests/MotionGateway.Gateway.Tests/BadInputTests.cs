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
    [InlineData(44000)]
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
    [InlineData(4)]
    [InlineData(1)]
    public async Task Speak_WavHeaderAsAudio_IsRefused(int chunkBytes) => await AssertRefusedAsync(
        async () =>
        {
            var speaker = await Speaker.OpenAsync(_gateway.Speech);
            byte[] wav = [.. "RIFF"u8, .. new byte[40]];
            for (int i = 0; i < 4; i += chunkBytes)
            {
                await speaker.SendAudioAsync(wav[i..(i + chunkBytes)]);
            }

            return speaker;
        },
        StatusCode.InvalidArgument, ErrorReason.AudioHasHeader, "audio.data");

    [Fact]
    public async Task Speak_OddByteCountAtATurnsEnd_IsRefused() => await AssertRefusedAsync(
        async () =>
        {
            var speaker = await Speaker.OpenAsync(_gateway.Speech);
            await speaker.SendAudioAsync(new byte[321], end: true);
            return speaker;
        },
        StatusCode.InvalidArgument, ErrorReason.OddAudioLength, "audio.data");

    [Fact]
    public async Task Speak_OversizeChunk_IsRefused() => await AssertRefusedAsync(
        async () =>
        {
            var speaker = await Speaker.OpenAsync(_gateway.Speech);
            await speaker.SendAudioAsync(new byte[speaker.Opened.Limits.MaxChunkBytes + 2]);
            return speaker;
        },
        StatusCode.InvalidArgument, ErrorReason.ChunkTooLarge, "audio.data");

    [Fact]
    public async Task Speak_AudioBeyondTheCredit_IsRefused() => await AssertRefusedAsync(
        async () =>
        {
            // The second turn waits for the first to be heard: its audio stays unacknowledged.
            var speaker = await Speaker.OpenAsync(_gateway.Speech);
            await speaker.SendAudioAsync(Speech.Create(16000, 100_000), "one", end: true);
            await speaker.WaitForAsync(r => r.Payload?.TurnSealed is not null);
            var chunk = Speech.Create(16000, 100_000);
            for (long sent = 0; sent <= speaker.Opened.Limits.AudioCreditBytes; sent += chunk.Length)
            {
                await speaker.SendAudioAsync(chunk, "two");
            }

            return speaker;
        },
        StatusCode.ResourceExhausted, ErrorReason.AudioCreditExceeded, "audio.data");

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
    [InlineData("fault-upgrade-401", StatusCode.Unavailable, ErrorReason.MotionServerSessionTokenExpired)]
    [InlineData("fault-handshake-error-4003", StatusCode.ResourceExhausted, ErrorReason.MotionServerConcurrencyLimit)]
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

    [Theory]
    [InlineData("fault-close-4503-mid-turn")]
    [InlineData("fault-reset-mid-turn")]
    [InlineData("fault-error-4001-mid-turn")]
    public async Task Speak_MotionServerFailsInMidTurn_TheTurnGoesOnAsAudioAndTheSessionLives(string avatarId)
    {
        using var speaker = await Speaker.OpenAsync(_gateway.Speech, open => open.AvatarId = avatarId);
        byte[] pcm = Speech.Create(16000, 16000 * 5);
        await speaker.SayAsync(pcm, "one");
        var failure = (await speaker.WaitForAsync(r => r.MotionServerFailure is not null)).MotionServerFailure;
        var ended = (await speaker.WaitForAsync(r => r.Payload?.TurnEnded is not null)).Payload.TurnEnded;
        await speaker.FinishAsync();
        var status = await speaker.WaitForEndAsync();

        Assert.Equal("one", failure.TurnId);
        Assert.NotEqual(ErrorReason.Unspecified, failure.Reason);
        Assert.Equal((TurnOutcome.AudioOnly, failure.Reason), (ended.Outcome, ended.Error));
        Assert.Equal(pcm.Length, speaker.Received.Where(r => r.Payload?.Audio is not null).Sum(r => r.Payload.Audio.Data.Length));
        Assert.Equal(StatusCode.OK, status.StatusCode);
        await AssertBystanderUnharmedAsync();
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
