using System.Globalization;
using MotionGateway.EdgeRelay;
using MotionGateway.Gateway;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>What can be told of deploy/envoy/envoy.yaml where no Envoy runs.</summary>
public sealed class EnvoyTests
{
    private static YamlDotNet.RepresentationModel.YamlNode Envoy { get; } = YamlFile.Read("envoy", "envoy.yaml")[0];

    [Fact]
    public void Routes_All_HaveNoTimeLimitAndNoRetry()
    {
        var routes = Envoy.Everywhere("route").ToList();

        Assert.NotEmpty(routes);
        Assert.All(routes, route => Assert.Equal("0s", route.Text("timeout")));
        Assert.Empty(Envoy.Everywhere("retry_policy"));
    }

    [Fact]
    public void IdleLimits_All_AreLongerThanTheSilenceThatTheServicesAllow()
    {
        var longest = new[] { new GatewayOptions().HeartbeatTimeout, new EdgeRelayOptions().PeerTimeout }.Max();
        var limits = Envoy.Everywhere("stream_idle_timeout").Select(limit => TimeSpan.FromSeconds(double.Parse(limit.ToString().TrimEnd('s'), CultureInfo.InvariantCulture))).ToList();

        Assert.Equal(2, limits.Count);
        Assert.All(limits, limit => Assert.True(limit > longest));
    }

    [Fact]
    public void Clusters_All_AreThereAndReachTheDefaultAddresses()
    {
        var clusters = Envoy.List("static_resources", "clusters").ToDictionary(cluster => cluster.Text("name"));

        Assert.Equal(clusters.Keys.Order(StringComparer.Ordinal), Envoy.Everywhere("cluster").Select(name => name.ToString()).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains($"{new Uri(new GatewayOptions().Urls).Port}", clusters["gateway"].Everywhere("port_value").Select(port => port.ToString()));
        Assert.Contains($"{new Uri(new EdgeRelayOptions().Urls).Port}", clusters["relay"].Everywhere("port_value").Select(port => port.ToString()));
        Assert.NotNull(clusters["gateway"].Everywhere("http2_protocol_options").Single());
    }
}
