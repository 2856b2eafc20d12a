namespace MotionGateway.LocalMotion.Faults;

/// <summary>What a session that outlives its connections makes of a fault that strikes once, in the middle of a turn.</summary>
public enum SessionOutcome
{
    /// <summary>The turn has all of its motion by the connection that it has.</summary>
    Completed = 0,

    /// <summary>The turn has all of its motion by another connection, to which what is missing is said again.</summary>
    Recovered = 1,

    /// <summary>The turn is heard to its end, and the face rests: connecting again cannot help, or not in time.</summary>
    AudioOnly = 2,
}
