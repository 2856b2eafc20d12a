using MotionGateway.V1;

namespace MotionGateway.Protocol;

/// <summary>Permissions as the protos list them.</summary>
public static class ViewerPermissionNames
{
    /// <summary>Every permission there is.</summary>
    public const ViewerPermissions All = ViewerPermissions.Interrupt | ViewerPermissions.Talk;

    /// <summary>Lists permissions one by one.</summary>
    public static IEnumerable<ViewerPermission> ToMessages(this ViewerPermissions permissions)
    {
        if (permissions.HasFlag(ViewerPermissions.Interrupt))
        {
            yield return ViewerPermission.Interrupt;
        }

        if (permissions.HasFlag(ViewerPermissions.Talk))
        {
            yield return ViewerPermission.Talk;
        }
    }
}
