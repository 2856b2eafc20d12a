namespace MotionGateway.Gateway;

/// <summary>A LiveKit project that sessions may be published into.</summary>
public sealed class LiveKitCredentials
{
    /// <summary>The LiveKit server (ws, wss, http or https), as the Motion Server and viewers reach it.</summary>
    public string Url { get; set; } = "";

    /// <summary>The project's API key.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>The project's API secret, which signs tokens. It leaves the gateway in no form.</summary>
    public string ApiSecret { get; set; } = "";

    /// <summary>Whether the publisher's token lets it hear the room. The Motion Server has not been seen to need it. Default false.</summary>
    public bool PublisherMaySubscribe { get; set; }

    /// <summary>The server; never a credential.</summary>
    public override string ToString() => $"LiveKitCredentials {{ Url = {Url} }}";
}
