using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Egress;

/// <summary>Judges egress configurations. The texts are those by which clients tell a wrong configuration.</summary>
internal static class EgressRules
{
    private const string BothOrToken = "provide api_token or both api_key and api_secret";

    /// <summary>The target of a configuration that asks for egress, or the error that the client is to be told.</summary>
    public static (EgressTarget? Target, ServerError? Error) Read(ClientConfigureSession configuration, LocalMotionServerOptions options)
    {
        if (options.Egress == EgressSupport.None)
        {
            return (null, Refusals.Error(Refusals.Unavailable, "egress client is not configured on server"));
        }

        string? problem = configuration.EgressType switch
        {
            EgressType.Livekit => FindProblem(configuration.LivekitEgress),
            EgressType.Agora => FindProblem(configuration.AgoraEgress),
            _ => FormattableString.Invariant($"egress type {(int)configuration.EgressType} is unknown"),
        };
        if (problem is not null)
        {
            return (null, Refusals.Error(Refusals.InvalidArgument, problem));
        }

        if (configuration.EgressType == EgressType.Agora)
        {
            return (ToTarget(configuration.AgoraEgress), null);
        }

        LiveKitEgressConfig livekit = configuration.LivekitEgress;
        return livekit.ApiToken.Length > 0 && new LiveKitTokenCheck(options).FindProblem(livekit.ApiToken, livekit.RoomName) is { } wrong
            ? (null, Refusals.Error(Refusals.Unauthenticated, $"livekit_egress: unauthorized: {wrong}"))
            : (ToTarget(livekit), null);
    }

    private static string? FindProblem(LiveKitEgressConfig? livekit) =>
        livekit is null ? "livekit_egress is required with egress type LIVEKIT"
        : livekit.Url.Length == 0 ? "livekit_egress: url is required"
        : !IsServer(livekit.Url) ? "livekit_egress: url is no ws or wss URL"
        : livekit.RoomName.Length == 0 ? "livekit_egress: room_name is required"
        : livekit.PublisherId.Length == 0 ? "livekit_egress: publisher_id is required"
        : livekit.IdleTimeout < 0 ? "livekit_egress: idle_timeout is negative"
        : FindCredentialProblem(livekit);

    private static string? FindCredentialProblem(LiveKitEgressConfig livekit)
    {
#pragma warning disable CS0612 // Deprecated fields of the protocol, which clients still send.
        bool key = livekit.ApiKey.Length > 0;
        bool secret = livekit.ApiSecret.Length > 0;
#pragma warning restore CS0612
        return livekit.ApiToken.Length > 0 || (key && secret) ? null
            : key || secret ? $"livekit_egress: {BothOrToken}"
            : $"missing livekit credentials: {BothOrToken}";
    }

    private static string? FindProblem(AgoraEgressConfig? agora) =>
        agora is null ? "agora_egress is required with egress type AGORA"
        : agora.ChannelName.Length == 0 ? "agora_egress: channel_name is required"
        : agora.PublisherId.Length == 0 && agora.Uid == 0 ? "agora_egress: publisher_id or uid is required"
        : null;

    private static bool IsServer(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "ws" or "wss" or "http" or "https";

    private static EgressTarget ToTarget(LiveKitEgressConfig livekit) => new(
        "livekit",
        new Uri(livekit.Url).GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped),
        livekit.RoomName,
        livekit.PublisherId,
        0,
        livekit.ApiToken.Length > 0 ? "api_token" : "api_key and api_secret",
        livekit.IdleTimeout > 0 ? TimeSpan.FromSeconds(livekit.IdleTimeout) : null,
        [.. livekit.ExtraAttributes.Keys.Order(StringComparer.Ordinal)]);

    private static EgressTarget ToTarget(AgoraEgressConfig agora) =>
        new("agora", "", agora.ChannelName, agora.PublisherId, agora.Uid, agora.Token.Length > 0 ? "token" : "none", null, []);
}
