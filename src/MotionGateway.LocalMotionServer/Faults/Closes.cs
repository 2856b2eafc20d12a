using System.Globalization;
using MotionGateway.LocalMotion.Ingress;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// Close codes, and what they mean without a <c>ServerError</c> before them. 1000 and 1001 are normal ends once a session has begun; no
/// code and one that nobody knows count as faults of the network.
/// </summary>
internal static class Closes
{
    /// <summary>Stands for a close frame without a code, and is never sent (RFC 6455, section 7.4.1).</summary>
    public const int NoCode = 1005;

    private const string None = "none";

    public static readonly string[] Codes = ["4503", None, "1000", "1001", "1011", "4000", "4001", "4002", "4003", "4010", "4500", "4999"];

    public static Ending Ending(string code) =>
        code == None ? new Ending(null, NoCode, "") : new Ending(null, int.Parse(code, CultureInfo.InvariantCulture), "the server closes");

    public static FaultOutcome Outcome(string code, FaultPoint point) => code switch
    {
        "1000" or "1001" when point == FaultPoint.End => FaultOutcome.Completed(connectionStays: false),
        "1000" or "1001" when point != FaultPoint.Handshake => FaultOutcome.AudioOnly(connectionStays: false),
        "4000" => FaultOutcome.Error(Verdict.InvalidRequest, point),
        "4001" => FaultOutcome.Error(Verdict.CreditsExhausted, point),
        "4002" => FaultOutcome.Error(Verdict.SessionDurationExceeded, point),
        "4003" => FaultOutcome.Error(Verdict.ConcurrencyLimit, point),
        "4010" => FaultOutcome.Error(Verdict.SessionTokenInvalid, point),
        "4503" => FaultOutcome.Error(Verdict.UpstreamError, point),
        _ => FaultOutcome.Error(Verdict.ConnectionClosed, point),
    };
}
