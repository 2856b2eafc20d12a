namespace MotionGateway.MotionServer.Tests;

public sealed class MotionServerOptionsTests
{
    [Fact]
    public void Validate_Defaults_NamesOnlyTheCredentials() =>
        Assert.Equal(["AppId is required.", "ApiKey is required."], new MotionServerOptions().Validate());

    [Fact]
    public void Defaults_AreTheDocumentedOnes()
    {
        MotionServerOptions options = new();

        Assert.Equal(
            (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20)),
            (options.StepTimeout, options.SendTimeout, options.KeepAliveInterval, options.KeepAliveTimeout));
        Assert.Equal(
            (TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), false),
            (options.TokenLifetime, options.CloseTimeout, options.MotionTimeout, options.EndInsteadOfInterrupt));
        Assert.Equal((4 * 1024 * 1024, 4L * 1024 * 1024), (options.MaxMessageBytes, options.ReceiveBufferBytes));
        Assert.Equal(("auto", "session-tokens", AuthPlacement.Headers), (options.Region, options.TokenPath, options.Auth));
        Assert.Equal((0, true), (options.TokensAhead, options.PropagateTraceContext));
        Assert.Empty(options.FallbackRegions);
    }

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
            BootstrapUrl = new Uri("ws://a"),
            FallbackRegions = ["nowhere"],
            RegionEndpoints = { ["us-west"] = new MotionServerEndpoints { IngressUrl = new Uri("ftp://a") } },
            CloseTimeout = TimeSpan.Zero,
            MotionTimeout = TimeSpan.FromHours(2),
            TokensAhead = 17,
        };

        IEnumerable<string> named = options.Validate().Select(problem => problem.Split(' ')[0]);

        Assert.Equal(
            [
                "ApiKey", "AppId", "Auth", "BootstrapUrl", "CloseTimeout", "ConsoleUrl", "FallbackRegions", "KeepAliveInterval", "KeepAliveTimeout", "MaxMessageBytes",
                "MotionTimeout", "ReceiveBufferBytes", "Region", "RegionEndpoints:us-west:IngressUrl", "SendTimeout", "StepTimeout", "TokenLifetime",
                "TokenPath", "TokensAhead",
            ],
            named.Distinct().Order());
        Assert.DoesNotContain("line", string.Concat(options.Validate()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("us-west", true)]
    [InlineData("cn-north-2", true)]
    [InlineData("auto", true)]
    [InlineData("west", false)]
    [InlineData("us-west\n", false)]
    [InlineData("Us-West", false)]
    [InlineData("us-west.evil.example", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Validate_Region_IsANameOrAuto(string? region, bool isValid) =>
        Assert.Equal(isValid, Problems(options => options.Region = region!).Count == 0);

    [Theory]
    [InlineData("ap-northeast;eu-central", true)]
    [InlineData("us-west", false)]
    [InlineData("auto", false)]
    [InlineData("ap-northeast;ap-northeast", false)]
    [InlineData("a-1;a-2;a-3;a-4;a-5;a-6;a-7;a-8", true)]
    [InlineData("a-1;a-2;a-3;a-4;a-5;a-6;a-7;a-8;a-9", false)]
    public void Validate_FallbackRegions_AreOtherNamesOnceEach(string regions, bool isValid) =>
        Assert.Equal(isValid, Problems(options => (options.Region, options.FallbackRegions) = ("us-west", regions.Split(';'))).Count == 0);

    [Fact]
    public void Validate_FallbackRegionsWithAnExplicitUrl_NamesTheWayOut() =>
        Assert.Contains("RegionEndpoints", Assert.Single(Problems(options =>
        {
            options.FallbackRegions = ["ap-northeast"];
            options.ConsoleUrl = new Uri("http://console");
        })), StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 59, false)]
    [InlineData(0, 59, true)]
    [InlineData(16, 60, true)]
    public void Validate_KeptTokens_LiveLongEnough(int ahead, int seconds, bool isValid) => Assert.Equal(
        isValid, Problems(options => (options.TokensAhead, options.TokenLifetime) = (ahead, TimeSpan.FromSeconds(seconds))).Count == 0);

    [Fact]
    public void Validate_NullCollections_AreNamed()
    {
        MotionServerOptions options = new() { AppId = "a", ApiKey = "k", FallbackRegions = null!, RegionEndpoints = null!, BootstrapUrl = null! };

        Assert.Equal(["BootstrapUrl", "FallbackRegions", "RegionEndpoints"], options.Validate().Select(problem => problem.Split(' ')[0]).Order());
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
    [InlineData("us-west", "http://own/console/session-tokens", "ws://own/ingress/websocket?id=a", "http://own/")]
    [InlineData("ap-northeast", "https://console.ap-northeast.spatius.ai/v1/console/session-tokens", "wss://half:8/websocket?id=a", "https://half:8/")]
    [InlineData("eu-central", "https://console.eu-central.spatius.ai/v1/console/session-tokens", "wss://api.eu-central.spatius.ai/v2/driveningress/websocket?id=a", "https://api.eu-central.spatius.ai/")]
    public void Endpoints_RegionEndpoints_WinOverTheDerived(string region, string token, string ingress, string root)
    {
        MotionServerOptions options = new()
        {
            RegionEndpoints =
            {
                ["us-west"] = new MotionServerEndpoints { ConsoleUrl = new Uri("http://own/console"), IngressUrl = new Uri("http://own/ingress") },
                ["ap-northeast"] = new MotionServerEndpoints { IngressUrl = new Uri("https://half:8") },
            },
        };

        Endpoints endpoints = new(options, region);

        Assert.Equal((token, ingress, root), (endpoints.Token.AbsoluteUri, endpoints.WebSocket("a", new SessionToken("t", default)).AbsoluteUri, endpoints.IngressRoot.AbsoluteUri));
        options.ConsoleUrl = new Uri("http://explicit");
        Assert.Equal("http://explicit/session-tokens", new Endpoints(options, region).Token.AbsoluteUri);
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

    [Theory]
    [InlineData(0, true)]
    [InlineData(500, true)]
    [InlineData(512_000, true)]
    [InlineData(-1, false)]
    [InlineData(7, false)]
    [InlineData(499, false)]
    [InlineData(512_001, false)]
    [InlineData(99_000_000, false)]
    public void OggOpus_Bitrate_IsAutomaticOrWithinItsRange(int bitrate, bool isTaken)
    {
        Exception? refused = Record.Exception(() => Assert.Equal(bitrate, MotionAudioFormat.OggOpus(16000, bitrate).Bitrate));

        Assert.Equal(isTaken ? null : "bitrate", (refused as ArgumentOutOfRangeException)?.ParamName);
    }

    [Fact]
    public void RequestIds_Create_IsTimeAndTwelveUrlSafeCharacters()
    {
        string[] ids = [.. Enumerable.Range(0, 100).Select(_ => RequestIds.Create(new FixedClock(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(-1)))))];

        Assert.All(ids, id => Assert.Matches("^20260203050506_[A-Za-z0-9_-]{12}$", id));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    private static IReadOnlyList<string> Problems(Action<MotionServerOptions> change)
    {
        MotionServerOptions options = new() { AppId = "a", ApiKey = "k" };
        change(options);
        return options.Validate();
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
    }
}
