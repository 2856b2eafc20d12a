namespace MotionGateway.Cli.Output;

/// <summary>Tells why a command failed: people on standard error, and programs that asked for JSON by an object on standard output.</summary>
internal static class ErrorReport
{
    /// <summary>Tells it.</summary>
    /// <param name="isJson">Whether programs read standard output.</param>
    /// <param name="message">For people: what is wrong and what helps.</param>
    /// <param name="reason">For programs, such as <c>SESSION_NOT_FOUND</c>; null when there is only the text.</param>
    /// <param name="problems">With several problems: each in a sentence.</param>
    public static void Write(bool isJson, string message, string? reason = null, IReadOnlyList<string>? problems = null)
    {
        Console.Error.WriteLine($"error: {Screen.Clean(message)}");
        if (isJson)
        {
            new Screen(isJson).Json(new { error = new { reason, message, problems } });
        }
    }
}
