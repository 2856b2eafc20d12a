using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Publishes into an Agora channel.</summary>
public sealed class AgoraEgress : MotionEgress
{
    private readonly string _token;

    /// <summary>Publishes into a channel.</summary>
    /// <param name="channelName">The channel to join.</param>
    /// <param name="publisherId">The identity to publish as.</param>
    /// <param name="token">The channel token, a secret; empty for a project that uses none.</param>
    /// <exception cref="ArgumentException">The channel or the identity is empty.</exception>
    public AgoraEgress(string channelName, string publisherId, string token = "")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(channelName);
        ArgumentException.ThrowIfNullOrWhiteSpace(publisherId);
        ArgumentNullException.ThrowIfNull(token);
        (ChannelName, PublisherId, _token) = (channelName, publisherId, token);
    }

    /// <summary>The channel to join.</summary>
    public string ChannelName { get; }

    /// <summary>The identity to publish as.</summary>
    public string PublisherId { get; }

    /// <summary>The publisher's number in the channel. 0 (the default) lets Agora choose.</summary>
    public uint Uid { get; init; }

    internal override IEnumerable<string> Secrets => _token.Length > 0 ? [_token] : [];

    /// <summary>The channel; never the token.</summary>
    public override string ToString() => $"AgoraEgress {{ ChannelName = {ChannelName}, PublisherId = {PublisherId} }}";

    internal override void WriteTo(ClientConfigureSession configuration)
    {
        configuration.EgressType = EgressType.Agora;
        configuration.AgoraEgress = new AgoraEgressConfig { ChannelName = ChannelName, PublisherId = PublisherId, Token = _token, Uid = Uid };
    }
}
