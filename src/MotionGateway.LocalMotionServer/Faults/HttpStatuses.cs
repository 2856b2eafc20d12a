using System.Globalization;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What an HTTP status says by itself, at the token and at the upgrade.</summary>
internal static class HttpStatuses
{
    public static readonly string[] Refusals = ["400", "401", "402", "403", "404", "408", "409", "429", "500", "502", "503", "504"];

    /// <summary>
    /// At the token it is the API key that a 401 refuses, for which there is no fresh one, and the app that a 403 refuses. What comes too
    /// late or too often is no fault of the request: 408 is a connection's, 429 a limit's.
    /// </summary>
    public static FaultOutcome Outcome(string status, FaultPoint point)
    {
        Verdict verdict = (status, point) switch
        {
            ("400", FaultPoint.Upgrade) => Verdict.SessionTokenInvalid,
            ("401", FaultPoint.Token) => Verdict.SessionTokenInvalid with { Retry = FaultRetry.Never },
            ("401", _) => Verdict.SessionTokenExpired,
            ("402", _) => Verdict.BillingRequired,
            ("403", FaultPoint.Token) or ("404", _) => Verdict.AppIdUnrecognized,
            ("408", _) => Verdict.ConnectionFailed,
            ("429", _) => Verdict.ConcurrencyLimit,
            (['5', ..], _) => Verdict.ServerError,
            _ => Verdict.InvalidRequest,
        };
        return FaultOutcome.Error(verdict, point) with { RetryAfter = status == "429" ? HttpExchange.AskedPause : null };
    }

    /// <summary>Answers with a status, and at 429 with the time to wait.</summary>
    public static FaultPlan Refuses(string status, Func<HttpExchange, int, Task> answer) => FaultPlan.Answers(exchange =>
    {
        int number = int.Parse(status, CultureInfo.InvariantCulture);
        if (number == 429)
        {
            exchange.AskForPause();
        }

        return answer(exchange, number);
    });
}
