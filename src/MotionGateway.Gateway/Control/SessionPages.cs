using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Lists sessions, a page at a time.</summary>
internal static class SessionPages
{
    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1000;

    public static ListSessionsResponse List(IEnumerable<Sessions.Session> sessions, ListSessionsRequest request)
    {
        if (request.PageSize is < 0 or > MaxPageSize)
        {
            throw Requests.Invalid("page_size", $"The page size is 0 to {MaxPageSize}.");
        }

        Requests.ValidateEnum("state", request.State);

        // The token is the last one of the page before: they go by age, and a session that has gone leaves its place.
        int size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var page = sessions
            .Where(session => request.PageToken.Length == 0 || string.CompareOrdinal(KeyOf(session), request.PageToken) > 0)
            .Where(session => MayMatch(session, request))
            .Select(session => (Key: KeyOf(session), Shown: session.Snapshot()))
            .Where(session => request.State == SessionState.Unspecified || session.Shown.State == request.State)
            .Take(size + 1)
            .ToList();
        var response = new ListSessionsResponse { Sessions = { page.Take(size).Select(session => session.Shown) } };
        response.NextPageToken = page.Count > size ? page[size - 1].Key : "";
        return response;
    }

    private static string KeyOf(Sessions.Session session) => $"{session.CreateTime.UtcTicks:x16}-{session.Id}";

    private static bool MayMatch(Sessions.Session session, ListSessionsRequest request) =>
        (request.AvatarId.Length == 0 || session.Settings.AvatarId == request.AvatarId)
        && (request.App.Length == 0 || session.Settings.App.Equals(request.App, StringComparison.OrdinalIgnoreCase))
        && (request.Caller.Length == 0 || session.Settings.Caller == request.Caller)
        && request.Labels.All(label => session.Settings.Labels.TryGetValue(label.Key, out string? value) && value == label.Value);
}
