using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>Clients of other makers, at a gateway that does TLS and wants to see their certificates.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "Interop")]
public sealed class TlsClientsTests(RunningServices services) : IDisposable
{
    private const string Buf = "tests/MotionGateway.Interop.Tests/node/node_modules/.bin/buf";

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [RequiresToolFact(PythonScripts.Grpc, PythonScripts.Remedy)]
    public async Task Python_ByItsCertificate_SpeaksAndNobodyElseDoes()
    {
        var client = _authority.IssueClient();
        var gateway = await StartGatewayAsync("Gateway:Tls:RequireClientCertificate=true", $"Gateway:Tls:ClientCaFile={_authority.RootFile}");

        var lines = await PythonScripts.RunAsync("tls.py", gateway, Clip.FilePath, _authority.RootFile, client.Certificate, client.Key);

        Assert.Equal(["ok certificate", "ok no certificate", "ok another authority"], lines);
    }

    [RequiresToolFact(Buf, "run npm ci in tests/MotionGateway.Interop.Tests/node")]
    public async Task BufCurl_ThatBelievesTheAuthority_ListsMethods()
    {
        var gateway = await StartGatewayAsync();

        var methods = await ChildProcess.RunAsync(
            RepositoryRoot.PathTo(Buf.Split('/')),
            ["curl", "--cacert", _authority.RootFile, "--protocol", "grpc", "--list-methods", gateway.GetLeftPart(UriPartial.Authority)]);

        Assert.Contains("motiongateway.v1.SpeechService/Speak", methods);
    }

    private Task<Uri> StartGatewayAsync(params string[] settings)
    {
        var server = _authority.IssueServer();
        return services.StartGatewayAsync(
            url: "https://127.0.0.1:0",
            settings: [$"Gateway:Tls:CertificateFile={server.Certificate}", $"Gateway:Tls:KeyFile={server.Key}", .. settings]);
    }
}
