using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace MotionGateway.MotionServer.Tests.Scripted;

/// <summary>Spans that stop, of what this test calls: other tests may have left something that ends only now.</summary>
internal sealed class SpansOfThisTest : IDisposable, IEnumerable<Activity>
{
    private readonly ConcurrentQueue<Activity> _stopped = new();
    private readonly Activity _test = new Activity("test").Start();
    private readonly ActivityListener _listener;

    public SpansOfThisTest()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MotionServerTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // What several callers share, such as finding the region, belongs to none of them.
                if (activity.TraceId == _test.TraceId || activity.Parent is null && activity.OperationName.EndsWith(" region", StringComparison.Ordinal))
                {
                    _stopped.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IEnumerator<Activity> GetEnumerator() => _stopped.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        _listener.Dispose();
        _test.Dispose();
    }
}
