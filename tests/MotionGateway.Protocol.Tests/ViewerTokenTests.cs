using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using MotionGateway.Feeds;
using MotionGateway.V1;

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

        var viewer = await VerifyAsync(issued.Token);

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

        Assert.Equal(permissions, (await VerifyAsync(token)).Permissions);
    }

    [Fact]
    public async Task Verify_TokenThatHasExpired_IsToldApartWhereAllElseIsRight()
    {
        using var other = ViewerTokenSigner.CreateInMemory(_clock);
        string token = _signer.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token;
        string forged = other.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token;
        _clock.Now += TimeSpan.FromSeconds(63);
        Assert.NotNull(await VerifyAsync(token));

        _clock.Now += TimeSpan.FromSeconds(5);
        Assert.Equal(ErrorReason.ViewerTokenExpired, await FaultOfAsync(token));
        Assert.Equal(ErrorReason.ViewerTokenInvalid, await FaultOfAsync(token, "s2"));
        Assert.Equal(ErrorReason.ViewerTokenInvalid, await FaultOfAsync(forged));
    }

    [Fact]
    public async Task Verify_TokenThatDoesNotFit_IsInvalid()
    {
        string good = _signer.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token;
        string[] parts = good.Split('.');
        using var other = ViewerTokenSigner.CreateInMemory(_clock);
        string[] wrong =
        [
            "", "a.b.c", new string('x', 100_000), $"{parts[0]}.{parts[1]}.",
            other.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token,
        ];

        Assert.Equal(ErrorReason.ViewerTokenInvalid, await FaultOfAsync(good, "s2"));
        foreach (string token in wrong)
        {
            Assert.Equal(ErrorReason.ViewerTokenInvalid, await FaultOfAsync(token));
        }

        Assert.NotNull(await VerifyAsync(good));
    }

    [Theory]
    [InlineData(600, 540)]
    [InlineData(120, 60)]
    [InlineData(60, 30)]
    [InlineData(2, 1)]
    public void NoticeTime_IsAMinuteBeforeOrHalfOfWhatIsLeft(int left, int noticeIn)
    {
        var now = _clock.GetUtcNow();
        var viewer = new ViewerIdentity("ann", "s1", default, now.AddSeconds(left));

        Assert.Equal(now.AddSeconds(noticeIn), viewer.GetNoticeTime(now));
    }

    [Fact]
    public void Renew_TokenOfAnotherViewerOrSession_IsInvalid()
    {
        var viewer = new ViewerIdentity("ann", "s1", default, _clock.GetUtcNow());
        var later = viewer with { ExpireTime = viewer.ExpireTime.AddHours(1), Permissions = ViewerPermissions.Talk };

        Assert.Equal(later, viewer.Renew(later));
        Assert.Equal("renew_token.viewer_token", Assert.Throws<GatewayException>(() => viewer.Renew(later with { ViewerId = "bob" })).Field);
        Assert.Throws<GatewayException>(() => viewer.Renew(later with { SessionId = "s2" }));
    }

    // The public key must not be taken for an HMAC secret, nor another audience or issuer for this one.
    [Theory]
    [InlineData("HS256", "motiongateway", "motiongateway.feed", true)]
    [InlineData("ES256", "somebody", "motiongateway.feed", true)]
    [InlineData("ES256", "motiongateway", "motiongateway.speech", true)]
    [InlineData("ES256", "motiongateway", "motiongateway.feed", false)]
    public async Task Verify_ForgedWithARightKey_IsInvalid(string algorithm, string issuer, string audience, bool expires)
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

        Assert.Equal(ErrorReason.ViewerTokenInvalid, await FaultOfAsync(token, verifier: new ViewerTokenVerifier(jwks, _clock)));
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

            Assert.NotNull(await new ViewerTokenVerifier(first.GetJwks(), _clock).VerifyAsync(token, "s1", ViewerTokens.StartField));
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

    [Fact]
    public async Task Load_SeveralKeys_TheFirstSignsAndTokensOfAllAreGood()
    {
        var directory = Directory.CreateTempSubdirectory("keys-");
        try
        {
            string[] paths = [Path.Combine(directory.FullName, "new.pem"), Path.Combine(directory.FullName, "old.pem")];
            using var old = ViewerTokenSigner.LoadOrCreate(paths[1], _clock);
            using var alone = ViewerTokenSigner.LoadOrCreate(paths[0], _clock);
            using var both = ViewerTokenSigner.Load([.. paths, paths[1]], _clock);
            var verifier = new ViewerTokenVerifier(both.GetJwks(), _clock);

            foreach (var signer in (ViewerTokenSigner[])[old, both])
            {
                string token = signer.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token;
                Assert.NotNull(await verifier.VerifyAsync(token, "s1", ViewerTokens.StartField));
            }

            string signed = both.Issue("s1", "ann", default, TimeSpan.FromMinutes(1)).Token;
            Assert.NotNull(await new ViewerTokenVerifier(alone.GetJwks(), _clock).VerifyAsync(signed, "s1", ViewerTokens.StartField));
            Assert.Equal(2, new JsonWebKeySet(both.GetJwks()).Keys.Count);
            File.Delete(paths[1]);
            Assert.Throws<FileNotFoundException>(() => ViewerTokenSigner.Load(paths, _clock));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public void Dispose() => _signer.Dispose();

    private ValueTask<ViewerIdentity> VerifyAsync(string token) => _verifier.VerifyAsync(token, "s1", ViewerTokens.StartField);

    private async Task<ErrorReason> FaultOfAsync(string token, string sessionId = "s1", ViewerTokenVerifier? verifier = null)
    {
        var fault = await Assert.ThrowsAsync<GatewayException>(
            async () => await (verifier ?? _verifier).VerifyAsync(token, sessionId, ViewerTokens.RenewalField));
        Assert.Equal("renew_token.viewer_token", fault.Field);
        return fault.Reason;
    }

    private sealed class MovableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
