using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>
/// What the library measures for this test: the meter is the process's, and other tests may have left something that runs on.
/// Counted is what flows from the test, and what names a region that is this test's alone.
/// </summary>
internal sealed class Measurements : IDisposable
{
    private static readonly AsyncLocal<Measurements?> Current = new();

    private readonly ConcurrentQueue<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> _seen = new();
    private readonly MeterListener _listener = new();
    private readonly string? _region;

    /// <param name="region">A region of which nobody else measures anything; null for none.</param>
    public Measurements(string? region = null)
    {
        _region = region;
        Current.Value = this;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MotionServerTelemetry.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Each measurement of an instrument: its value, and its tags behind it. A peer's address and port are left out.</summary>
    public string[] Of(string name) => [.. _seen.Where(entry => entry.Name == name).Select(entry => string.Join(
        ' ',
        entry.Tags.Where(tag => tag.Key is not ("server.address" or "server.port")).Select(tag => $"{tag.Key}={tag.Value}").Prepend(entry.Value.ToString(CultureInfo.InvariantCulture))))];

    /// <summary>Each measurement's value of a tag; null where there is none.</summary>
    public object?[] Tags(string name, string tag) => [.. _seen.Where(entry => entry.Name == name).Select(entry => entry.Tags.FirstOrDefault(known => known.Key == tag).Value)];

    /// <summary>Each value of an instrument.</summary>
    public double[] Values(string name) => [.. _seen.Where(entry => entry.Name == name).Select(entry => entry.Value)];

    public void Dispose()
    {
        _listener.Dispose();
        Current.Value = null;
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // What several callers share, such as finding the region, belongs to none of them.
        bool isOurs = ReferenceEquals(Current.Value, this) || (Current.Value is null && instrument.Name == "motion_server.client.bootstraps");
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            isOurs |= _region is not null && tag.Key == "motion_server.region" && tag.Value as string == _region;
        }

        if (isOurs)
        {
            _seen.Enqueue((instrument.Name, value, tags.ToArray()));
        }
    }
}
