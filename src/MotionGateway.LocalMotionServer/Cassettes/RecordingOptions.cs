namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Makes a local Motion Server a recording proxy: it passes everything on to another Motion Server and keeps it in a cassette.</summary>
public sealed class RecordingOptions
{
    /// <summary>The cassette to write; must not exist. Required.</summary>
    public string File { get; set; } = "";

    /// <summary>The other server's console endpoint (http or https), such as <c>https://console.us-west.spatius.ai/v1/console</c>. Required.</summary>
    public Uri? ConsoleUrl { get; set; }

    /// <summary>The other server's ingress endpoint (ws, wss, http or https), without <c>/websocket</c>. Required.</summary>
    public Uri? IngressUrl { get; set; }

    internal RecordingOptions Copy() => (RecordingOptions)MemberwiseClone();

    /// <summary>Everything that is wrong, each with the option's path.</summary>
    internal IEnumerable<string> FindErrors()
    {
        const string Group = nameof(LocalMotionServerOptions.Record);
        if (string.IsNullOrWhiteSpace(File))
        {
            yield return $"{Group}:{nameof(File)} is empty.";
        }

        if (ConsoleUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            yield return $"{Group}:{nameof(ConsoleUrl)} is no http or https URL.";
        }

        if (IngressUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https" or "ws" or "wss" })
        {
            yield return $"{Group}:{nameof(IngressUrl)} is no ws, wss, http or https URL.";
        }
    }
}
