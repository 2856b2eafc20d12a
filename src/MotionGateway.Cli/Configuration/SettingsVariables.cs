using System.Collections;
using System.Text.RegularExpressions;

namespace MotionGateway.Cli.Configuration;

/// <summary>Environment variables: those that are settings, those of the commands, and those that were meant to be one.</summary>
internal static partial class SettingsVariables
{
    /// <summary>What the variables of settings begin with.</summary>
    public const string Prefix = "MOTIONGATEWAY__";

    /// <summary>The gateway's address for the commands that call one.</summary>
    public const string GatewayAddress = "MOTIONGATEWAY_GATEWAY";

    /// <summary>The relay's address for the commands that name a page.</summary>
    public const string RelayAddress = "MOTIONGATEWAY_RELAY";

    /// <summary>The viewer token for <c>watch</c>.</summary>
    public const string ViewerToken = "MOTIONGATEWAY_VIEWER_TOKEN";

    /// <summary>File of the CAs that commands believe servers by.</summary>
    public const string CaFile = "MOTIONGATEWAY_CACERT";

    /// <summary>File of the certificate that commands call with.</summary>
    public const string CertificateFile = "MOTIONGATEWAY_CERT";

    /// <summary>File of that certificate's private key.</summary>
    public const string KeyFile = "MOTIONGATEWAY_KEY";

    /// <summary>File of the API key that commands call a gateway with.</summary>
    public const string ApiKeyFile = "MOTIONGATEWAY_API_KEY_FILE";

    private const string Beginning = "MOTIONGATEWAY";

    private static readonly string[] OfCommands = [GatewayAddress, RelayAddress, ViewerToken, CaFile, CertificateFile, KeyFile, ApiKeyFile];

    /// <summary>The variable of a setting.</summary>
    /// <param name="path">Such as <c>Gateway:Urls</c>.</param>
    public static string NameOf(string path) => Prefix + path.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Finds variables that look like settings and are not read, such as those with one underscore where two belong.</summary>
    public static IEnumerable<string> FindProblems()
    {
        var paths = ServiceSettings.AllPaths.ToLookup(Compact, StringComparer.OrdinalIgnoreCase);
        foreach (string name in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => (string)variable.Key).Order(StringComparer.Ordinal))
        {
            if (IsStray(name) && NearestName.Find(Compact(name[Beginning.Length..]), paths.Select(group => group.Key)) is { } nearest)
            {
                yield return $"The variable {name} is not read: did you mean {NameOf(paths[nearest].First())}?";
            }
        }
    }

    private static bool IsStray(string name) =>
        name.StartsWith(Beginning, StringComparison.OrdinalIgnoreCase) && !name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && !OfCommands.Contains(name, StringComparer.OrdinalIgnoreCase) && !OfKubernetes().IsMatch(name);

    private static string Compact(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);

    // Kubernetes puts such variables into every container beside a Service that is named after this program.
    [GeneratedRegex("_SERVICE_(HOST|PORT)|_PORT(_[0-9]|$)", RegexOptions.IgnoreCase)]
    private static partial Regex OfKubernetes();
}
