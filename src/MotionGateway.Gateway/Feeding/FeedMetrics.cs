using System.Diagnostics.Metrics;
using System.Text.Json;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>What the gateway measures of its readers.</summary>
internal sealed class FeedMetrics
{
    public const string MeterName = "MotionGateway.Gateway";

    private readonly Counter<long> _slowReaders;

    public FeedMetrics(IMeterFactory factory) => _slowReaders = factory.Create(MeterName).CreateCounter<long>(
        "motiongateway.gateway.slow_readers", "{time}", "Times that readers did not keep up, by policy.");

    public void ReaderTooSlow(SlowReaderPolicy policy) => _slowReaders.Add(
        1, new KeyValuePair<string, object?>("motiongateway.slow_reader_policy", JsonNamingPolicy.SnakeCaseLower.ConvertName($"{policy}")));
}
