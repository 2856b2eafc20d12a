using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Spectre.Console;

namespace MotionGateway.Cli.Output;

/// <summary>
/// Where a command shows what it does. With JSON asked for, standard output carries JSON only and people read on
/// standard error.
/// </summary>
internal sealed class Screen
{
    private const int WidthWhenRedirected = 160;

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly TextWriter _people;
    private readonly Lock _lock = new();

    public Screen(bool isJson)
    {
        IsJson = isJson;
        _people = isJson ? System.Console.Error : System.Console.Out;
        Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_people) });
        IsLive = Console.Profile.Out.IsTerminal && Console.Profile.Capabilities.Ansi;
        if (!IsLive)
        {
            Console.Profile.Width = WidthWhenRedirected;
        }
    }

    /// <summary>Whether programs read standard output.</summary>
    public bool IsJson { get; }

    /// <summary>Whether a person looks at a terminal on which things can move.</summary>
    public bool IsLive { get; }

    /// <summary>For tables and what moves.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Makes a text safe for a terminal: what came from a peer must not steer it.</summary>
    public static string Clean(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) && source[i] != '\n' ? ' ' : source[i];
            }
        });

    /// <summary>Writes a line that is not the command's result, such as its progress, to standard error.</summary>
    public static void Note(string text) => System.Console.Error.WriteLine(Clean(text));

    /// <summary>Writes a line for people.</summary>
    public void Line(string text = "")
    {
        lock (_lock)
        {
            _people.WriteLine(Clean(text));
        }
    }

    /// <summary>Writes a line for people while something moves on the terminal.</summary>
    public void LineAbove(string text)
    {
        if (IsLive)
        {
            Console.WriteLine(Clean(text));
        }
        else
        {
            Line(text);
        }
    }

    /// <summary>Writes one line of JSON for programs; messages of the API by the rules of protobuf's JSON.</summary>
    public void Json(object value)
    {
        string line = value is IMessage message ? JsonFormatter.Default.Format(message) : JsonSerializer.Serialize(value, value.GetType(), JsonOptions);
        lock (_lock)
        {
            System.Console.Out.WriteLine(line);
            System.Console.Out.Flush();
        }
    }
}
