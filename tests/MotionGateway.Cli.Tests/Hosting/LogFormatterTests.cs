using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using MotionGateway.Cli.Hosting;

namespace MotionGateway.Cli.Tests.Hosting;

/// <summary>What a line of the log says, to programs and to people.</summary>
public sealed class LogFormatterTests
{
    private static readonly KeyValuePair<string, object?>[] State =
    [
        new("SessionId", "s-1"), new("TurnId", null), new("Count", 3), new("Message", "another"), new("{OriginalFormat}", "Session {SessionId} has {Count}"),
    ];

    private readonly LoggerExternalScopeProvider _scopes = new();

    [Fact]
    public void Json_ALine_HasTimeLevelCategoryEventIdsAndFields()
    {
        using var call = _scopes.Push(new KeyValuePair<string, object?>[] { new("CallId", "c-1"), new("SessionId", "of the call"), new("ViewerId", "") });
        using var server = _scopes.Push(new KeyValuePair<string, object?>[] { new("RequestPath", "/d/secret") });
        using var activity = new Activity("test").Start();

        var line = JsonDocument.Parse(Format(new JsonLogFormatter())).RootElement;

        Assert.Equal(
            ["timestamp", "level", "category", "event", "message", "call_id", "session_id", "count", "message_", "trace_id", "span_id"],
            line.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ("Warning", "Some.Category", "Happened", "Session s-1 has 3", "c-1", "s-1"),
            (Text("level"), Text("category"), Text("event"), Text("message"), Text("call_id"), Text("session_id")));
        Assert.Equal(3, line.GetProperty("count").GetInt32());
        Assert.Equal(activity.TraceId.ToHexString(), Text("trace_id"));
        Assert.True(DateTimeOffset.TryParse(Text("timestamp"), out var time) && DateTimeOffset.UtcNow - time < TimeSpan.FromMinutes(1));

        string Text(string name) => line.GetProperty(name).GetString()!;
    }

    [Fact]
    public void Json_TimesAndLists_AreThoseOfJson()
    {
        string[] files = ["one", "two"];
        var line = JsonDocument.Parse(
            Format(new JsonLogFormatter(), state: [new("Files", files), new("EndTime", DateTimeOffset.UnixEpoch)])).RootElement;

        Assert.Equal(files, line.GetProperty("files").EnumerateArray().Select(file => file.GetString()));
        Assert.Equal(DateTimeOffset.UnixEpoch, line.GetProperty("end_time").GetDateTimeOffset());
    }

    [Fact]
    public void Json_WithAnException_HasItsStack()
    {
        var line = JsonDocument.Parse(Format(new JsonLogFormatter(), exception: new InvalidOperationException("broken"))).RootElement;

        Assert.Contains("InvalidOperationException: broken", line.GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_ALine_EndsWithTheIdsThatItsMessageDoesNotTell()
    {
        using var call = _scopes.Push(new KeyValuePair<string, object?>[] { new("CallId", "c-1"), new("SessionId", "s-1") });
        using var server = _scopes.Push(new KeyValuePair<string, object?>[] { new("RequestPath", "/d/secret") });

        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d\d\d .*warn.*: Some\.Category\[7\] Session s-1 has 3 call_id=c-1\n$", Format(new TextLogFormatter()));
    }

    [Fact]
    public void Text_WhatSomebodyMadeUpHasLines_IsOneLine()
    {
        string line = Format(new TextLogFormatter(), text: "a name\r\n12:00:00.000 fail: that looks like a line");

        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    private string Format(ConsoleFormatter formatter, string text = "Session s-1 has 3", Exception? exception = null, KeyValuePair<string, object?>[]? state = null)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var entry = new LogEntry<KeyValuePair<string, object?>[]>(
            LogLevel.Warning, "Some.Category", new EventId(7, "Happened"), state ?? State, exception, (_, _) => text);
        formatter.Write(entry, _scopes, writer);
        return writer.ToString();
    }
}
