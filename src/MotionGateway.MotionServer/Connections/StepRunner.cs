using System.Diagnostics;
using System.Net.WebSockets;

namespace MotionGateway.MotionServer;

/// <summary>Runs the steps of opening a connection: each has a time limit, a span, a duration, and fails with a typed error only.</summary>
internal sealed class StepRunner(TimeProvider time, TimeSpan limit, string? region = null)
{
    /// <summary>Runs one step.</summary>
    /// <param name="step">Its name in spans and metrics.</param>
    /// <param name="phase">Its name in errors.</param>
    /// <param name="run">The step; passes its token on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MotionServerException">The step failed or took too long.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<T> RunAsync<T>(string step, MotionServerPhase phase, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        using Activity? activity = MotionServerTelemetry.Source.StartActivity($"motion_server {step}", ActivityKind.Client);
        activity?.SetTag(MotionServerTelemetry.RegionTag, region);
        using CancellationTokenSource timeout = new(limit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        long started = time.GetTimestamp();
        string? errorType = null;
        try
        {
            return await run(linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Which exception a cancelled socket throws depends on where it was; the tokens tell what happened.
            cancellationToken.ThrowIfCancellationRequested();
            MotionServerException? failure = exception switch
            {
                MotionServerException known => known,
                _ when timeout.IsCancellationRequested => Failures.TimedOut(phase, limit),
                OperationCanceledException => Failures.TimedOut(phase, limit),
                HttpRequestException or WebSocketException or IOException => Failures.NoConnection(phase, exception),
                _ => null,
            };
            failure?.Region ??= region;
            errorType = failure?.Code.ToStableName() ?? exception.GetType().FullName;
            activity?.SetTag(MotionServerTelemetry.ErrorType, errorType);
            activity?.SetStatus(ActivityStatusCode.Error, failure?.Message);
            if (failure is null || ReferenceEquals(failure, exception))
            {
                throw;
            }

            throw failure;
        }
        finally
        {
            MotionServerTelemetry.RecordStep(step, time.GetElapsedTime(started), errorType, region);
        }
    }
}
