using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MotionGateway.EndToEnd.Tests.Metrics;

/// <summary>An instrument, and the attributes that the code measures it with.</summary>
internal sealed class MeasuredInstrument(Instrument instrument)
{
    private readonly ConcurrentDictionary<string, bool> _attributes = new(StringComparer.Ordinal);

    public string Meter { get; } = instrument.Meter.Name;

    public string Name { get; } = instrument.Name;

    public string Unit { get; } = instrument.Unit ?? "";

    public string Description { get; } = instrument.Description ?? "";

    public IEnumerable<string> Attributes => _attributes.Keys.Order(StringComparer.Ordinal);

    /// <summary>Such as <c>Counter</c>.</summary>
    public string Kind { get; } = instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal);

    /// <summary>What Prometheus calls it, by the rules of OpenTelemetry; of a histogram without <c>_bucket</c>, <c>_sum</c>, <c>_count</c>.</summary>
    public string PrometheusName
    {
        get
        {
            string unit = Unit switch
            {
                "s" => "_seconds",
                "By" => "_bytes",
                _ => "",
            };
            return $"{Name.Replace('.', '_')}{unit}{(Kind == "Counter" ? "_total" : "")}";
        }
    }

    /// <summary>It was measured with an attribute.</summary>
    public void Note(string attribute) => _attributes.TryAdd(attribute, true);
}
