namespace MotionGateway.Sessions;

/// <summary>What somebody wants to do with a session.</summary>
public enum SessionRight
{
    /// <summary>Follow its log.</summary>
    Read,

    /// <summary>Drive it.</summary>
    Speak,

    /// <summary>Look at it, interrupt it, close it.</summary>
    Operate,

    /// <summary>Let viewers in.</summary>
    IssueTokens,
}
