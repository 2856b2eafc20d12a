namespace MotionGateway.MotionServer;

/// <summary>
/// One rule: it holds for its sources when a code, a text or the status matches (or when it names none of them),
/// and, where <see cref="AndTexts"/> is given, one of those texts occurs too.
/// </summary>
internal sealed record ErrorRule(int Row, ErrorSources Sources, MotionServerErrorCode Result)
{
    /// <summary>Codes, each compared as a whole and without case.</summary>
    public string[] Codes { get; init; } = [];

    /// <summary>Texts that occur anywhere in code, title or detail, without case.</summary>
    public string[] Texts { get; init; } = [];

    /// <summary>Texts of which one must occur besides.</summary>
    public string[] AndTexts { get; init; } = [];

    /// <summary>First HTTP status; 0 for none.</summary>
    public int FromStatus { get; init; }

    /// <summary>Last HTTP status.</summary>
    public int ThroughStatus { get; init; }

    public bool Matches(in ServerReport report)
    {
        if ((Sources & report.Source) == 0)
        {
            return false;
        }

        string text = report.Text;
        bool unconditional = Codes.Length == 0 && Texts.Length == 0 && FromStatus == 0;
        return (unconditional || Codes.Contains(report.Code, StringComparer.OrdinalIgnoreCase) || Occurs(Texts, text) || StatusMatches(report.HttpStatus))
            && (AndTexts.Length == 0 || Occurs(AndTexts, text));
    }

    private bool StatusMatches(int? status) => FromStatus != 0 && status >= FromStatus && status <= ThroughStatus;

    private static bool Occurs(string[] texts, string within)
    {
        foreach (string text in texts)
        {
            if (within.Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
