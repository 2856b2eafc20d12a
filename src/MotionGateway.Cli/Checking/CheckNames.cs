namespace MotionGateway.Cli.Checking;

/// <summary>Names of the checks, by which they build on each other.</summary>
internal static class CheckNames
{
    public const string Credential = "credential";
    public const string Session = "session";
    public const string Viewer = "viewer";
    public const string Tone = "tone";

    public static string Address(string peer) => $"{peer} address";

    public static string Certificate(string peer) => $"{peer} certificate";

    public static string Protocol(string peer) => $"{peer} protocol";

    public static string Health(string peer) => $"{peer} health";
}
