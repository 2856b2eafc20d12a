namespace MotionGateway.Gateway;

/// <summary>An Agora project that sessions may be published into.</summary>
public sealed class AgoraCredentials
{
    /// <summary>The project's App ID: 32 hexadecimal digits. Viewers see it.</summary>
    public string AppId { get; set; } = "";

    /// <summary>The project's primary certificate, which signs tokens: 32 hexadecimal digits. It leaves the gateway in no form.</summary>
    public string AppCertificate { get; set; } = "";

    /// <summary>The App ID; never the certificate.</summary>
    public override string ToString() => $"AgoraCredentials {{ AppId = {AppId} }}";
}
