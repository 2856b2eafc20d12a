namespace MotionGateway.Sessions;

/// <summary>What a leg is told of a request besides its speech.</summary>
internal enum LegControl
{
    /// <summary>Nothing of it is wanted any more.</summary>
    Interrupt,

    /// <summary>No more speech comes for it.</summary>
    End,

    /// <summary>Its playback is to be held.</summary>
    Pause,

    /// <summary>Its held playback is to go on.</summary>
    Resume,
}
