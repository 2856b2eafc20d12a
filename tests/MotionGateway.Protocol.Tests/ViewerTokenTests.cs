using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MotionGateway.Protocol.Tests;

public sealed class ViewerTokenTests : IDisposable
{
    private readonly MovableClock _clock = new();
    private readonly ViewerTokenSigner _signer;
    private readonly ViewerTokenVerifier _verifier;

    public ViewerTokenTests()
    {
        _signer = ViewerTokenSigner.CreateInMemory(_clock);
        _verifier = new ViewerTokenVerifier(_signer.GetJwks(), _clock);
    }

    [Fact]
    public async Task Verify_IssuedToken_TellsTheViewer()
    {
        var issued = _signer.Issue("s1", "ann", ViewerPermissions.Interrupt | ViewerPermissions.Talk, TimeSpan.FromMinutes(5));

        var viewer = await _verifier.VerifyAsync(issued.Token, "s1");

        Assert.Equal(new ViewerIdentity("ann", "s1", ViewerPermissions.Interrupt | ViewerPermissions.Talk, issued.ExpireTime), viewer);
        Assert.Equal(_clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(), issued.ExpireTime.ToUnixTimeSeconds());
        Assert.DoesNotContain(issued.Token, issued.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Issue_Token_HasTheClaimsOfTheSpecification()
    {
        var token = new JsonWebToken(_signer.Issue("s1", "ann", ViewerPermissions.Talk, TimeSpan.FromMinutes(5)).Token);

        Assert.Equal("ES256", token.Alg);
        Assert.Equal("motiongateway", token.Issuer);
        Assert.Equal(["motiongateway.feed"], token.Audiences);
        Assert.Equal("ann", token.Subject);
        Assert.Equal("s1", token.GetPayloadValue<string>("sid"));
        Assert.Equal(["talk"], token.GetPayloadValue<string[]>("perm"));
        Assert.NotEmpty(token.Id);
    }

    [Theory]
    [InlineData(ViewerPermissions.None)]
    [InlineData(ViewerPermissions.Talk)]
    [InlineData(ViewerPermissions.Interrupt)]
    public async Task Verify_Permissions_AreThoseIssued(ViewerPermissions permissions)
    {
        string token = _signer.Issue("s1", "ann", permissions, TimeSpan.FromMinutes(5)).Token;

        Assert.Equal(permissions, (await _verifier.VerifyAsync(token, "s1"))?.Permissions);
    }

    [Fact]
    public async Task Verify_TokenThatHasExpired_IsNull()
    {
        string token = _signer.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token;
        _clock.Now += TimeSpan.FromSeconds(63);
        Assert.NotNull(await _verifier.VerifyAsync(token, "s1"));

        _clock.Now += TimeSpan.FromSeconds(5);
        Assert.Null(await _verifier.VerifyAsync(token, "s1"));
    }

    [Fact]
    public async Task Verify_TokenThatDoesNotFit_IsNull()
    {
        string good = _signer.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token;
        string[] parts = good.Split('.');
        using var other = ViewerTokenSigner.CreateInMemory(_clock);

        Assert.Null(await _verifier.VerifyAsync(good, "s2"));
        Assert.Null(await _verifier.VerifyAsync("", "s1"));
        Assert.Null(await _verifier.VerifyAsync("a.b.c", "s1"));
        Assert.Null(await _verifier.VerifyAsync(new string('x', 100_000), "s1"));
        Assert.Null(await _verifier.VerifyAsync($"{parts[0]}.{parts[1]}.", "s1"));
        Assert.Null(await _verifier.VerifyAsync(other.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token, "s1"));
        Assert.NotNull(await _verifier.VerifyAsync(good, "s1"));
    }

    // The public key must not be taken for an HMAC secret, nor another audience or issuer for this one.
    [Theory]
    [InlineData("HS256", "motiongateway", "motiongateway.feed", true)]
    [InlineData("ES256", "somebody", "motiongateway.feed", true)]
    [InlineData("ES256", "motiongateway", "motiongateway.speech", true)]
    [InlineData("ES256", "motiongateway", "motiongateway.feed", false)]
    public async Task Verify_ForgedWithARightKey_IsNull(string algorithm, string issuer, string audience, bool expires)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        string jwks = JsonSerializer.Serialize(new
        {
            keys = new[]
            {
                new { kty = "EC", crv = "P-256", x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y), kid = "k" },
            },
        });
        SecurityKey signingKey = algorithm == "ES256"
            ? new ECDsaSecurityKey(key) { KeyId = "k" }
            : new SymmetricSecurityKey(Encoding.UTF8.GetBytes(jwks)) { KeyId = "k" };
        var claims = new Dictionary<string, object> { ["iss"] = issuer, ["aud"] = audience, ["sub"] = "ann", ["sid"] = "s1" };
        if (expires)
        {
            claims["exp"] = _clock.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds();
        }

        string token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor { Claims = claims, SigningCredentials = new SigningCredentials(signingKey, algorithm) });

        Assert.Null(await new ViewerTokenVerifier(jwks, _clock).VerifyAsync(token, "s1"));
    }

    [Fact]
    public void HasKeyOf_TokenOfAnotherKey_IsFalse()
    {
        using var other = ViewerTokenSigner.CreateInMemory(_clock);

        Assert.True(_verifier.HasKeyOf(_signer.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token));
        Assert.True(_verifier.HasKeyOf("nonsense"));
        Assert.False(_verifier.HasKeyOf(other.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token));
    }

    [Fact]
    public void GetJwks_Key_HoldsNoPrivatePart()
    {
        var key = Assert.Single(new JsonWebKeySet(_signer.GetJwks()).Keys);

        Assert.False(key.HasPrivateKey);
        Assert.Null(key.D);
    }

    [Fact]
    public async Task LoadOrCreate_FirstStart_StoresAKeyThatOnlyItsOwnerReads()
    {
        var directory = Directory.CreateTempSubdirectory("key-");
        try
        {
            string path = Path.Combine(directory.FullName, "deeper", "viewer.pem");
            using var first = ViewerTokenSigner.LoadOrCreate(path, _clock);
            using var second = ViewerTokenSigner.LoadOrCreate(path, _clock);
            string token = second.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token;

            Assert.NotNull(await new ViewerTokenVerifier(first.GetJwks(), _clock).VerifyAsync(token, "s1"));
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }

            await File.WriteAllTextAsync(path, "no key");
            Assert.Throws<InvalidDataException>(() => ViewerTokenSigner.LoadOrCreate(path, _clock));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public void Dispose() => _signer.Dispose();

    private sealed class MovableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
