using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MotionGateway.Testing;

namespace MotionGateway.Hosting.Tests.Tls;

public sealed class TlsOptionsRulesTests : IDisposable
{
    private const string Url = "https://127.0.0.1:0";

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void FindProblems_CertificateOfThisMachine_FindsNone()
    {
        var server = _authority.IssueServer();
        var tls = new TlsOptions
        {
            CertificateFile = server.Certificate,
            KeyFile = server.Key,
            ClientCaFile = _authority.RootFile,
            RequireClientCertificate = true,
        };

        Assert.Empty(TlsOptionsRules.FindProblems(Url, tls));
    }

    [Fact]
    public void FindProblems_CertificateAndKeyInOneFile_FindsNone()
    {
        var server = _authority.IssueServer();
        File.AppendAllText(server.Certificate, "\n" + File.ReadAllText(server.Key));

        Assert.Empty(TlsOptionsRules.FindProblems(Url, new TlsOptions { CertificateFile = server.Certificate }));
    }

    [Theory]
    [InlineData("right", "right\n")]
    [InlineData(null, null)]
    public void FindProblems_PfxWithItsPassword_FindsNone(string? password, string? passwordFile) =>
        Assert.Empty(TlsOptionsRules.FindProblems(Url, WritePfx(password, passwordFile)));

    [Fact]
    public void FindProblems_PfxWithAnotherPassword_NamesBothAndKeepsTheSecret()
    {
        string problem = Assert.Single(TlsOptionsRules.FindProblems(Url, WritePfx("right", "wrong")));

        Assert.StartsWith("Tls:PfxFile: ", problem, StringComparison.Ordinal);
        Assert.Contains("PfxPasswordFile", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void FindProblems_HttpsWithoutACertificate_NamesTheAddressAndTheRemedy()
    {
        string problem = Assert.Single(TlsOptionsRules.FindProblems("http://127.0.0.1:1;HTTPS://127.0.0.1:2", tls: null));

        Assert.Contains("'HTTPS://127.0.0.1:2'", problem, StringComparison.Ordinal);
        Assert.Contains("Tls:CertificateFile", problem, StringComparison.Ordinal);
    }

    // Who has set a certificate would take what is served for encrypted.
    [Fact]
    public void FindProblems_CertificateAndNoHttps_IsAProblem()
    {
        var server = _authority.IssueServer();

        string problem = Assert.Single(
            TlsOptionsRules.FindProblems("http://127.0.0.1:0", new TlsOptions { CertificateFile = server.Certificate, KeyFile = server.Key }));

        Assert.Contains("write https://", problem, StringComparison.Ordinal);
    }

    public static TheoryData<string, string[]> Wrong => new()
    {
        { "nothing", ["Tls:CertificateFile is empty"] },
        { "missing files", ["Tls:CertificateFile: ", "Tls:ClientCaFile: "] },
        { "no certificate", ["Tls:CertificateFile: ", "-----BEGIN CERTIFICATE-----"] },
        { "missing key", ["Tls:KeyFile: ", "Could not find"] },
        { "no key", ["Tls:CertificateFile: ", "no key that fits"] },
        { "another's key", ["Tls:KeyFile: ", "no key that fits"] },
        { "a key of another kind", ["Tls:KeyFile: ", "no key that fits"] },
        { "ended", ["Tls:CertificateFile: ", "ended on"] },
        { "not for servers", ["Tls:CertificateFile: ", "serverAuth"] },
        { "both forms", ["Tls:PfxFile and CertificateFile"] },
        { "clients of nobody", ["Tls:ClientCaFile is empty"] },
        { "an authority that is none", ["Tls:ClientCaFile: ", "holds no certificate"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void FindProblems_WrongFiles_AreToldBySettingEach(string what, string[] told)
    {
        string[] problems = [.. TlsOptionsRules.FindProblems(Url, Make(what))];

        Assert.All(told, text => Assert.Contains(problems, problem => problem.Contains(text, StringComparison.Ordinal)));
        Assert.Equal(told.Count(text => text.StartsWith("Tls:", StringComparison.Ordinal)), problems.Length);
    }

    [Fact]
    public void FindProblems_ClientsFiles_AreToldBySettingEach()
    {
        var server = _authority.IssueServer();
        var tls = new ClientTlsOptions { CaFile = server.Key, CertificateFile = server.Certificate, KeyFile = server.Key };

        string[] problems = [.. TlsOptionsRules.FindProblems(tls)];

        Assert.Equal(2, problems.Length);
        Assert.StartsWith("CaFile: ", problems[0], StringComparison.Ordinal);
        Assert.Contains("clientAuth", problems[1], StringComparison.Ordinal);
    }

    private TlsOptions Make(string what)
    {
        var server = _authority.IssueServer();
        var (client, ended) = (_authority.IssueClient(), _authority.IssueServer(end: DateTimeOffset.UtcNow.AddMinutes(-1)));
        return what switch
        {
            "nothing" => new TlsOptions(),
            "missing files" => new TlsOptions { CertificateFile = "/nowhere/server.pem", KeyFile = server.Key, ClientCaFile = "/nowhere/ca.pem" },
            "no certificate" => new TlsOptions { CertificateFile = server.Key, KeyFile = server.Key },
            "missing key" => new TlsOptions { CertificateFile = server.Certificate, KeyFile = "/nowhere/server.key" },
            "no key" => new TlsOptions { CertificateFile = server.Certificate },
            "another's key" => new TlsOptions { CertificateFile = server.Certificate, KeyFile = client.Key },
            "a key of another kind" => new TlsOptions { CertificateFile = server.Certificate, KeyFile = WriteRsaKey() },
            "ended" => new TlsOptions { CertificateFile = ended.Certificate, KeyFile = ended.Key },
            "not for servers" => new TlsOptions { CertificateFile = client.Certificate, KeyFile = client.Key },
            "both forms" => new TlsOptions { CertificateFile = server.Certificate, KeyFile = server.Key, PfxFile = server.Key },
            "clients of nobody" => new TlsOptions { CertificateFile = server.Certificate, KeyFile = server.Key, RequireClientCertificate = true },
            _ => new TlsOptions { CertificateFile = server.Certificate, KeyFile = server.Key, ClientCaFile = server.Key },
        };
    }

    private string WriteRsaKey()
    {
        using var key = RSA.Create(2048);
        string file = _authority.PathTo("rsa.key");
        File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem());
        return file;
    }

    private TlsOptions WritePfx(string? password, string? passwordFile)
    {
        var server = _authority.IssueServer();
        using var certificate = X509Certificate2.CreateFromPemFile(server.Certificate, server.Key);
        var tls = new TlsOptions { PfxFile = _authority.PathTo("server.pfx") };
        File.WriteAllBytes(tls.PfxFile, certificate.Export(X509ContentType.Pkcs12, password));
        if (passwordFile is not null)
        {
            tls.PfxPasswordFile = _authority.PathTo("password");
            File.WriteAllText(tls.PfxPasswordFile, passwordFile);
        }

        return tls;
    }
}
