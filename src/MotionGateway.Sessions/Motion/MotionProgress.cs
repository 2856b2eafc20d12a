namespace MotionGateway.Sessions;

/// <summary>How far the motion of a turn has come.</summary>
internal enum MotionProgress
{
    /// <summary>More is to come.</summary>
    Pending,

    /// <summary>All of it is there.</summary>
    Complete,

    /// <summary>No more will come: the rest of the turn is audio only.</summary>
    Lost,
}
