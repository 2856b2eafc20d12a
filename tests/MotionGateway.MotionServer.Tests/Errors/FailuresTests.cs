using MotionGateway.Messages.DrivenIngress.V2;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;
using Retry = MotionGateway.MotionServer.MotionServerRetry;

namespace MotionGateway.MotionServer.Tests.Errors;

public sealed class FailuresTests
{
    private const string Key = "sk/live+abc123";
    private const string EscapedKey = """sk/live\u002babc123""";

    [Theory]
    [InlineData(MotionServerPhase.SessionToken, $$"""{"errors":[{"code":"{{EscapedKey}}","title":"{{EscapedKey}}","detail":"{{EscapedKey}}"}]}""")]
    [InlineData(MotionServerPhase.WebSocketConnect, $$"""{"message":"{{EscapedKey}} is wrong"}""")]
    [InlineData(MotionServerPhase.WebSocketConnect, "no such route: /?sessionKey=sk%2Flive%2Babc123")]
    public void FromAnswer_SecretThatComesEscaped_IsShownNowhere(MotionServerPhase phase, string body)
    {
        MotionServerException failure = Failures.FromAnswer(phase, new HttpAnswer(403, body, true, null), new Secrets(Key));

        string?[] shown = [failure.Message, failure.RawBody, failure.ServerCode, failure.ServerTitle, failure.ServerDetail, failure.ToString()];
        Assert.Contains("***", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(shown, text => text?.Contains("abc123", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void NoToken_SecretThatComesEscaped_IsShownNowhere() =>
        Assert.Equal("""{"key":"***"}""", Failures.NoToken(new HttpAnswer(200, $$"""{"key":"{{EscapedKey}}"}""", true, null), "x", new Secrets(Key)).RawBody);

    [Fact]
    public void FromServerError_SecretInTheWordsOfARule_IsClassifiedByThemAndMasked()
    {
        MotionServerException failure = Failures.FromServerError(
            MotionServerPhase.WebSocketHandshake, new ServerError { Message = "provide api_token or both api_key and api_secret" }, null, new Secrets("secret"));

        Assert.Equal((Code.InvalidEgressConfig, "provide api_token or both api_key and api_***"), (failure.Code, failure.ServerDetail));
    }

    [Theory]
    [InlineData("avatar not found")]
    [InlineData("""{"message":"avatar not found"}""")]
    [InlineData("""{"errors":[{"title":"avatar not found"}]}""")]
    public void FromAnswer_SecretInTheWordsOfARule_IsClassifiedByThemAndMasked(string body)
    {
        MotionServerException failure = Failures.FromAnswer(MotionServerPhase.WebSocketConnect, new HttpAnswer(404, body, true, null), new Secrets("avatar", "errors"));

        Assert.Equal(Code.AvatarNotFound, failure.Code);
        Assert.Contains("*** not found", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("avatar", failure.RawBody, StringComparison.Ordinal);
    }

    [Theory]
    // A report that no rule knew is what a telling close code says.
    [InlineData(13, "session ended", 4001, Code.CreditsExhausted, Retry.Never, null)]
    [InlineData(13, "session ended", 4002, Code.SessionDurationExceeded, Retry.Immediate, null)]
    [InlineData(13, "session ended", 4003, Code.ConcurrencyLimit, Retry.Delayed, 5)]
    [InlineData(13, "session ended", 4010, Code.SessionTokenInvalid, Retry.FreshToken, null)]
    [InlineData(13, "session ended", 4503, Code.UpstreamError, Retry.Backoff, null)]
    // The ranges say whose fault it is.
    [InlineData(13, "session ended", 4042, Code.InvalidRequest, Retry.Never, null)]
    [InlineData(13, "session ended", 4599, Code.ServerError, Retry.Backoff, null)]
    // Other codes say nothing.
    [InlineData(13, "session ended", 1000, Code.ServerError, Retry.Backoff, null)]
    [InlineData(13, "session ended", 1011, Code.ServerError, Retry.Backoff, null)]
    [InlineData(13, "session ended", 4400, Code.ServerError, Retry.Backoff, null)]
    [InlineData(13, "session ended", null, Code.ServerError, Retry.Backoff, null)]
    // A report that is known stands, whatever the close says.
    [InlineData(4002, "", 4010, Code.SessionDurationExceeded, Retry.Immediate, null)]
    [InlineData(4003, "", 4000, Code.ConcurrencyLimit, Retry.Delayed, 5)]
    [InlineData(4003, "", null, Code.ConcurrencyLimit, Retry.Delayed, 5)]
    [InlineData(0, "driven server request failed", 4001, Code.UpstreamError, Retry.Backoff, null)]
    public void WithClose_ReportAndCloseCode_AreOneFailure(int reported, string text, int? closeCode, Code expected, Retry retry, int? seconds)
    {
        MotionServerException report = Failures.FromServerError(
            MotionServerPhase.WebSocketRuntime, new ServerError { Code = reported, Message = text, ConnectionId = "c", ReqId = "r" }, null, Secrets.None);
        report.Region = "us-west";

        MotionServerException failure = Failures.WithClose(report, closeCode, "bye");

        Assert.Equal((expected, retry, seconds), (failure.Code, failure.Retry, (int?)failure.RetryAfter?.TotalSeconds));
        Assert.Equal((report.Message, report.ServerCode, report.ServerDetail), (failure.Message, failure.ServerCode, failure.ServerDetail));
        Assert.Equal(("c", "r", "us-west"), (failure.ConnectionId, failure.RequestId, failure.Region));
        Assert.Equal((closeCode, "bye"), (failure.CloseCode, failure.CloseReason));
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData(2, 2)]
    public void Copies_OfAFailure_KeepThePauseThatItNames(int? asked, int seconds)
    {
        MotionServerException failure = new(Code.ConcurrencyLimit, MotionServerPhase.WebSocketConnect, "x")
        {
            RetryAfter = asked is int known ? TimeSpan.FromSeconds(known) : null,
        };

        Assert.All(
            [failure, Failures.SendAfterEnd(failure, "c", "r"), Failures.WithOtherRegions(failure, []), Failures.WithClose(failure, 1000, null)],
            copy => Assert.Equal((seconds, asked), ((int)copy.RetryAfter!.Value.TotalSeconds, (int?)copy.AskedPause?.TotalSeconds)));
    }
}
