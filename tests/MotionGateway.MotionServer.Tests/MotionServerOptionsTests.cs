namespace MotionGateway.MotionServer.Tests;

public sealed class MotionServerOptionsTests
{
    [Fact]
    public void Validate_Defaults_NamesOnlyTheCredentials() =>
        Assert.Equal(["AppId is required.", "ApiKey is required."], new MotionServerOptions().Validate());

    [Fact]
    public void Validate_EverythingWrong_NamesEveryProperty()
    {
        MotionServerOptions options = new()
        {
            AppId = "two words",
            ApiKey = "line\nbreak",
            Region = "nowhere",
            ConsoleUrl = new Uri("ftp://a"),
            TokenPath = " ",
            Auth = (AuthPlacement)9,
            TokenLifetime = TimeSpan.FromHours(24),
            StepTimeout = TimeSpan.Zero,
            SendTimeout = TimeSpan.FromHours(1),
            KeepAliveInterval = TimeSpan.FromSeconds(-1),
            KeepAliveTimeout = TimeSpan.FromSeconds(-1),
            MaxMessageBytes = 1,
            ReceiveBufferBytes = 1,
        };

        IEnumerable<string> named = options.Validate().Select(problem => problem.Split(' ')[0]);

        Assert.Equal(
            ["ApiKey", "AppId", "Auth", "ConsoleUrl", "KeepAliveInterval", "KeepAliveTimeout", "MaxMessageBytes", "ReceiveBufferBytes", "Region", "SendTimeout", "StepTimeout", "TokenLifetime", "TokenPath"],
            named.Order());
        Assert.DoesNotContain("line", string.Concat(options.Validate()), StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_InvalidOptions_NamesAllProblems()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new MotionServerClient(new MotionServerOptions { StepTimeout = TimeSpan.Zero }));

        Assert.Contains("AppId", exception.Message, StringComparison.Ordinal);
        Assert.Contains("StepTimeout", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_Options_HoldsNoKey() =>
        Assert.DoesNotContain("secret", new MotionServerOptions { AppId = "a", ApiKey = "secret" }.ToString(), StringComparison.Ordinal);

    [Fact]
    public void ToString_Token_HoldsNoToken() =>
        Assert.DoesNotContain("secret", new SessionToken("secret", DateTimeOffset.UnixEpoch).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("us-west", "https://console.us-west.spatius.ai/v1/console/session-tokens", "wss://api.us-west.spatius.ai/v2/driveningress/websocket?id=a%26b")]
    [InlineData("cn-north", "https://console.cn-north.spatialwalk.top/v1/console/session-tokens", "wss://api.cn-north.spatialwalk.top/v2/driveningress/websocket?id=a%26b")]
    public void Endpoints_OfARegion_AreUnderItsDomain(string region, string token, string ingress)
    {
        Endpoints endpoints = new(new MotionServerOptions(), region);

        Assert.Equal(token, endpoints.Token.AbsoluteUri);
        Assert.Equal(ingress, endpoints.WebSocket("a&b", new SessionToken("t", default)).AbsoluteUri);
    }

    [Theory]
    [InlineData("http://h:81/base/?x=1", "ws://h:81/base/websocket?x=1&id=a&appId=app%2F1&sessionKey=t%2B1")]
    [InlineData("https://h/base", "wss://h/base/websocket?id=a&appId=app%2F1&sessionKey=t%2B1")]
    [InlineData("ws://h/base", "ws://h/base/websocket?id=a&appId=app%2F1&sessionKey=t%2B1")]
    public void Endpoints_ExplicitIngress_KeepsItsQueryAndMapsItsScheme(string ingress, string expected)
    {
        Endpoints endpoints = new(new MotionServerOptions { AppId = "app/1", IngressUrl = new Uri(ingress), Auth = AuthPlacement.Query }, "us-west");

        Assert.Equal(expected, endpoints.WebSocket("a", new SessionToken("t+1", default)).AbsoluteUri);
    }

    [Theory]
    [InlineData("session-tokens", "http://h/v1/console/session-tokens")]
    [InlineData("/v1/auth/session-token", "http://h/v1/auth/session-token")]
    public void Endpoints_TokenPath_IsBelowTheConsoleOrTheRoot(string path, string expected) =>
        Assert.Equal(expected, new Endpoints(new MotionServerOptions { ConsoleUrl = new Uri("http://h/v1/console/"), TokenPath = path }, "us-west").Token.AbsoluteUri);

    [Theory]
    [InlineData(12000)]
    [InlineData(0)]
    public void MotionAudioFormat_UnsupportedRate_Throws(int rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MotionAudioFormat(rate));

    [Fact]
    public void RequestIds_Create_IsTimeAndTwelveUrlSafeCharacters()
    {
        string[] ids = [.. Enumerable.Range(0, 100).Select(_ => RequestIds.Create(new FixedClock(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(-1)))))];

        Assert.All(ids, id => Assert.Matches("^20260203050506_[A-Za-z0-9_-]{12}$", id));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
    }
}
