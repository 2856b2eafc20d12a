namespace MotionGateway.Protocol;

/// <summary>Who a viewer is, by its token.</summary>
/// <param name="ViewerId">The viewer.</param>
/// <param name="SessionId">The session that it may view.</param>
/// <param name="Permissions">What it may do beyond viewing.</param>
/// <param name="ExpireTime">When the token expires.</param>
public sealed record ViewerIdentity(
    string ViewerId, string SessionId, ViewerPermissions Permissions, DateTimeOffset ExpireTime)
{
    private static readonly TimeSpan LongestNotice = TimeSpan.FromMinutes(1);

    /// <summary>The one reader's name that the token is good for: it is a ticket. Null: any.</summary>
    public string? ReaderId { get; init; }

    /// <summary>When the token opens the session no more: clocks may differ a little.</summary>
    public DateTimeOffset EndTime => ExpireTime + ViewerTokens.ClockSkew;

    /// <summary>When the viewer is to be told that its token expires: a minute before, or halfway there where less than two are left.</summary>
    /// <param name="now">The time at present.</param>
    public DateTimeOffset GetNoticeTime(DateTimeOffset now)
    {
        var half = (ExpireTime - now) / 2;
        return ExpireTime - (half < LongestNotice ? half : LongestNotice);
    }

    /// <summary>The name of a reader of this viewer.</summary>
    /// <param name="asked">What it asks to be called; empty where it does not mind.</param>
    /// <param name="field">Where the token stood in the request.</param>
    /// <returns>The ticket's name, else what was asked for.</returns>
    /// <exception cref="Feeds.GatewayException">VIEWER_TOKEN_INVALID: the ticket is another reader's.</exception>
    public string ChooseReaderId(string asked, string field)
    {
        ArgumentNullException.ThrowIfNull(asked);
        return ReaderId is null || asked.Length == 0 || asked == ReaderId ? ReaderId ?? asked : throw ViewerTokens.Invalid(field);
    }

    /// <summary>Takes a newer token of the same viewer.</summary>
    /// <param name="renewed">Who the newer token stands for.</param>
    /// <returns>The identity from now on.</returns>
    /// <exception cref="Feeds.GatewayException">VIEWER_TOKEN_INVALID: it is another viewer's, or the ticket of another reader.</exception>
    public ViewerIdentity Renew(ViewerIdentity renewed)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        return renewed.ViewerId == ViewerId && renewed.SessionId == SessionId && (renewed.ReaderId is null || renewed.ReaderId == ReaderId)
            ? renewed
            : throw ViewerTokens.Invalid(ViewerTokens.RenewalField);
    }
}
