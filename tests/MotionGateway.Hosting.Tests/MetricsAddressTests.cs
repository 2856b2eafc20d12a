namespace MotionGateway.Hosting.Tests;

public sealed class MetricsAddressTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:9464")]
    [InlineData("http://localhost:0")]
    [InlineData("http://[::1]:9464/")]
    [InlineData("http://10.1.2.3:9464")]
    [InlineData("http://0.0.0.0:9464")]
    public void FindProblems_AddressThatSaysWhomItLetsIn_FindsNone(string? url) => Assert.Empty(MetricsAddress.FindProblems(url));

    // A name or a star would be listened on at every interface.
    [Theory]
    [InlineData("")]
    [InlineData("9464")]
    [InlineData("https://127.0.0.1:9464")]
    [InlineData("http://*:9464")]
    [InlineData("http://metrics.example:9464")]
    [InlineData("http://127.0.0.1:9464/other")]
    [InlineData("http://127.0.0.1:9464;http://0.0.0.0:9464")]
    [InlineData("http://user:password@127.0.0.1:9464")]
    public void FindProblems_Other_NamesTheSettingAndTheRemedy(string url)
    {
        string problem = Assert.Single(MetricsAddress.FindProblems(url));

        Assert.StartsWith("MetricsUrl must be http at an IP address or localhost, such as http://127.0.0.1:9464", problem, StringComparison.Ordinal);
    }
}
