using Microsoft.Extensions.Logging;

namespace MotionGateway.Testing;

/// <summary>One line of a log.</summary>
/// <param name="Category">The logger's name.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="EventId">Which event it is.</param>
/// <param name="Message">The text.</param>
/// <param name="Exception">The exception that was logged, or null.</param>
/// <param name="Scope">What the scopes hold in which it was logged, the innermost last.</param>
public sealed record LogEntry(
    string Category, LogLevel Level, EventId EventId, string Message, Exception? Exception, IReadOnlyList<KeyValuePair<string, object?>> Scope);
