using Microsoft.Extensions.Options;
using MotionGateway.MotionServer;

namespace MotionGateway.Gateway.Tests;

public sealed class CallersOptionsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-callers-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void BeyondLoopback_OnlyWhereCallersAreKnown()
    {
        const string everywhere = "http://0.0.0.0:50051";
        string keys = Write("keys.jsonl", "");

        Assert.Contains("callers are not authenticated", Assert.Single(FindProblems(new(), everywhere)), StringComparison.Ordinal);
        Assert.Empty(FindProblems(new() { ApiKeysFile = keys }, everywhere));
    }

    [Fact]
    public void Problems_AreAllToldWithPathAndRemedy()
    {
        var certificates = new CertificateCallerOptions { CaFile = Write("ca.pem", "nothing") };
        certificates.Rules["both"] = new() { Subject = "CN=a", San = "a", Scopes = { "read" } };
        certificates.Rules["none"] = new() { Scopes = { "raed" } };
        certificates.Rules["no-name"] = new() { Subject = "operator", Scopes = { "read" }, Limits = new() { MaxSessions = 0 } };
        certificates.Rules["all"] = new() { San = "*", Scopes = { "read" } };
        var problems = FindProblems(new CallersOptions
        {
            ApiKeysFile = Path.Combine(_directory.FullName, "missing.jsonl"),
            Jwt = new() { KeyFile = Write("key.pem", "nothing"), ClockSkew = TimeSpan.FromHours(1) },
            Certificates = certificates,
            DefaultLimits = new() { OpensPerSecond = 0 },
        });

        string[] expected =
        [
            "Callers:ApiKeysFile:", "Callers:Jwt:Issuer", "Callers:Jwt:Audience", "Callers:Jwt:ClockSkew", "Callers:Jwt:KeyFile:",
            "Callers:Certificates:CaFile:", "Callers:Certificates:Rules:both:Subject", "Callers:Certificates:Rules:none:Subject",
            "Callers:Certificates:Rules:none:Scopes:", "Callers:Certificates:Rules:no-name:Subject",
            "Callers:Certificates:Rules:no-name:Limits:MaxSessions", "Callers:Certificates:Rules:all:Subject", "Callers:DefaultLimits:OpensPerSecond",
        ];
        Assert.Equal(expected.Length, problems.Count);
        Assert.All(expected, path => Assert.Single(problems, problem => problem.StartsWith(path, StringComparison.Ordinal)));
        Assert.Contains("'motiongateway keys create'", problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://issuer.example/jwks", "https")]
    [InlineData("ftp://127.0.0.1/jwks", "https")]
    [InlineData(null, "exactly one")]
    public void JwksUrl_ThatAnybodyCouldChange_IsRefused(string? url, string why)
    {
        var jwt = new JwtCallerOptions { Issuer = "i", Audience = "a", JwksUrl = url is null ? null : new Uri(url) };

        Assert.Contains(why, Assert.Single(FindProblems(new() { Jwt = jwt })), StringComparison.Ordinal);
    }

    [Fact]
    public void KeyFile_ThatHoldsThePrivateKey_IsRefused()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var jwt = new JwtCallerOptions { Issuer = "i", Audience = "a", KeyFile = Write("key.pem", key.ExportPkcs8PrivateKeyPem()) };

        Assert.Contains("no public key", Assert.Single(FindProblems(new() { Jwt = jwt })), StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static IReadOnlyList<string> FindProblems(CallersOptions callers, string urls = "http://127.0.0.1:0")
    {
        var options = new GatewayOptions
        {
            Urls = urls,
            MotionServer = new MotionServerOptions { AppId = "app", ApiKey = "key" },
            Callers = callers,
        };
        return [.. new GatewayOptionsValidator().Validate(null, options) is ValidateOptionsResult { Failed: true } result ? result.Failures : []];
    }
}
