using System.Collections;

namespace MotionGateway.EdgeRelay;

/// <summary>What lines are about that are logged while a viewer is served, as far as it is known by then.</summary>
internal sealed class ViewerScope(Viewer viewer) : IEnumerable<KeyValuePair<string, object?>>
{
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return new("SessionId", viewer.SessionId);
        yield return new("ViewerId", viewer.Key.ViewerId);
        yield return new("ReaderId", viewer.Key.ReaderId);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
