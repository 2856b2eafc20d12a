using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>What a method takes of its caller. A method of which nothing is said serves nobody.</summary>
/// <param name="right">The right.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsAttribute(SessionRight right) : Attribute
{
    /// <summary>The right.</summary>
    public SessionRight Right => right;

    /// <summary>A viewer token in the request does as well: the method itself decides, when it has read it.</summary>
    public bool OrViewerToken { get; init; }
}
