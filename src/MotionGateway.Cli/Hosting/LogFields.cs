using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MotionGateway.Cli.Hosting;

/// <summary>
/// The fields of a line: the ids in its scopes, then its own. Of scopes only these ids are shown: what the server puts there names
/// addresses, which can hold tokens.
/// </summary>
internal static class LogFields
{
    private const string Template = "{OriginalFormat}";

    private static readonly string[] Ids = ["CallId", "CallerId", "SessionId", "TurnId", "ViewerId", "ReaderId"];

    /// <summary>The ids in the scopes of a line; the innermost one counts.</summary>
    public static Dictionary<string, object> ReadScopes(IExternalScopeProvider? scopes)
    {
        var ids = new Dictionary<string, object>();
        scopes?.ForEachScope(static (scope, ids) =>
        {
            if (scope is IEnumerable<KeyValuePair<string, object?>> values)
            {
                foreach (var (name, value) in values)
                {
                    if (Array.IndexOf(Ids, name) >= 0)
                    {
                        Set(ids, name, value);
                    }
                }
            }
        }, ids);
        return ids;
    }

    /// <summary>Those of the line itself.</summary>
    public static Dictionary<string, object> ReadState<TState>(in LogEntry<TState> entry)
    {
        var fields = new Dictionary<string, object>();
        if (entry.State is IEnumerable<KeyValuePair<string, object?>> values)
        {
            foreach (var (name, value) in values)
            {
                if (name != Template)
                {
                    Set(fields, name, value);
                }
            }
        }

        return fields;
    }

    // What has no value is left out.
    private static void Set(Dictionary<string, object> fields, string name, object? value)
    {
        if (value is not (null or ""))
        {
            fields[JsonNamingPolicy.SnakeCaseLower.ConvertName(name)] = value;
        }
    }
}
