using System.Diagnostics.Metrics;

namespace MotionGateway.MotionServer;

/// <summary>What is measured about session tokens.</summary>
internal static class TokenTelemetry
{
    private static readonly Counter<long> Fetched = MotionServerTelemetry.Meter.CreateCounter<long>(
        "motion_server.client.tokens.fetched", "{token}", "Session tokens fetched.");

    private static readonly Counter<long> HandedOut = MotionServerTelemetry.Meter.CreateCounter<long>(
        "motion_server.client.tokens.handed_out", "{token}", "Times that a connect got a session token, by where it came from.");

    private static readonly Counter<long> Discarded = MotionServerTelemetry.Meter.CreateCounter<long>(
        "motion_server.client.tokens.discarded", "{token}", "Session tokens thrown away, by reason.");

    public static void RecordFetched() => Fetched.Add(1);

    public static void RecordHandedOut(bool fromStock) =>
        HandedOut.Add(1, new KeyValuePair<string, object?>("motion_server.token.source", fromStock ? "stock" : "fetched"));

    public static void RecordDiscarded(TokenDiscardReason reason) =>
        Discarded.Add(1, new KeyValuePair<string, object?>("motion_server.reason", reason switch
        {
            TokenDiscardReason.Expiring => "expiring",
            TokenDiscardReason.Refused => "refused",
            TokenDiscardReason.Surplus => "surplus",
            _ => "disposed",
        }));
}
