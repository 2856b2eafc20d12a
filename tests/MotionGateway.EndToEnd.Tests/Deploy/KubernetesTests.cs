using System.Globalization;
using MotionGateway.Testing;
using YamlDotNet.RepresentationModel;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>What must agree in deploy/kubernetes, where no cluster is there to find out.</summary>
public sealed class KubernetesTests
{
    private const string Name = "app.kubernetes.io/name";

    private static readonly string[] Base = ["kubernetes", "base"];
    private static readonly string[] Probes = ["startupProbe", "readinessProbe", "livenessProbe"];

    private static IReadOnlyList<YamlNode> Resources { get; } =
        [.. YamlFile.Read([.. Base, "kustomization.yaml"])[0].List("resources").SelectMany(file => YamlFile.Read([.. Base, file.ToString()]))];

    private static YamlNode Overlay { get; } = YamlFile.Read("kubernetes", "overlays", "example", "kustomization.yaml")[0];

    public static TheoryData<string, string> Services => new() { { "gateway", "Gateway" }, { "relay", "Relay" } };

    [Fact]
    public void Resources_AsListed_AreAllThatAreThere()
    {
        string[] files = [.. Directory.GetFiles(RepositoryRoot.PathTo(["deploy", .. Base])).Select(Path.GetFileName).OfType<string>()];
        var kustomization = YamlFile.Read([.. Base, "kustomization.yaml"])[0];
        var named = kustomization.List("resources").Concat(kustomization.Everywhere("files").SelectMany(list => list.AllNodes.Skip(1))).Select(node => node.ToString());

        Assert.Equal(files.Where(file => file != "kustomization.yaml").Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        Assert.All(Resources, resource => Assert.NotEqual("", resource.Text("apiVersion") + resource.Text("kind")));
        Assert.All(Overlay.List("resources"), path => Assert.True(Directory.Exists(RepositoryRoot.PathTo("deploy", "kubernetes", "overlays", "example", path.ToString()))));
    }

    [Fact]
    public void Selectors_OfEveryKind_MatchPods()
    {
        var pods = All("Deployment").Select(deployment => deployment.Text("spec", "template", "metadata", "labels", Name)).ToHashSet();
        var selected = Resources.SelectMany(resource => resource.AllNodes.OfType<YamlMappingNode>()).Select(node => node.Text(Name)).Where(name => name != "");
        var monitored = Resources.SelectMany(resource => resource.Everywhere("values")).SelectMany(values => values.AllNodes.Skip(1)).Select(value => value.ToString());

        Assert.Equal(2, pods.Count);
        Assert.Equal(pods, selected.ToHashSet());
        Assert.Equal(pods, monitored.ToHashSet());
        Assert.All(All("HorizontalPodAutoscaler"), scaler => Assert.Contains(scaler.Text("spec", "scaleTargetRef", "name"), pods));
        Assert.All(All("PodDisruptionBudget").Concat(All("Service")), kind => Assert.Contains(kind.Text("metadata", "name"), pods));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Ports_OfServicesProbesAndPolicies_AreThoseOfTheSettings(string name, string service)
    {
        var container = Container(name);
        var ports = container.List("ports").ToDictionary(port => port.Text("name"), port => int.Parse(port.Text("containerPort"), CultureInfo.InvariantCulture));
        string[] probed = [.. Probes.Select(probe => container.Find(probe)!.Everywhere("port").Single().ToString())];
        var served = One("Service", name).List("spec", "ports");
        var admitted = One("NetworkPolicy", name).List("spec", "ingress").SelectMany(rule => rule.List("ports")).Select(port => port.Text("port"));

        Assert.Equal(SettingsOf.Read(service, [.. Base, $"{name}.json"]).Ports.Order(), ports.Values.Order());
        Assert.All(probed, port => Assert.True(ports.ContainsKey(port) || ports.ContainsValue(int.Parse(port, CultureInfo.InvariantCulture))));
        Assert.All(served, port => Assert.Equal(port.Text("port"), $"{ports[port.Text("targetPort")]}"));
        Assert.All(admitted, port => Assert.Contains(port, ports.Keys));
        Assert.Contains(Resources.SelectMany(resource => resource.Everywhere("endpoints")).SelectMany(list => list.Everywhere("port")), port => ports.ContainsKey(port.ToString()));
    }

    [Fact]
    public void RelayPolicy_Egress_ReachesThePortOfTheGatewayThatItIsConfiguredWith()
    {
        var gateway = new Uri(SettingsOf.Read("Relay", [.. Base, "relay.json"]).Text("GatewayAddress"));
        var served = One("Service", "gateway").List("spec", "ports").Single(port => port.Text("port") == $"{gateway.Port}");
        var reached = One("NetworkPolicy", "relay").List("spec", "egress").SelectMany(rule => rule.List("ports")).Select(port => port.Text("port"));

        Assert.Equal(One("Service", "gateway").Text("metadata", "name"), gateway.Host);
        Assert.Contains(served.Text("targetPort"), reached);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Grace_OfAPod_IsLongerThanItsDrain(string name, string service)
    {
        var pod = One("Deployment", name).Find("spec", "template", "spec")!;
        var grace = TimeSpan.FromSeconds(int.Parse(pod.Text("terminationGracePeriodSeconds"), CultureInfo.InvariantCulture));
        var pause = TimeSpan.FromSeconds(int.Parse(Container(name).Text("lifecycle", "preStop", "sleep", "seconds"), CultureInfo.InvariantCulture));
        var shutdown = SettingsOf.Read(service, [.. Base, $"{name}.json"]).ShutdownGrace;
        var drain = name == "gateway" ? DrainTimes.OfGateway(shutdown) : DrainTimes.OfRelay(shutdown);

        Assert.True(grace >= pause + drain + TimeSpan.FromSeconds(5), $"{grace} is too little for {pause} and {drain}.");
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Files_NamedBySettings_AreMountedFromWhatTheOverlayMakes(string name, string service)
    {
        var pod = One("Deployment", name).Find("spec", "template", "spec")!;
        var mounts = Container(name).List("volumeMounts").ToDictionary(mount => mount.Text("mountPath"), mount => mount.Text("name"));
        var made = Overlay.List("secretGenerator").ToDictionary(secret => secret.Text("name"), secret => secret.List("files").Select(file => Path.GetFileName(file.ToString())).ToHashSet());
        Assert.Empty(mounts.Values.Except(pod.List("volumes").Select(volume => volume.Text("name"))));

        foreach (string path in SettingsOf.Read(service, [.. Base, $"{name}.json"]).Paths)
        {
            string volume = mounts[Path.GetDirectoryName(path)!];
            string secret = pod.List("volumes").Single(candidate => candidate.Text("name") == volume).Text("secret", "secretName");
            Assert.Contains(Path.GetFileName(path), made[secret]);
        }

        Assert.Empty(Container(name).Everywhere("secretKeyRef").Select(reference => reference.Text("name")).Except(made.Keys));
        Assert.Contains(Container(name).Text("image"), Overlay.List("images").Select(image => image.Text("name")));
    }

    [Fact]
    public void Pods_All_RunWithoutRootOnAReadOnlyFileSystem() => Assert.All(All("Deployment"), deployment =>
    {
        var pod = deployment.Find("spec", "template", "spec")!;
        var container = pod.List("containers").Single();

        Assert.Equal("true", pod.Text("securityContext", "runAsNonRoot"));
        Assert.Equal("RuntimeDefault", pod.Text("securityContext", "seccompProfile", "type"));
        Assert.Equal("false", pod.Text("automountServiceAccountToken"));
        Assert.Equal("true", container.Text("securityContext", "readOnlyRootFilesystem"));
        Assert.Equal(["ALL"], container.List("securityContext", "capabilities", "drop").Select(capability => capability.ToString()));
    });

    private static YamlNode Container(string name) => One("Deployment", name).List("spec", "template", "spec", "containers").Single();

    private static YamlNode One(string kind, string name) => All(kind).Single(resource => resource.Text("metadata", "name") == $"motiongateway-{name}");

    private static IEnumerable<YamlNode> All(string kind) => Resources.Where(resource => resource.Text("kind") == kind);
}
