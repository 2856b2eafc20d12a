namespace MotionGateway.Cli.Viewing;

/// <summary>The page that a relay serves.</summary>
internal static class ViewerPage
{
    /// <summary>Where a browser sees a session. What follows the # stays in the browser: the token reaches no log.</summary>
    public static string AddressOf(Uri relay, string sessionId, string viewerToken) =>
        $"{relay.GetLeftPart(UriPartial.Authority)}/#session={Uri.EscapeDataString(sessionId)}&token={Uri.EscapeDataString(viewerToken)}";
}
