namespace MotionGateway.Protocol;

/// <summary>What a viewer may do beyond viewing.</summary>
[Flags]
public enum ViewerPermissions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>May interrupt the avatar; <c>interrupt</c> in a token.</summary>
    Interrupt = 1,

    /// <summary>May send text and microphone audio, and report its playback; <c>talk</c> in a token.</summary>
    Talk = 2,
}
