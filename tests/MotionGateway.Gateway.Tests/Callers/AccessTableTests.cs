using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>What callers may do is what docs/security.md says, for every method that a gateway serves.</summary>
public sealed class AccessTableTests : IAsyncLifetime, IDisposable
{
    private readonly CallerKeys _keys = new();
    private readonly TokenIssuer _issuer = new();
    private readonly DocumentedTable _table = DocumentedTable.Read("docs/security.md", "method");
    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;
    private string _all = "";

    public async Task InitializeAsync()
    {
        _all = _keys.Create("all");
        string keyFile = Path.ChangeExtension(_keys.Path, ".pem");
        await File.WriteAllTextAsync(keyFile, _issuer.PublicPem);
        _gateway = await GatewayUnderTest.StartAsync(options => options.Callers = new CallersOptions
        {
            ApiKeysFile = _keys.Path,
            Jwt = new JwtCallerOptions { Issuer = TokenIssuer.Name, Audience = TokenIssuer.Audience, KeyFile = keyFile },
        });
        _speaker = await Speaker.OpenAsync(new SpeechService.SpeechServiceClient(GatewayCalls.As(_gateway.Channel, _all)));
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    public void Dispose()
    {
        _issuer.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void Rows_AreEveryMethodThatIsServed()
    {
        var served = _gateway.App.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName.TrimStart('/'))
            .OfType<string>().Distinct();

        Assert.Equal(served.Order(StringComparer.Ordinal), _table.Rows.Keys.Select(MethodOf).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public Task ApiKeys_MayDoWhatIsDocumented()
    {
        string other = _keys.Create("other", apps: ["another"]);
        var byScope = Scopes.Names.ToDictionary(scope => scope, scope => _keys.Create(scope, [scope]));
        _keys.Create("revoked");
        string[] wrong =
        [
            _keys.Create("expired", expires: DateTimeOffset.UtcNow.AddSeconds(-1)), "mgk_revoked_0000", "mgk_nobody_0000", "mgk_", "mgk_all_",
            $"{_all}0", _all.Replace("mgk_all_", "mgk_other_", StringComparison.Ordinal), "nonsense",
        ];
        Refresh();

        return AssertDocumentedAsync(column => column switch
        {
            "wrong" => wrong,
            "other app" => [other],
            _ => [byScope[column]],
        });
    }

    [Fact]
    public Task Tokens_MayDoWhatIsDocumented()
    {
        using var stranger = new TokenIssuer();
        var all = Claims(string.Join(' ', Scopes.Names));
        string[] wrong =
        [
            _issuer.Issue(all, token => token.Expires = DateTime.UtcNow.AddMinutes(-2)),
            _issuer.Issue(all, token => token.Expires = null),
            _issuer.Issue(all, token => token.NotBefore = DateTime.UtcNow.AddMinutes(2)),
            _issuer.Issue(all, token => token.Issuer = "https://another.example"),
            _issuer.Issue(all, token => token.Audience = "another"),
            _issuer.Issue(new(all) { ["sub"] = "" }),
            _issuer.Issue(all, token => token.SigningCredentials = null),
            _issuer.Issue(all, token => token.SigningCredentials = new SigningCredentials(
                new SymmetricSecurityKey(System.Text.Encoding.UTF8.GetBytes(_issuer.PublicPem)), SecurityAlgorithms.HmacSha256)),
            stranger.Issue(all),
        ];

        return AssertDocumentedAsync(column => column switch
        {
            "wrong" => wrong,
            "other app" => [_issuer.Issue(new(all) { ["app"] = "another" }), _issuer.Issue(new(all) { ["app"] = Array.Empty<string>() })],
            _ => [_issuer.Issue(Claims($"profile {column}"))],
        });
    }

    private static Dictionary<string, object> Claims(string scope) => new() { ["sub"] = "agent", ["scope"] = scope };

    private static bool EndsSession(string row) =>
        row.EndsWith("CloseSession", StringComparison.Ordinal) || row.EndsWith("resume", StringComparison.Ordinal);

    private static string MethodOf(string row) => row.Split(',')[0];

    private async Task AssertDocumentedAsync(Func<string, string[]> credentialsOf)
    {
        var credentials = _table.Columns.ToDictionary(
            column => column, column => column is "none" or "viewer token" ? new string?[] { null } : credentialsOf(column));
        var differences = await _table.FindDifferencesAsync(async (row, column) =>
        {
            HashSet<string> answers = [];
            foreach (string? credential in credentials[column])
            {
                answers.Add(await AnswerAsync(row, credential, hasViewerToken: column == "viewer token"));
            }

            return string.Join(" or ", answers);
        });

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private async Task<string> AnswerAsync(string row, string? credential, bool hasViewerToken)
    {
        // A session of its own for what ends it, or who speaks.
        using var own = EndsSession(row) ? await Speaker.OpenAsync(new SpeechService.SpeechServiceClient(GatewayCalls.As(_gateway.Channel, _all))) : null;
        var session = (own ?? _speaker).Opened;
        var calls = new GatewayCalls(GatewayCalls.As(_gateway.Channel, credential)) { ViewerToken = hasViewerToken ? session.ViewerToken : "" };
        try
        {
            return await calls.MakeAsync(row, session) is { Length: > 0 } remark ? remark : "yes";
        }
        catch (RpcException refusal) when (RpcErrors.TryRead(refusal, out var failure))
        {
            return (refusal.StatusCode, failure.Reason) switch
            {
                (StatusCode.Unauthenticated, ErrorReason.CredentialInvalid) => "who?",
                (StatusCode.PermissionDenied, ErrorReason.NotPermitted) => "no scope",
                (StatusCode.NotFound, ErrorReason.SessionNotFound) => "no session",
                (StatusCode.PermissionDenied, ErrorReason.AppNotFound) => "no app",
                (StatusCode.Unauthenticated, ErrorReason.ViewerTokenInvalid) => "no token",
                // There is no room to join; but who asks may.
                (_, ErrorReason.NoEgress) => "yes",
                var answer => $"{answer}",
            };
        }
    }

    private void Refresh() => _gateway.App.Services.GetRequiredService<Reloaded<ApiKeyRing>>().Refresh();
}
