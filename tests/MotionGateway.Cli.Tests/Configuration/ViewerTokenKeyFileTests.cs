using System.Security.Cryptography;
using MotionGateway.Cli.Configuration;

namespace MotionGateway.Cli.Tests.Configuration;

public sealed class ViewerTokenKeyFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-key-");

    private string KeyFile => Path.Combine(_directory.FullName, "viewer.pem");

    [Theory]
    [InlineData("empty")]
    [InlineData("no PEM")]
    [InlineData("public")]
    [InlineData("other curve")]
    [InlineData("larger curve")]
    [InlineData("RSA")]
    public void ReadGateway_KeyFileOfAWrongKind_IsRefused(string kind)
    {
        File.WriteAllText(KeyFile, kind switch
        {
            "empty" => "",
            "no PEM" => "secret-text",
            "public" => WithKey(ECCurve.NamedCurves.nistP256, key => key.ExportSubjectPublicKeyInfoPem()),
            "other curve" => WithKey(ECCurve.NamedCurves.brainpoolP256r1, key => key.ExportPkcs8PrivateKeyPem()),
            "larger curve" => WithKey(ECCurve.NamedCurves.nistP384, key => key.ExportPkcs8PrivateKeyPem()),
            _ => RsaKey(),
        });

        string problem = Assert.Single(Problems());

        Assert.StartsWith($"Gateway:ViewerTokenKeyFile: {KeyFile} does not hold an EC P-256 private key", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-text", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadGateway_KeyFileThatIsADirectory_IsRefused()
    {
        Directory.CreateDirectory(KeyFile);

        Assert.StartsWith("Gateway:ViewerTokenKeyFile: ", Assert.Single(Problems()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReadGateway_RightKey_IsTaken(bool isPkcs8)
    {
        File.WriteAllText(KeyFile, WithKey(ECCurve.NamedCurves.nistP256, key => isPkcs8 ? key.ExportPkcs8PrivateKeyPem() : key.ExportECPrivateKeyPem()));

        Assert.Empty(Problems());
    }

    [Fact]
    public void ReadGateway_KeyFileThatIsNotThereYet_IsLeftToTheStart()
    {
        Assert.Empty(Problems());
        Assert.False(File.Exists(KeyFile));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string WithKey(ECCurve curve, Func<ECDsa, string> export)
    {
        using var key = ECDsa.Create(curve);
        return export(key);
    }

    private static string RsaKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private IReadOnlyList<string> Problems()
    {
        var sources = new SettingsSources { Directory = _directory.FullName, EnvironmentName = "Development" };
        sources.Set("Gateway:ViewerTokenKeyFile", KeyFile);
        return ServiceSettings.Read(ServiceSettings.GatewaySection, sources).Problems;
    }
}
